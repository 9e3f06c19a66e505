"""State machines."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.stepfunctions import parse_state_machine, state_machines

ARN = "arn:aws:states:eu-west-1:111111111111:stateMachine:checkout"
LISTED = {"stateMachineArn": ARN, "name": "checkout", "type": "EXPRESS", "creationDate": NOW}
GROUP = "arn:aws:logs:eu-west-1:111111111111:log-group:checkout:*"


@pytest.fixture
def session():
    session = StubbedSession()
    session.answer("stepfunctions", "list_state_machines", {"stateMachines": [LISTED]})
    yield session
    session.assert_all_asked()


def described(**fields):
    return LISTED | {"definition": "{}", "roleArn": "arn:aws:iam::111111111111:role/x"} | fields


def test_only_metadata_is_asked_for(session):
    answer = described(
        status="ACTIVE",
        tracingConfiguration={"enabled": True},
        loggingConfiguration={
            "level": "ERROR",
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}, {}],
        },
    )
    session.answer(
        "stepfunctions",
        "describe_state_machine",
        answer,
        stateMachineArn=ARN,
        includedData="METADATA_ONLY",
    )
    (machine,) = state_machines(session)
    assert (machine.key, machine.type, machine.status) == ("checkout", "EXPRESS", "ACTIVE")
    assert machine.is_tracing_enabled
    assert (machine.logging_level, machine.log_destinations) == ("ERROR", (GROUP,))


def test_a_denied_description_costs_only_itself(session):
    session.refuse("stepfunctions", "describe_state_machine", "AccessDeniedException")
    (machine,) = state_machines(session)
    assert (machine.name, machine.type) == ("checkout", "EXPRESS")
    reasons = {gap.reason for gap in machine.gaps.values()}
    assert reasons == {GapReason.ACCESS_DENIED}
    assert machine.gaps.keys() == {
        "status",
        "is_tracing_enabled",
        "logging_level",
        "log_destinations",
    }


def test_a_machine_that_was_deleted_meanwhile_is_left_out(session):
    session.refuse("stepfunctions", "describe_state_machine", "StateMachineDoesNotExist")
    assert list(state_machines(session)) == []


def test_what_a_description_leaves_out_is_not_known():
    machine = parse_state_machine(LISTED, described())
    assert machine.gaps.keys() == {"status", "is_tracing_enabled", "logging_level"}
    assert machine.log_destinations == ()
