"""Collector of SNS: topics, their subscriptions and tracing, and what is logged of deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.sns import DELIVERIES, Subscription, Topic
from workers.collectors.base import Collector, Response, Session, pick

GET_ATTRIBUTES = "sns:GetTopicAttributes"


@Collector(
    fact=Topic,
    operations=("sns:ListTopics", "sns:ListSubscriptionsByTopic", GET_ATTRIBUTES),
)
def topics(session: Session) -> Iterator[Topic]:
    client = session.client("sns")
    for raw in session.items("sns", "list_topics", "Topics"):
        arn = raw["TopicArn"]
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        try:
            subscriptions = session.detail(pages.build_full_result)
            attributes = session.detail(client.get_topic_attributes, TopicArn=arn)
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed
        yield parse_topic(raw, subscriptions, attributes)


def parse_topic(raw: Response, subscriptions: Response | Gap, attributes: Response | Gap) -> Topic:
    found = pick(subscriptions, "Subscriptions", default=())
    if not isinstance(found, Gap):
        found = tuple(sorted(map(_subscription, found), key=repr))
    values = pick(attributes, "Attributes", default=not_told(Topic.kind, GET_ATTRIBUTES))
    return Topic(
        arn=raw["TopicArn"],
        subscriptions=found,
        logged_deliveries=_logged(values),
        tracing=pick(values, "TracingConfig"),
    )


def _logged(attributes: Response | Gap) -> Any:
    """A role that was never set, or was taken away, is absent or empty."""
    if isinstance(attributes, Gap):
        return attributes
    endings = ("SuccessFeedbackRoleArn", "FailureFeedbackRoleArn")
    names = sorted(set(DELIVERIES.values()))
    return tuple(n for n in names if any(attributes.get(f"{n}{ending}") for ending in endings))


def _subscription(raw: Response) -> Subscription:
    """In place of an ARN AWS writes PendingConfirmation or Deleted."""
    return Subscription(
        protocol=raw.get("Protocol", ""),
        is_confirmed=raw.get("SubscriptionArn", "").startswith("arn:"),
    )
