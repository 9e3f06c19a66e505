"""E2: deployments of stacks."""

import pytest

from tests.findings.checks.builders_cloudformation import nested, stack
from tests.findings.checks.builders_cloudtrail_changes import stack_change, stack_changes
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    judged,
    rows,
)
from tests.findings.checks.gaps import denied

TEST = account(environment="test")
BY_PERSON = {"identity": "IAMUser", "role": None}


def changed(*changes, **fields):
    return [stack(**fields), stack_changes(*changes)]


def by(role, **fields):
    return changed(stack_change(role=role, **fields))


TABLE = {
    "cloudformation_stack_deployed_by_pipeline": [
        Case(
            "by a pipeline",
            PASS,
            changed(stack_change()),
            message="ExecuteChangeSet of 2026-06-12 by CodePipelineDeploy",
        ),
        *(
            Case(f"by {role}", PASS, by(role))
            for role in ("cdk-hnb659fds-deploy-role-1-eu-west-1", "GitHubActionsRole")
        ),
        *(
            Case(f"by {role}", FAIL, by(role), message=role)
            for role in ("AWSReservedSSO_Admin_1", "MyCodePipeline", "codepipeline-1")
        ),
        *(
            Case(f"{event} by a person", FAIL, changed(stack_change(event, **BY_PERSON)))
            for event in ("CreateStack", "UpdateStack", "ExecuteChangeSet")
        ),
        Case("told", FAIL, changed(stack_change(**BY_PERSON)), message="by IAMUser"),
        Case(
            "by another pipeline",
            PASS,
            by("Deployer-1"),
            parameters={"pipeline_roles": ["Deployer-*"]},
        ),
        Case(
            "by a service",
            PASS,
            by("Admin", service="cloudformation.amazonaws.com"),
            message="by cloudformation.amazonaws.com",
        ),
        Case(
            "last by a person",
            FAIL,
            changed(stack_change(at=ago(days=3)), stack_change(at=ago(days=2), **BY_PERSON)),
        ),
        Case(
            "last by a pipeline",
            PASS,
            changed(stack_change(at=ago(days=3), **BY_PERSON), stack_change(at=ago(days=2))),
        ),
        Case("another stack", UNKNOWN, by("Admin", stack="other")),
        Case("not told", UNKNOWN, changed(), message="no longer kept"),
        Case("no history", UNKNOWN, [stack()]),
        Case("denied", UNKNOWN, [stack()], gaps=[denied(stack_changes())]),
        Case(
            "changed at the limit",
            FAIL,
            changed(stack_change(at=ago(days=90), **BY_PERSON), updated_at=ago(days=90)),
        ),
        Case(
            "changed a second before",
            NOT_APPLICABLE,
            changed(stack_change(**BY_PERSON), updated_at=ago(days=90, seconds=1)),
            message="last changed on 2026-03-17",
        ),
        Case(
            "created in the window",
            FAIL,
            changed(
                stack_change("CreateStack", **BY_PERSON), created_at=ago(days=3), updated_at=None
            ),
        ),
        Case(
            "a shorter window",
            NOT_APPLICABLE,
            changed(stack_change(**BY_PERSON), updated_at=ago(days=3)),
            parameters={"window_days": 2},
        ),
        Case(
            "a call before the window",
            UNKNOWN,
            changed(stack_change(at=ago(days=21), **BY_PERSON)),
            parameters={"window_days": 20},
        ),
        Case("nested", NOT_APPLICABLE, [nested(), stack_changes()]),
        Case("of a stack set", NOT_APPLICABLE, [stack("StackSet-a-1"), stack_changes()]),
        Case("in review", NOT_APPLICABLE, changed(status="REVIEW_IN_PROGRESS")),
        Case("not in production", NOT_APPLICABLE, changed(stack_change(**BY_PERSON)), account=TEST),
        Case(
            "in production by its tag",
            FAIL,
            changed(stack_change(**BY_PERSON), tags={"Environment": "prod"}),
            account=TEST,
        ),
        Case(
            "another selector",
            FAIL,
            changed(stack_change(**BY_PERSON)),
            account=TEST,
            parameters={"production_selector": {"environments": ["test"]}},
        ),
    ],
}


@pytest.mark.parametrize(("check", "case"), rows(TABLE))
def test_outcome(check, case):
    result = judged(check, case)
    assert result.status is case.expect, result
    assert case.message in result.message
