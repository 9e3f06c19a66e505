"""O1: maintenance windows."""

from datetime import timedelta

from findings.facts.base import not_told
from findings.facts.ssm_windows import MaintenanceWindow
from tests.findings.checks.cases import FAIL, PASS, UNKNOWN, Case, ago, assert_outcomes

UNTOLD = not_told("ssm.maintenance_window", "x:Y")
NEVER = {"ended_status": None, "ended_at": None}
MONTHLY = {"schedule": "cron(0 2 ? * SUN#1 *)"}


def window(**fields):
    given = {
        "name": "patching",
        "is_enabled": True,
        "schedule": "cron(0 2 ? * SUN *)",
        "next_run": "2026-06-21T02:00Z",
        "targets": 1,
        "tasks": 1,
        "tasks_for_targets": 1,
        "known_from": ago(days=30),
        "known_until": ago(),
        "ended_status": "SUCCESS",
        "ended_at": ago(days=2),
    }
    return MaintenanceWindow(id="mw-0123456789abcdef0", **(given | fields))


def ran(name, expect, parameters=None, message="", **fields):
    return Case(name, expect, [window(**fields)], parameters=parameters or {}, message=message)


TABLE = {
    "ssm_maintenance_window_effective": [
        ran("it runs", PASS),
        ran("disabled", FAIL, is_enabled=False, message="not met: enabled"),
        ran("no target", FAIL, targets=0, message="not met: targets: neither targets nor a task"),
        ran("a task that needs none", PASS, targets=0, tasks_for_targets=0),
        ran("one of two tasks", PASS, targets=0, tasks=2, tasks_for_targets=1),
        ran("no task", FAIL, tasks=0, tasks_for_targets=0, message="not met: tasks"),
        ran("never again", FAIL, next_run=None, message="not met: next run"),
        ran("at the limit", PASS, ended_at=ago(days=35)),
        ran(
            "before it",
            FAIL,
            ended_at=ago(days=35, seconds=1),
            message="not met: last run: it last succeeded on 2026-05-11",
        ),
        ran("a longer limit", PASS, {"max_age_days": 40}, ended_at=ago(days=40)),
        *(
            ran(status, FAIL, ended_status=status, message=f"last run: {status} on 2026-06-13")
            for status in ("FAILED", "TIMED_OUT", "CANCELLED", "OF_TOMORROW")
        ),
        ran("weekly, never", FAIL, **NEVER, message="last run: no run ended since 2026-05-16"),
        ran("monthly, never", UNKNOWN, **NEVER, **MONTHLY),
        ran("monthly, long known", FAIL, **NEVER, **MONTHLY, known_from=ago(days=35)),
        ran(
            "monthly, known a second too little",
            UNKNOWN,
            **NEVER,
            **MONTHLY,
            known_from=ago(days=35) + timedelta(seconds=1),
        ),
        ran("monthly, expected sooner", FAIL, {"max_age_days": 30}, **NEVER, **MONTHLY),
        ran("without schedule, never", UNKNOWN, **NEVER, schedule=None),
        ran("without schedule, expected", FAIL, {"max_age_days": 30}, **NEVER, schedule=None),
        ran("executions not told", UNKNOWN, ended_status=UNTOLD, ended_at=UNTOLD),
        ran("nor whether it is enabled", UNKNOWN, is_enabled=UNTOLD),
        ran("targets not told, tasks need none", PASS, targets=UNTOLD, tasks_for_targets=0),
        ran("targets not told", UNKNOWN, targets=UNTOLD),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
