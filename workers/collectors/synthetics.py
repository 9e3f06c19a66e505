"""Collector of canaries, with their last runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.synthetics import Canary
from workers.collectors.base import Collector, Response, Session, pick
from workers.collectors.paging import Items, detail_items

RUNTIMES = "synthetics:DescribeRuntimeVersions"


@Collector(
    fact=Canary,
    operations=("synthetics:DescribeCanaries", "synthetics:DescribeCanariesLastRun", RUNTIMES),
)
def canaries(session: Session) -> Iterator[Canary]:
    found = list(session.items("synthetics", "describe_canaries", "Canaries"))
    if not found:
        return
    client = session.client("synthetics")
    runs = detail_items(session, client.describe_canaries_last_run, "CanariesLastRun")
    runtimes = detail_items(session, client.describe_runtime_versions, "RuntimeVersions")
    for raw in found:
        yield parse_canary(raw, runs, runtimes)


def parse_canary(raw: Response, runs: Items | Gap, runtimes: Items | Gap) -> Canary:
    run = _last_run(raw["Name"], runs)
    runtime = raw.get("RuntimeVersion")
    return Canary(
        name=raw["Name"],
        state=pick(raw, "Status", "State"),
        runtime=runtime,
        runtime_deprecated_at=_deprecated_at(runtime, runtimes),
        last_run=pick(run, "Status", "State"),
        last_run_completed_at=pick(run, "Timeline", "Completed"),
    )


def _last_run(name: str, runs: Items | Gap) -> Any:
    """A canary with several browsers has a last run in each: the one that did not pass counts."""
    if isinstance(runs, Gap):
        return runs
    own = [one["LastRun"] for one in runs if one.get("CanaryName") == name and one.get("LastRun")]
    failed = (run for run in own if pick(run, "Status", "State") == "FAILED")
    return next(failed, own[0] if own else {})


def _deprecated_at(runtime: str | None, runtimes: Items | Gap) -> Any:
    if isinstance(runtimes, Gap):
        return runtimes
    found = next((one for one in runtimes if one.get("VersionName") == runtime), None)
    return not_told(Canary.kind, RUNTIMES) if found is None else found.get("DeprecationDate")
