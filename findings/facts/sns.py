"""Facts of SNS."""

from __future__ import annotations

from findings.facts.base import Fact, Record


class Subscription(Record):
    """Who is subscribed is not kept, only by which protocol and whether it is confirmed."""

    protocol: str
    is_confirmed: bool


class Topic(Fact, kind="sns.topic", identity=("arn",)):
    """A topic of the account that was asked."""

    arn: str
    subscriptions: tuple[Subscription, ...]
