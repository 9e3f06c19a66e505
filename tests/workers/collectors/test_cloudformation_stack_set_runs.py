"""Instances of stack sets and the operations on them."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudformation_stack_set_runs import (
    parse_stack_instances,
    parse_stack_set_run,
    stack_instances,
    stack_set_runs,
)

ASKED = {"StackSetName": "audit", "CallAs": "SELF"}


def instance(account, status="CURRENT", detailed=None, region="eu-west-1"):
    raw = {"Account": account, "Region": region, "Status": status}
    return raw | ({"StackInstanceStatus": {"DetailedStatus": detailed}} if detailed else {})


def operation(status="SUCCEEDED", days=1, **fields):
    return {"Status": status, "CreationTimestamp": NOW - timedelta(days=days), **fields}


def session_of_one():
    session = StubbedSession()
    organization = {"Id": "o-1", "MasterAccountId": "111111111111"}
    session.answer("organizations", "describe_organization", {"Organization": organization})
    summaries = [{"StackSetName": "audit", "StackSetId": "audit:1", "Status": "ACTIVE"}]
    session.answer("cloudformation", "list_stack_sets", {"Summaries": summaries})
    return session


def test_instances_are_counted_and_those_that_are_not_current_named():
    found = parse_stack_instances(
        "audit",
        [
            instance("2", "OUTDATED", "FAILED"),
            instance("1"),
            instance("1", region="us-east-1"),
            instance("3", "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"),
            instance("1", "INOPERABLE", region="us-west-2"),
        ],
    )
    assert (found.stack_set, found.total, found.accounts) == ("audit", 4, 2)
    assert [(other.account, other.region) for other in found.others] == [
        ("1", "us-west-2"),
        ("2", "eu-west-1"),
    ]


def test_a_status_that_aws_does_not_tell_is_not_known():
    found = parse_stack_instances("audit", [instance("1"), {"Account": "2"}])
    assert found.total == 2
    assert found.gaps["others"].reason is GapReason.NOT_SUPPLIED


def test_the_newest_change_that_has_ended_counts_whatever_the_order():
    raw = operation(
        "FAILED",
        2,
        Action="UPDATE",
        StatusDetails={"FailedStackInstancesCount": 3},
        OperationPreferences={"FailureToleranceCount": 1, "MaxConcurrentPercentage": 25},
    )
    found = parse_stack_set_run(
        "audit",
        [operation(days=9), raw, operation("RUNNING"), operation(Action="DETECT_DRIFT")],
    ).latest
    assert (found.action, found.status, found.started_at) == (
        "UPDATE",
        "FAILED",
        NOW - timedelta(days=2),
    )
    assert (found.failed_instances, found.tolerated_count, found.tolerated_percent) == (3, 1, None)
    assert (found.concurrent_count, found.concurrent_percent) == (None, 25)


@pytest.mark.parametrize("status", ["RUNNING", "STOPPING", "QUEUED"])
def test_nothing_has_ended_yet(status):
    assert parse_stack_set_run("audit", [operation(status)]).latest is None


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "STOPPED"])
def test_what_has_ended_counts(status):
    found = parse_stack_set_run("audit", [operation(status)]).latest
    assert (found.status, found.failed_instances) == (status, None)


@pytest.mark.parametrize("member", ["Status", "CreationTimestamp"])
def test_an_operation_that_cannot_be_placed_makes_the_latest_unknown(member):
    sparse = {name: value for name, value in operation().items() if name != member}
    found = parse_stack_set_run("audit", [operation(), sparse])
    assert found.gaps["latest"].reason is GapReason.NOT_SUPPLIED


def test_instances_come_in_pages():
    session = session_of_one()
    pages = [{"Summaries": [instance("1")], "NextToken": "2"}, {"Summaries": [instance("2")]}]
    session.answer("cloudformation", "list_stack_instances", pages[0], **ASKED)
    session.answer("cloudformation", "list_stack_instances", pages[1], **ASKED, NextToken="2")
    (found,) = stack_instances(session)
    assert (found.total, found.others) == (2, ())
    session.assert_all_asked()


@pytest.mark.parametrize(
    ("collect", "method", "fields"),
    [
        (stack_instances, "list_stack_instances", {"total", "accounts", "others"}),
        (stack_set_runs, "list_stack_set_operations", {"latest"}),
    ],
)
def test_what_is_refused_is_a_gap(collect, method, fields):
    session = session_of_one()
    session.refuse("cloudformation", method, "AccessDeniedException")
    (found,) = collect(session)
    assert found.stack_set == "audit"
    assert set(found.gaps) == fields


@pytest.mark.parametrize(
    ("collect", "method"),
    [
        (stack_instances, "list_stack_instances"),
        (stack_set_runs, "list_stack_set_operations"),
    ],
)
def test_a_stack_set_that_is_gone_meanwhile_is_left_out(collect, method):
    session = session_of_one()
    session.refuse("cloudformation", method, "StackSetNotFoundException")
    assert list(collect(session)) == []


def test_operations_are_asked_of_each_stack_set():
    session = session_of_one()
    listed = {"Summaries": [operation()]}
    session.answer("cloudformation", "list_stack_set_operations", listed, **ASKED)
    (found,) = stack_set_runs(session)
    assert found.latest.status == "SUCCEEDED"
    session.assert_all_asked()
