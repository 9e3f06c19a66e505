"""Facts of SNS."""

from __future__ import annotations

from findings.facts.base import Fact, Record

DELIVERIES = {
    "http": "HTTP",
    "https": "HTTP",
    "sqs": "SQS",
    "lambda": "Lambda",
    "firehose": "Firehose",
    "application": "Application",
}
"""Protocols whose delivery SNS can log, and what the attributes of a topic call them.

https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
"""

TRACED_PROTOCOLS = ("lambda", "sqs", "http", "https", "firehose")
"""Subscribers that X-Ray follows a message to.

https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html
"""


class Subscription(Record):
    """Who is subscribed is not kept, only by which protocol and whether it is confirmed."""

    protocol: str
    is_confirmed: bool

    @property
    def delivery(self) -> str | None:
        """What the log of deliveries calls the protocol; None where there can be no log."""
        return DELIVERIES.get(self.protocol)

    @property
    def is_traceable(self) -> bool:
        return self.is_confirmed and self.protocol in TRACED_PROTOCOLS


class Topic(
    Fact,
    kind="sns.topic",
    identity=("arn",),
    version=2,
    since={"logged_deliveries": 2, "tracing": 2},
):
    """A topic of the account that was asked.

    Both are read of topics to which a delivery can be logged: ``logged_deliveries`` are those of
    which success or failure is logged, as DELIVERIES calls them; ``tracing`` is Active or
    PassThrough, None where none was ever set.
    """

    arn: str
    subscriptions: tuple[Subscription, ...]
    logged_deliveries: tuple[str, ...]
    tracing: str | None

    @property
    def is_fifo(self) -> bool:
        """AWS demands the suffix of these topics, and refuses it to others."""
        return self.arn.endswith(".fifo")
