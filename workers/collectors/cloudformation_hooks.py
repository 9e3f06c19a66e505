"""Collector of CloudFormation Hooks, and of whether they judge anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.cloudformation_hooks import Hook
from workers.collectors.base import Collector, Response, Session, is_without, told
from workers.collectors.cloudformation import standing_summaries
from workers.collectors.cloudformation_extensions import LIST_TYPES, listed_types

LIST_RESULTS = "cloudformation:ListHookResults"
COMPLETE = ("HOOK_COMPLETE_SUCCEEDED", "HOOK_COMPLETE_FAILED")
"""The hook came to a verdict; HOOK_FAILED says that it broke."""

LATELY = timedelta(days=30)
MOST_PAGES = 10


@Collector(fact=Hook, operations=(LIST_TYPES, LIST_RESULTS), gates=("cloudformation:ListStacks",))
def hooks(session: Session) -> Iterator[Hook]:
    """They judge operations on stacks; where none stands they are not asked for."""
    if is_without(session, standing_summaries):
        return
    for raw in listed_types(session, "HOOK"):
        yield Hook(
            name=raw["TypeName"],
            arn=told(raw, "TypeArn", Hook, LIST_TYPES),
            completed_at=_completed_at(session, raw),
        )


def _completed_at(session: Session, raw: Response) -> Any:
    """AWS does not say in which order it lists results: pages are read until one is of late."""
    if "TypeArn" not in raw:
        return not_told(Hook.kind, LIST_TYPES)
    client = session.client("cloudformation")
    asked, times = {"TypeArn": raw["TypeArn"]}, []
    for _ in range(MOST_PAGES):
        try:
            page = session.detail(client.list_hook_results, **asked)
        except client.exceptions.HookResultNotFoundException:
            return None
        if isinstance(page, Gap):
            return page
        times += [result["InvokedAt"] for result in page.get("HookResults") or () if _tells(result)]
        newest = max(times, default=None)
        if not page.get("NextToken") or (newest and newest >= session.now - LATELY):
            return newest
        asked["NextToken"] = page["NextToken"]
    return Gap(kind=Hook.kind, reason=GapReason.CAPPED, operation=LIST_RESULTS)


def _tells(result: Response) -> bool:
    return result.get("Status") in COMPLETE and "InvokedAt" in result
