"""AWS Systems Manager: maintenance windows and operational items.

A record of `ssm.windows` is what DescribeMaintenanceWindows answers; `_targets`, `_tasks` and
`_executions` hold what is told of it besides.
"""

from datetime import datetime
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

Record = dict[str, Any]


@operation("ssm", "DescribeMaintenanceWindows")
def describe_maintenance_windows(call: Call) -> Record:
    return call.page(call.place.all("ssm.windows"), "WindowIdentities", size=2)


@operation("ssm", "DescribeMaintenanceWindowTargets")
def describe_maintenance_window_targets(call: Call) -> Record:
    return _told(call, "_targets", "Targets")


@operation("ssm", "DescribeMaintenanceWindowTasks")
def describe_maintenance_window_tasks(call: Call) -> Record:
    return _told(call, "_tasks", "Tasks")


@operation("ssm", "DescribeMaintenanceWindowExecutions")
def describe_maintenance_window_executions(call: Call) -> Record:
    return _told(call, "_executions", "WindowExecutions")


def _told(call: Call, member: str, key: str) -> Record:
    wanted = call.parameters["WindowId"]
    window = call.place.find("ssm.windows", WindowId=wanted)
    if window is None:
        raise AwsError("DoesNotExistException", f"Maintenance window {wanted} does not exist.")
    items = [{"WindowId": wanted, **item} for item in window.get(member, [])]
    return call.page(items, key, size=2)


@operation("ssm", "DescribeOpsItems")
def describe_ops_items(call: Call) -> Record:
    """Filters: by status, and by the time after which items were created."""
    wanted = {f["Key"]: f["Values"] for f in call.parameters.get("OpsItemFilters") or []}
    after = [datetime.fromisoformat(text) for text in wanted.get("CreatedTime", [])]
    found = [
        item
        for item in call.place.all("ssm.ops_items")
        if item["Status"] in wanted.get("Status", [item["Status"]])
        and all(item["CreatedTime"] > instant for instant in after)
    ]
    return call.page(found, "OpsItemSummaries", size=3)
