"""Collector of operational items that somebody has to work on; others read lately created ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from findings.facts.ssm_ops_items import OpsItem
from workers.collectors.base import Collector, Response, Session, told

MOST_AT_ONCE = 50
STATUSES = ("Open", "InProgress")
UNRESOLVED = {"Key": "Status", "Values": list(STATUSES), "Operator": "Equal"}


@Collector(fact=OpsItem, operations=("ssm:DescribeOpsItems",))
def ops_items(session: Session) -> Iterator[OpsItem]:
    for raw in listed_ops_items(session, UNRESOLVED):
        if raw.get("Status") in (None, *STATUSES):
            yield parse_ops_item(raw)


def listed_ops_items(session: Session, wanted: Mapping[str, Any]) -> Iterable[Response]:
    """Items, among them all that a filter wants.

    Where all items of a region are told at once, one question serves every reader.
    """
    first = session.once("ssm", "describe_ops_items", MaxResults=MOST_AT_ONCE)
    if not first.get("NextToken"):
        return first.get("OpsItemSummaries") or ()
    return session.items("ssm", "describe_ops_items", "OpsItemSummaries", OpsItemFilters=[wanted])


def parse_ops_item(raw: Response) -> OpsItem:
    return OpsItem(
        id=raw["OpsItemId"],
        status=told(raw, "Status", OpsItem, "ssm:DescribeOpsItems"),
        severity=raw.get("Severity"),
        created_at=told(raw, "CreatedTime", OpsItem, "ssm:DescribeOpsItems"),
    )
