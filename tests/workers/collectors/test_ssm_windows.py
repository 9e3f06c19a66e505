"""Maintenance windows and operational items."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.ssm_ops_items import ops_items, parse_ops_item
from workers.collectors.ssm_windows import maintenance_windows, parse_maintenance_window

WINDOW = {
    "WindowId": "mw-0123456789abcdef0",
    "Name": "patching",
    "Enabled": True,
    "Schedule": "rate(7 days)",
    "NextExecutionTime": "2026-06-21T02:00Z",
}
OF_TARGETS = {"Targets": [{"Key": "WindowTargetIds", "Values": ["1"]}]}
OF_NODES = {"Targets": [{"Key": "InstanceIds", "Values": ["mi-1"]}]}


def execution(status="SUCCESS", days=1, **fields):
    ended = NOW - timedelta(days=days)
    given = {"Status": status, "StartTime": ended - timedelta(hours=1), "EndTime": ended}
    return given | fields


def parsed(*executions, tasks=(), targets=()):
    return parse_maintenance_window(WINDOW, targets, tasks, executions, NOW)


def window_listed():
    session = StubbedSession()
    session.answer("ssm", "describe_maintenance_windows", {"WindowIdentities": [WINDOW]})
    return session


def test_targets_tasks_and_executions_are_read():
    session, asked = window_listed(), {"WindowId": WINDOW["WindowId"]}
    session.answer("ssm", "describe_maintenance_window_targets", {"Targets": [{}]}, **asked)
    tasks = {"Tasks": [OF_TARGETS], "NextToken": "more"}
    session.answer("ssm", "describe_maintenance_window_tasks", tasks, **asked)
    rest = {"Tasks": [OF_NODES, {}]}
    session.answer("ssm", "describe_maintenance_window_tasks", rest, **asked, NextToken="more")
    told = {"WindowExecutions": [execution()]}
    asked |= {"MaxResults": 100}
    session.answer("ssm", "describe_maintenance_window_executions", told, **asked)
    (found,) = maintenance_windows(session)
    assert (found.is_enabled, found.schedule) == (True, "rate(7 days)")
    assert (found.targets, found.tasks, found.tasks_for_targets) == (1, 3, 1)
    assert (found.ended_status, found.next_run) == ("SUCCESS", "2026-06-21T02:00Z")
    session.assert_all_asked()


def test_a_window_that_is_gone_meanwhile_is_left_out():
    session = window_listed()
    session.refuse("ssm", "describe_maintenance_window_targets", "DoesNotExistException")
    assert list(maintenance_windows(session)) == []


def test_refused_details_leave_the_window_known():
    session = window_listed()
    for detail in ("targets", "tasks", "executions"):
        session.refuse("ssm", f"describe_maintenance_window_{detail}", "AccessDeniedException")
    (found,) = maintenance_windows(session)
    assert found.name == "patching"
    ran = {"known_from", "known_until", "ended_status", "ended_at"}
    assert set(found.gaps) == {"targets", "tasks", "tasks_for_targets", *ran}


def test_the_execution_that_ended_last_counts():
    found = parsed(execution(days=9), execution("FAILED", days=3), execution(days=5))
    assert (found.ended_status, found.ended_at) == ("FAILED", NOW - timedelta(days=3))


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "CANCELLING", "SKIPPED_OVERLAPPING"])
def test_what_goes_on_or_was_skipped_has_not_ended(status):
    found = parsed(execution(days=9), execution(status))
    assert found.ended_at == NOW - timedelta(days=9)


def test_an_execution_without_an_end_has_not_ended():
    found = parsed(execution(EndTime=None))
    assert (found.ended_status, found.ended_at) == (None, None)


@pytest.mark.parametrize(
    ("executions", "known_for"),
    [
        ((), timedelta(days=30)),
        ((execution(days=9),), timedelta(days=30)),
        ((execution(days=40),), timedelta(days=40, hours=1)),
        ((execution(days=40, StartTime=None),), timedelta(days=30)),
    ],
)
def test_all_is_known_since_the_oldest_execution_that_is_still_told(executions, known_for):
    assert parsed(*executions).known_for == known_for


def test_nothing_is_invented_for_what_a_window_does_not_say():
    found = parse_maintenance_window({"WindowId": "mw-0123456789abcdef0"}, (), (), (), NOW)
    assert found.gaps["is_enabled"].reason is GapReason.NOT_SUPPLIED
    assert (found.name, found.schedule, found.next_run) == (None, None, None)


def test_items_are_asked_for_that_nobody_has_resolved():
    session = StubbedSession()
    open_ = {"Key": "Status", "Values": ["Open", "InProgress"], "Operator": "Equal"}
    item = {"OpsItemId": "oi-1", "Status": "Open", "CreatedTime": NOW, "Title": "till is down"}
    told = {"OpsItemSummaries": [item | {"Severity": "2"}]}
    session.answer("ssm", "describe_ops_items", {"NextToken": "more"}, MaxResults=50)
    session.answer("ssm", "describe_ops_items", told, OpsItemFilters=[open_])
    (found,) = ops_items(session)
    assert (found.id, found.status, found.severity) == ("oi-1", "Open", "2")
    assert found.created_at == NOW
    assert "till" not in repr(found)


def test_where_all_items_are_told_at_once_no_others_are_asked_for():
    items = [
        {"OpsItemId": f"oi-{status}", "Status": status}
        for status in ("Open", "InProgress", "Resolved", "Rejected")
    ]
    untold = {"OpsItemId": "oi-untold"}
    session = StubbedSession()
    session.answer(
        "ssm", "describe_ops_items", {"OpsItemSummaries": [*items, untold]}, MaxResults=50
    )
    assert [found.id for found in ops_items(session)] == ["oi-Open", "oi-InProgress", "oi-untold"]
    session.assert_all_asked()


def test_what_an_item_does_not_tell_is_not_known():
    found = parse_ops_item({"OpsItemId": "oi-1"})
    assert set(found.gaps) == {"status", "created_at"}
    assert found.severity is None
