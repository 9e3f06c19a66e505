"""Collector of SNS: topics and their subscriptions."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.base import Gap
from findings.facts.sns import Subscription, Topic
from workers.collectors.base import Collector, Response, Session, pick


@Collector(fact=Topic, operations=("sns:ListTopics", "sns:ListSubscriptionsByTopic"))
def topics(session: Session) -> Iterator[Topic]:
    client = session.client("sns")
    for raw in session.items("sns", "list_topics", "Topics"):
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(
            TopicArn=raw["TopicArn"]
        )
        try:
            subscriptions = session.detail(pages.build_full_result)
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed
        yield parse_topic(raw, subscriptions)


def parse_topic(raw: Response, subscriptions: Response | Gap) -> Topic:
    found = pick(subscriptions, "Subscriptions", default=())
    if not isinstance(found, Gap):
        found = tuple(sorted(map(_subscription, found), key=repr))
    return Topic(arn=raw["TopicArn"], subscriptions=found)


def _subscription(raw: Response) -> Subscription:
    """In place of an ARN AWS writes PendingConfirmation or Deleted."""
    return Subscription(
        protocol=raw.get("Protocol", ""),
        is_confirmed=raw.get("SubscriptionArn", "").startswith("arn:"),
    )
