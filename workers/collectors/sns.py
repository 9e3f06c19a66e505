"""Collector of SNS: topics, their subscriptions, and how their deliveries are logged and traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.sns import DELIVERIES, Subscription, Topic
from workers.collectors.base import Collector, Response, Session, pick

GET_ATTRIBUTES = "sns:GetTopicAttributes"
ROLES = ("SuccessFeedbackRoleArn", "FailureFeedbackRoleArn")


@Collector(
    fact=Topic, operations=("sns:ListTopics", "sns:ListSubscriptionsByTopic", GET_ATTRIBUTES)
)
def topics(session: Session) -> Iterator[Topic]:
    client = session.client("sns")
    for raw in session.items("sns", "list_topics", "Topics"):
        arn = raw["TopicArn"]
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        try:
            topic = parse_topic(raw, session.detail(pages.build_full_result))
            if has_loggable_delivery(topic):
                found = session.detail(client.get_topic_attributes, TopicArn=arn)
                topic = with_attributes(topic, found)
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed
        yield topic


def parse_topic(raw: Response, subscriptions: Response | Gap) -> Topic:
    """A topic of which no attributes were asked for."""
    found = pick(subscriptions, "Subscriptions", default=())
    if isinstance(found, Gap):
        return _topic(raw["TopicArn"], found, found, found)
    known = tuple(sorted(map(_subscription, found), key=repr))
    return _topic(raw["TopicArn"], known, (), None)


def _topic(arn: str, subscriptions: Any, logged: Any, tracing: Any) -> Topic:
    return Topic(arn=arn, subscriptions=subscriptions, logged_deliveries=logged, tracing=tracing)


def has_loggable_delivery(topic: Topic) -> bool:
    """Whether its attributes are asked for."""
    known = () if "subscriptions" in topic.gaps else topic.subscriptions
    return any(one.is_confirmed and one.delivery for one in known)


def with_attributes(topic: Topic, attributes: Response | Gap) -> Topic:
    """Attributes that were never set are left out of an answer; an answer without any is none."""
    values = pick(attributes, "Attributes", default=not_told(Topic.kind, GET_ATTRIBUTES))
    if isinstance(values, Gap):
        return _topic(topic.arn, topic.subscriptions, values, values)
    names = sorted(set(DELIVERIES.values()))
    logged = tuple(name for name in names if any(values.get(f"{name}{role}") for role in ROLES))
    return _topic(topic.arn, topic.subscriptions, logged, values.get("TracingConfig"))


def _subscription(raw: Response) -> Subscription:
    """In place of an ARN AWS writes PendingConfirmation or Deleted."""
    return Subscription(
        protocol=raw.get("Protocol", ""),
        is_confirmed=raw.get("SubscriptionArn", "").startswith("arn:"),
    )
