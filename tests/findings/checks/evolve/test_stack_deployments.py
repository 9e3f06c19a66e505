"""E2: deployments of stacks."""

from tests.findings.checks.builders_cloudformation import (
    change_set_size,
    change_sets,
    nested,
    stack,
)
from tests.findings.checks.builders_cloudtrail_changes import stack_change, stack_changes
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

TEST = account(environment="test")
BY_PERSON = {"identity": "IAMUser", "role": None}


def changed(*changes, **fields):
    return [stack(**fields), stack_changes(*changes)]


def by(role, **fields):
    return changed(stack_change(role=role, **fields))


def sized(*counts, **fields):
    sizes = tuple(change_set_size(count, **fields) for count in counts)
    return [stack(), change_sets(sizes=sizes)]


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
    "cloudformation_change_sets_small": [
        Case("small", PASS, sized(3)),
        Case("as large as allowed", PASS, sized(25)),
        Case(
            "one change more",
            FAIL,
            sized(26),
            message="1 change sets, nine of ten have at most 26 changes, expected 25",
        ),
        Case("larger is allowed", PASS, sized(26), parameters={"max_changes": 26}),
        Case("one of nine is large", FAIL, sized(*[1] * 8, 26)),
        Case("one of ten is large", PASS, sized(26, *[1] * 9), message="10 change sets"),
        Case("two of ten are large", FAIL, sized(*[1] * 8, 26, 27), message="at most 26"),
        Case("two of eleven are large", FAIL, sized(*[1] * 9, 26, 27), message="at most 26"),
        Case("at the edge of the window", FAIL, sized(26, created_at=ago(days=30))),
        Case("a second before", NOT_APPLICABLE, sized(26, created_at=ago(days=30, seconds=1))),
        Case(
            "a longer window",
            FAIL,
            sized(26, created_at=ago(days=31)),
            parameters={"window_days": 31},
        ),
        Case("no time told", UNKNOWN, sized(26, created_at=None)),
        Case("no change set", NOT_APPLICABLE, [stack(), change_sets()]),
        Case("vanished", NOT_APPLICABLE, [stack()]),
        Case(
            "nested",
            NOT_APPLICABLE,
            [nested(), change_sets(sizes=(change_set_size(26),), name="shop-network")],
        ),
        Case("refused", UNKNOWN, [stack(), change_sets(sizes=denied(change_sets()))]),
        Case("denied", UNKNOWN, [stack()], gaps=[denied(change_sets())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
