"""Facts of the Observability Access Manager: who shows its telemetry to whom."""

from __future__ import annotations

from findings.facts.base import Fact, Record


class Link(Fact, kind="oam.link", identity=("sink",)):
    """A link by which an account shows telemetry to the sink (an ARN) of a monitoring account.

    ``resource_types`` are written like those of CloudFormation: ``AWS::CloudWatch::Metric``.
    """

    sink: str
    resource_types: tuple[str, ...]


class AttachedLink(Record):
    """A link as the monitoring account sees it."""

    account: str
    resource_types: tuple[str, ...]


class Sink(Fact, kind="oam.sink", identity=("name",)):
    """Where a monitoring account receives telemetry; the links of all accounts that show theirs."""

    name: str
    arn: str
    links: tuple[AttachedLink, ...]
