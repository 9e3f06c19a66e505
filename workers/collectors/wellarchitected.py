"""Collector of the workloads that an account reviews with the Well-Architected Tool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.wellarchitected import Workload
from workers.collectors.base import Collector, Response, Session

LIST_WORKLOADS = "wellarchitected:ListWorkloads"


@Collector(fact=Workload, operations=(LIST_WORKLOADS,))
def workloads(session: Session) -> Iterator[Workload]:
    """Those that another account shares belong to that account."""
    for raw in session.items("wellarchitected", "list_workloads", "WorkloadSummaries"):
        if raw.get("Owner", session.account) == session.account:
            yield parse_workload(raw)


def parse_workload(raw: Response) -> Workload:
    """A risk that no question has is not among the counts."""
    counts = raw.get("RiskCounts")
    gap = Gap(kind=Workload.kind, reason=GapReason.NOT_SUPPLIED, operation=LIST_WORKLOADS)
    given: dict[str, Any] = {"high_risks": gap if counts is None else counts.get("HIGH", 0)}
    return Workload(
        name=raw["WorkloadName"], improvement_status=raw.get("ImprovementStatus"), **given
    )
