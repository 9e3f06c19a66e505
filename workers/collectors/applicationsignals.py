"""Collector of service level objectives, and of what is left of their budgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from findings.facts.applicationsignals import Objective
from findings.facts.base import Gap, GapReason
from workers.collectors.base import Collector, Response, Session, in_batches, pick

BATCH = 50
LISTED = "application-signals:ListServiceLevelObjectives"
REPORTED = "application-signals:BatchGetServiceLevelObjectiveBudgetReport"


@Collector(fact=Objective, operations=(LISTED, REPORTED))
def objectives(session: Session) -> Iterator[Objective]:
    client = session.client("application-signals")
    listed = session.items("application-signals", "list_service_level_objectives", "SloSummaries")
    for batch in in_batches(listed, BATCH):
        reports = session.detail(
            client.batch_get_service_level_objective_budget_report,
            Timestamp=session.now,
            SloIds=[raw["Arn"] for raw in batch],
        )
        yield from parse_objectives(batch, reports)


def parse_objectives(batch: Iterable[Response], answer: Response | Gap) -> Iterator[Objective]:
    """Of an objective without a report AWS says why; then its budget is not collected."""
    reports = pick(answer, "Reports", default=())
    for raw in batch:
        yield Objective(name=raw["Name"], arn=raw["Arn"], budget_status=_status(raw, reports))


def _status(raw: Response, reports: Any) -> Any:
    if isinstance(reports, Gap):
        return reports
    report = next((one for one in reports if one.get("Arn") == raw["Arn"]), None)
    if report is None:
        return Gap(kind=Objective.kind, reason=GapReason.FAILED, operation=REPORTED)
    return report.get("BudgetStatus")
