"""Maintenance windows: whether they run, on what, and how they end."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.places import Place, Record
from simulator.shapes import Undocumented

windows = Facet("ssm.maintenance_windows")

EFFECTIVE = "ssm_maintenance_window_effective"
PERIOD = timedelta(days=35)
MOMENT = timedelta(microseconds=1)
TARGET = {"WindowTargetId": "3f9d2c1a-0000-4000-a000-000000000001", "ResourceType": "INSTANCE"}
TASK = {
    "TaskArn": "AWS-RunPatchBaseline",
    "Type": "RUN_COMMAND",
    "Targets": [{"Key": "WindowTargetIds", "Values": [TARGET["WindowTargetId"]]}],
}


def _ended(place: Place, days: float, status: str = "SUCCESS", **members: Any) -> Record:
    ended = place.ago(days=days)
    return {"Status": status, "StartTime": ended - timedelta(hours=1), "EndTime": ended, **members}


def _put(place: Place, *executions: Record, name: str = "patching", **changed: Any) -> str:
    window = f"mw-{place.hexadecimal(f'window {name}', 17)}"
    place.put(
        "ssm.windows",
        {
            "WindowId": window,
            "Name": name,
            "Enabled": True,
            "Duration": 3,
            "Cutoff": 1,
            "Schedule": "cron(0 2 ? * SUN *)",
            "NextExecutionTime": "2031-01-05T02:00Z",
            "_targets": [TARGET],
            "_tasks": [TASK],
            "_executions": list(executions),
            **changed,
        },
    )
    return window


def _expect(place: Place, window: str, days: float) -> None:
    """A success so many days ago passes for its time."""
    end = place.ago(days=days) + PERIOD + MOMENT
    if end <= place.ago():
        place.expect(EFFECTIVE, "fail", resource=window)
    else:
        place.expect(EFFECTIVE, "pass", resource=window, until=end, then="fail")


@windows.variant("none", characters={"new": 4, "locked_down": 3, "neglected": 2, "ordinary": 2})
def no_windows(place: Place) -> None:
    """Without a window there is nothing to judge."""


@windows.variant("succeeding", characters={"exemplary": 3, "ordinary": 1})
def succeeding(place: Place) -> None:
    """The newest of them goes on, was skipped, and the one that failed is older."""
    going = _ended(place, 0, "IN_PROGRESS", EndTime=None)
    skipped = _ended(place, 0.5, "SKIPPED_OVERLAPPING")
    found = (_ended(place, 9, "FAILED"), _ended(place, 2), going, skipped)
    _expect(place, _put(place, *found), 2)


@windows.variant("without_targets", characters={"exemplary": 1, "ordinary": 1})
def without_targets(place: Place) -> None:
    """A function needs none, and a command may name its own."""
    function = {"TaskArn": place.arn("lambda", "function:snapshot"), "Type": "LAMBDA"}
    window = _put(place, _ended(place, 1), name="snapshots", _targets=[], _tasks=[function])
    _expect(place, window, 1)
    command = TASK | {"Targets": [{"Key": "InstanceIds", "Values": ["mi-0123456789abcdef0"]}]}
    window = _put(place, _ended(place, 1), name="restart", _targets=[], _tasks=[TASK, command])
    _expect(place, window, 1)


@windows.variant("idle", characters={"neglected": 2, "ordinary": 1})
def idle(place: Place) -> None:
    """Disabled; without tasks; without targets; without a next time."""
    lacking: dict[str, dict[str, Any]] = {
        "disabled": {"Enabled": False, "NextExecutionTime": None},
        "no-task": {"_tasks": []},
        "no-target": {"_targets": []},
        "over": {"NextExecutionTime": None, "Schedule": "at(2026-02-20T02:00:00)"},
    }
    for name, changed in lacking.items():
        window = _put(place, _ended(place, 3), name=name, **changed)
        place.expect(EFFECTIVE, "fail", resource=window)


@windows.variant("failing", characters={"neglected": 1, "ordinary": 1})
def failing(place: Place) -> None:
    window = _put(place, _ended(place, 9), _ended(place, 2, "FAILED"))
    place.expect(EFFECTIVE, "fail", resource=window)


@windows.variant("never_ran", characters={"neglected": 1, "new": 1})
def never_ran(place: Place) -> None:
    """A monthly window may have run before AWS's memory begins, a weekly one not."""
    place.expect(EFFECTIVE, "fail", resource=_put(place))
    window = _put(place, name="monthly", Schedule="cron(0 2 ? * SUN#1 *)")
    place.expect(EFFECTIVE, "unknown", resource=window)


@windows.variant("at_the_limit", characters={"ordinary": 1, "exemplary": 1})
def at_the_limit(place: Place) -> None:
    _expect(place, _put(place, _ended(place, 35)), 35)
    beyond = 35 + 1 / 86400
    _expect(place, _put(place, _ended(place, beyond), name="older"), beyond)


@windows.variant("otherwise", characters=RARELY)
def otherwise(place: Place) -> None:
    """A status that AWS may add; a window that does not tell whether it is enabled."""
    window = _put(place, _ended(place, 1, Undocumented("PARTLY")))
    place.expect(EFFECTIVE, "fail", resource=window)
    window = _put(place, _ended(place, 1), name="untold", Enabled=None)
    end = place.ago(days=1) + PERIOD + MOMENT
    place.expect(EFFECTIVE, "unknown", resource=window, until=end, then="fail")
