"""Collector of operational items that somebody has to work on."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.ssm_ops_items import OpsItem
from workers.collectors.base import Collector, Response, Session, told

UNRESOLVED = [{"Key": "Status", "Values": ["Open", "InProgress"], "Operator": "Equal"}]


@Collector(fact=OpsItem, operations=("ssm:DescribeOpsItems",))
def ops_items(session: Session) -> Iterator[OpsItem]:
    for raw in session.items(
        "ssm", "describe_ops_items", "OpsItemSummaries", OpsItemFilters=UNRESOLVED
    ):
        yield parse_ops_item(raw)


def parse_ops_item(raw: Response) -> OpsItem:
    return OpsItem(
        id=raw["OpsItemId"],
        status=told(raw, "Status", OpsItem, "ssm:DescribeOpsItems"),
        severity=raw.get("Severity"),
        created_at=told(raw, "CreatedTime", OpsItem, "ssm:DescribeOpsItems"),
    )
