"""Stacks."""

import pytest
from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from findings.facts.secrets import RULES_VERSION
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudformation import parse_stack, stacks

ID = "arn:aws:cloudformation:eu-west-1:111111111111:stack/shop/1"
MINIMAL = {
    "StackId": ID,
    "StackName": "shop",
    "CreationTime": NOW,
    "StackStatus": "CREATE_COMPLETE",
}
FULL = MINIMAL | {"EnableTerminationProtection": True}
DRIFTED = FULL | {"DriftInformation": {"StackDriftStatus": "DRIFTED", "LastCheckTimestamp": NOW}}
DIFFERENT = {"StackName": ID, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}


def parsed(**fields):
    return parse_stack(FULL | fields, None)


def output(key, value):
    return {"OutputKey": key, "OutputValue": value}


def drift(**fields):
    return {
        "StackId": ID,
        "LogicalResourceId": "Queue",
        "ResourceType": "AWS::SQS::Queue",
        "StackResourceDriftStatus": "MODIFIED",
        "Timestamp": NOW,
        **fields,
    }


def listing(*found):
    session = StubbedSession()
    session.answer_stacks(*found)
    return session


def test_nothing_is_invented_for_what_a_stack_does_not_say():
    stack = parsed()
    assert (stack.updated_at, stack.parent_id, stack.role_arn, stack.description) == (None,) * 4
    assert (stack.tags, stack.notification_arns, stack.outputs) == ({}, (), ())
    assert (stack.drift_status, stack.drifted_resources) == (None, None)
    assert stack.is_rollback_disabled is None
    assert stack.is_termination_protected


def test_protection_that_aws_does_not_tell_is_not_known():
    gap = parse_stack(MINIMAL, None).gaps["is_termination_protected"]
    assert gap.reason is GapReason.NOT_SUPPLIED


@pytest.mark.parametrize(
    ("fields", "disabled"),
    [
        ({"DisableRollback": False}, False),
        ({"DisableRollback": True}, True),
        ({"DeploymentConfig": {"Mode": "EXPRESS", "DisableRollback": True}}, True),
        ({"DisableRollback": False, "DeploymentConfig": {"DisableRollback": True}}, True),
    ],
)
def test_rollback_can_be_switched_off_in_two_places(fields, disabled):
    assert parsed(**fields).is_rollback_disabled is disabled


def test_what_the_row_of_stacks_reads_is_kept():
    stack = parsed(
        Tags=[{"Key": "GitCommit", "Value": "0a1b2c3"}],
        NotificationARNs=["arn:b", "arn:a"],
        ParentId="arn:parent",
        RootId="arn:root",
        RollbackConfiguration={
            "RollbackTriggers": [{"Arn": "arn:alarm", "Type": "AWS::CloudWatch::Alarm"}],
            "MonitoringTimeInMinutes": 10,
        },
        LastOperations=[{"OperationType": "UPDATE_STACK", "OperationId": "1"}],
    )
    assert stack.tags == {"GitCommit": "0a1b2c3"}
    assert stack.notification_arns == ("arn:a", "arn:b")
    assert (stack.is_nested, stack.root_id) == (True, "arn:root")
    assert (stack.rollback_triggers, stack.rollback_monitoring_minutes) == (("arn:alarm",), 10)
    assert stack.last_operations == ("UPDATE_STACK",)


def test_of_outputs_only_names_and_hits_of_secret_rules_are_kept():
    stack = parsed(Outputs=[output("DbPassword", "hunter2"), output("BucketName", "logs")])
    assert stack.outputs == ("BucketName", "DbPassword")
    (hit,) = stack.output_secrets
    assert (hit.location, hit.pattern) == ("output DbPassword", "name of a secret")
    assert stack.secret_rules == RULES_VERSION
    assert "hunter2" not in repr(stack)
    assert "logs" not in repr(stack)


@pytest.mark.parametrize(("value", "version"), [("21", 21), ("v21", None), ("", None)])
def test_the_version_of_the_cdk_bootstrap_is_a_number(value, version):
    assert parsed(Outputs=[output("BootstrapVersion", value)]).bootstrap_version == version


def test_drifted_resources_keep_paths_and_no_values():
    difference = {
        "PropertyPath": "/Password",
        "ExpectedValue": "hunter2",
        "ActualValue": "hunter3",
        "DifferenceType": "NOT_EQUAL",
    }
    session = listing(DRIFTED)
    session.answer(
        "cloudformation",
        "describe_stack_resource_drifts",
        {"StackResourceDrifts": [drift(PropertyDifferences=[difference])], "NextToken": "more"},
        **DIFFERENT,
    )
    session.answer(
        "cloudformation",
        "describe_stack_resource_drifts",
        {"StackResourceDrifts": [drift(LogicalResourceId="Topic")]},
        **DIFFERENT,
        NextToken="more",
    )
    (stack,) = stacks(session)
    assert [r.logical_id for r in stack.drifted_resources] == ["Queue", "Topic"]
    assert stack.drifted_resources[0].differences == ("/Password NOT_EQUAL",)
    assert "hunter" not in repr(stack)
    session.assert_all_asked()


def test_refused_drifts_leave_the_stack_known():
    session = listing(DRIFTED)
    session.refuse("cloudformation", "describe_stack_resource_drifts", "AccessDeniedException")
    (stack,) = stacks(session)
    assert list(stack.gaps) == ["drifted_resources"]
    assert stack.drift_status == "DRIFTED"


def test_a_stack_that_is_listed_abridged_is_looked_up_by_its_id():
    session = listing(MINIMAL)
    by_id = FULL | {"ParentId": "arn:parent", "DriftInformation": {"StackDriftStatus": "IN_SYNC"}}
    session.answer("cloudformation", "describe_stacks", {"Stacks": [by_id]}, StackName=ID)
    (stack,) = stacks(session)
    assert stack.is_termination_protected
    assert stack.is_nested
    assert stack.drift_status == "IN_SYNC"


def test_what_an_abridged_listing_leaves_out_is_not_known_when_the_look_up_is_refused():
    session = listing(MINIMAL)
    session.refuse("cloudformation", "describe_stacks", "AccessDeniedException")
    (stack,) = stacks(session)
    left_out = {"is_termination_protected", "parent_id", "root_id", "drift_status"}
    assert set(stack.gaps) == left_out
    assert {gap.reason for gap in stack.gaps.values()} == {GapReason.ACCESS_DENIED}
    assert stack.status == "CREATE_COMPLETE"


def test_a_stack_that_is_deleted_meanwhile_is_left_out():
    session = listing(MINIMAL)
    message = f"Stack with id {ID} does not exist"
    session.refuse("cloudformation", "describe_stacks", "ValidationError", message)
    assert list(stacks(session)) == []


def test_any_other_error_is_not_hidden():
    session = listing(MINIMAL)
    session.refuse("cloudformation", "describe_stacks", "ValidationError")
    with pytest.raises(ClientError):
        list(stacks(session))


def test_a_gap_of_drifts_is_no_list():
    gap = Gap(kind="x", reason=GapReason.THROTTLED)
    assert parse_stack(DRIFTED, gap).gaps["drifted_resources"] is gap
