"""O1: maintenance windows do what they are there for."""

from __future__ import annotations

from datetime import timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, any_of, failed, outcome, part, unknown
from findings.checks.parameters import Days
from findings.facts.base import Facts, Gap, GapReason
from findings.facts.schedules import longest_period
from findings.facts.ssm_windows import MaintenanceWindow

FORGOTTEN = Gap(
    kind=MaintenanceWindow.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="ssm:DescribeMaintenanceWindowExecutions",
)


@Check(
    title="Run scheduled maintenance windows that have targets and tasks",
    row=Row.CHANGE,
    resource=MaintenanceWindow,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP05", "OPS05-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(Days("max_age_days", 35),),
    remediation="Enable the window, register its targets and tasks, correct the role of the task"
    " that fails, and look when it runs next; delete a window that nobody needs.",
    cli=(
        "aws ssm update-maintenance-window --window-id WINDOW --enabled",
        "aws ssm register-target-with-maintenance-window --window-id WINDOW"
        " --resource-type INSTANCE --targets Key=tag:PatchGroup,Values=GROUP",
        "aws ssm describe-maintenance-window-executions --window-id WINDOW",
    ),
)
def ssm_maintenance_window_effective(
    window: MaintenanceWindow, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("enabled", lambda: window.is_enabled),
        part("targets", lambda: _has_targets(window)),
        part("tasks", lambda: window.tasks > 0),
        part("next run", lambda: window.next_run is not None),
        part("last run", lambda: _succeeded(window, context)),
    )


def _has_targets(window: MaintenanceWindow) -> Outcome:
    """Targets of its own, or a task that names its own or needs none."""
    return any_of(
        part("registered", lambda: window.targets > 0),
        part("by task", lambda: window.tasks > window.tasks_for_targets),
        message="neither targets nor a task that needs none of its targets",
    )


def _succeeded(window: MaintenanceWindow, context: Context) -> Outcome:
    if window.ended_at is None:
        return _never_ran(window, context)
    if window.ended_status != "SUCCESS":
        return failed(f"{window.ended_status} on {window.ended_at:%Y-%m-%d}")
    told = f"it last succeeded on {window.ended_at:%Y-%m-%d}"
    return outcome(context.within(window.ended_at, days=context.max_age_days), told)


def _never_ran(window: MaintenanceWindow, context: Context) -> Outcome:
    """What runs seldom may have run before AWS's memory begins."""
    due = timedelta(days=context.max_age_days)
    period = longest_period(window.schedule or "") or due
    if window.known_for < min(due, period):
        return unknown(FORGOTTEN)
    return failed(f"no run ended since {window.known_from:%Y-%m-%d}")
