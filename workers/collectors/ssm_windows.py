"""Collector of maintenance windows: their targets, tasks and latest execution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from findings.facts.base import Gap
from findings.facts.ssm_windows import MaintenanceWindow
from workers.collectors.base import Collector, Response, Session, told
from workers.collectors.paging import Items, detail_items

HISTORY = timedelta(days=30)
"""How long AWS keeps executions of maintenance windows at least."""
NOT_ENDED = ("PENDING", "IN_PROGRESS", "CANCELLING", "SKIPPED_OVERLAPPING")
"""What is skipped never ran: the execution before it was still going on."""


@Collector(
    fact=MaintenanceWindow,
    operations=(
        "ssm:DescribeMaintenanceWindows",
        "ssm:DescribeMaintenanceWindowTargets",
        "ssm:DescribeMaintenanceWindowTasks",
        "ssm:DescribeMaintenanceWindowExecutions",
    ),
)
def maintenance_windows(session: Session) -> Iterator[MaintenanceWindow]:
    client = session.client("ssm")
    for raw in session.items("ssm", "describe_maintenance_windows", "WindowIdentities"):
        window = raw["WindowId"]
        try:
            targets = detail_items(
                session, client.describe_maintenance_window_targets, "Targets", WindowId=window
            )
            tasks = detail_items(
                session, client.describe_maintenance_window_tasks, "Tasks", WindowId=window
            )
        except client.exceptions.DoesNotExistException:
            continue  # it was deleted after it was listed
        executions = detail_items(
            session,
            client.describe_maintenance_window_executions,
            "WindowExecutions",
            WindowId=window,
            MaxResults=100,
        )
        yield parse_maintenance_window(raw, targets, tasks, executions, session.now)


def parse_maintenance_window(
    raw: Response, targets: Items | Gap, tasks: Items | Gap, executions: Items | Gap, now: datetime
) -> MaintenanceWindow:
    """What a refused detail would have told is not known, the window itself is."""
    return MaintenanceWindow(
        id=raw["WindowId"],
        name=raw.get("Name"),
        is_enabled=told(raw, "Enabled", MaintenanceWindow, "ssm:DescribeMaintenanceWindows"),
        schedule=raw.get("Schedule"),
        next_run=raw.get("NextExecutionTime"),
        targets=_count(targets),
        tasks=_count(tasks),
        tasks_for_targets=_count(tasks, _is_for_targets),
        **_latest(executions, now),
    )


def _count(items: Items | Gap, test: Callable[[Response], bool] = lambda _item: True) -> Any:
    return items if isinstance(items, Gap) else sum(test(item) for item in items)


def _is_for_targets(task: Response) -> bool:
    return any(target.get("Key") == "WindowTargetIds" for target in task.get("Targets") or ())


def _latest(executions: Items | Gap, now: datetime) -> dict[str, Any]:
    """All is known since an ended execution that is still listed began: AWS forgets by age."""
    if isinstance(executions, Gap):
        names = ("known_from", "known_until", "ended_status", "ended_at")
        return dict.fromkeys(names, executions)
    ended = sorted(
        (e for e in executions if e.get("EndTime") and e.get("Status") not in NOT_ENDED),
        key=lambda execution: execution["EndTime"],
    )
    begun = [execution["StartTime"] for execution in ended if execution.get("StartTime")]
    last = ended[-1] if ended else {}
    return {
        "known_from": min([now - HISTORY, *begun]),
        "known_until": now,
        "ended_status": last.get("Status"),
        "ended_at": last.get("EndTime"),
    }
