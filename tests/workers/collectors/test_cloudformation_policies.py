"""Stack policies."""

import json

import pytest
from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudformation_policies import parse_stack_policy, stack_policies

DENY = {"Effect": "Deny", "Action": "Update:Delete", "Principal": "*", "Resource": "*"}


def parsed(*statements):
    body = json.dumps({"Statement": list(statements)})
    return parse_stack_policy("shop", {"StackPolicyBody": body})


def session_with(status="CREATE_COMPLETE"):
    session = StubbedSession()
    stack = {
        "StackId": "arn:shop",
        "StackName": "shop",
        "CreationTime": NOW,
        "StackStatus": status,
    }
    session.answer_stacks(stack)
    return session


def test_a_policy_is_read_statement_by_statement():
    condition = {"StringEquals": {"ResourceType": ["AWS::RDS::DBInstance"]}}
    allow = {
        "Effect": "Allow",
        "NotAction": ["Update:Delete"],
        "NotResource": "LogicalResourceId/A",
    }
    first, second = parsed(DENY | {"Condition": condition}, allow).statements
    assert (first.effect, first.actions, first.is_other_action) == (
        "Deny",
        ("Update:Delete",),
        False,
    )
    assert (first.resources, first.resource_types) == (("*",), ("AWS::RDS::DBInstance",))
    assert (second.effect, second.is_other_action, second.is_other_resource) == (
        "Allow",
        True,
        True,
    )
    assert (second.resources, second.resource_types) == (("LogicalResourceId/A",), ())


def test_a_single_statement_need_not_be_a_list():
    body = json.dumps({"Statement": DENY})
    assert len(parse_stack_policy("shop", {"StackPolicyBody": body}).statements) == 1


@pytest.mark.parametrize("response", [{}, {"StackPolicyBody": ""}])
def test_no_body_is_no_policy(response):
    assert parse_stack_policy("shop", response).statements is None


@pytest.mark.parametrize(
    "statement",
    [
        DENY | {"Effect": "Perhaps"},
        DENY | {"Action": []},
        DENY | {"Action": [1]},
        {name: value for name, value in DENY.items() if name != "Resource"},
        {name: value for name, value in DENY.items() if name != "Effect"},
        DENY | {"Condition": {"StringEquals": {"aws:PrincipalArn": "arn:me"}}},
        DENY | {"Condition": {"StringNotEquals": {"ResourceType": "AWS::S3::Bucket"}}},
        DENY | {"Condition": {"StringEquals": {}}},
        DENY | {"Condition": {"StringEquals": {"ResourceType": "a"}, "StringLike": {}}},
        "Deny",
    ],
)
def test_what_is_not_understood_is_not_known(statement):
    assert parsed(statement).gaps["statements"].code == "UnreadablePolicy"


@pytest.mark.parametrize("body", ["{", "[]", "{}", '"text"'])
def test_what_is_no_policy_is_not_known(body):
    found = parse_stack_policy("shop", {"StackPolicyBody": body})
    assert found.gaps["statements"].reason is GapReason.NOT_IN_SCHEMA


def test_a_stack_is_asked_for_by_its_id():
    session = session_with()
    body = json.dumps({"Statement": [DENY]})
    session.answer(
        "cloudformation", "get_stack_policy", {"StackPolicyBody": body}, StackName="arn:shop"
    )
    (found,) = stack_policies(session)
    assert (found.stack, len(found.statements)) == ("shop", 1)


def test_a_stack_in_review_has_no_policy_yet():
    assert list(stack_policies(session_with("REVIEW_IN_PROGRESS"))) == []


def test_a_refused_policy_leaves_the_others_known():
    session = session_with()
    session.refuse("cloudformation", "get_stack_policy", "AccessDeniedException")
    (found,) = stack_policies(session)
    assert list(found.gaps) == ["statements"]


def test_a_stack_that_is_gone_meanwhile_has_no_policy():
    session = session_with()
    message = "Stack with id arn:shop does not exist"
    session.refuse("cloudformation", "get_stack_policy", "ValidationError", message)
    assert list(stack_policies(session)) == []


def test_any_other_error_is_not_hidden():
    session = session_with()
    session.refuse("cloudformation", "get_stack_policy", "ValidationError", "No")
    with pytest.raises(ClientError):
        list(stack_policies(session))


def test_a_gap_stands_for_the_statements():
    gap = Gap(kind="x", reason=GapReason.THROTTLED)
    assert parse_stack_policy("shop", gap).gaps == {"statements": gap}
