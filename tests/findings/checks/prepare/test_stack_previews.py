"""P3: change sets before changes."""

from datetime import timedelta

from tests.findings.checks.builders_cloudformation import nested, stack, stack_id
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
DENIED = denied(stack())
EXECUTED = stack_change()
UPDATED = stack_change("UpdateStack", ago(days=2))
CHANGE_SET = "arn:aws:cloudformation:eu-west-1:111111111111:changeSet/release/1"


def changed(*changes, **fields):
    return [stack(**({"updated_at": ago(days=2)} | fields)), stack_changes(*changes)]


TABLE = {
    "cloudformation_update_uses_change_set": [
        Case("executed", PASS, changed(EXECUTED), message="executed on 2026-06-12"),
        Case(
            "updated",
            FAIL,
            changed(EXECUTED, UPDATED),
            message="1 updates without a change set, last 2026-06-13",
        ),
        Case(
            "updated by its id", FAIL, changed(stack_change("UpdateStack", stack=stack_id("shop")))
        ),
        Case("another stack was", PASS, changed(EXECUTED, stack_change("UpdateStack", stack="x"))),
        Case(
            "so many are allowed",
            PASS,
            changed(UPDATED),
            parameters={"max_update_stack_events": 1},
            message="1 updates",
        ),
        Case(
            "change set by its id alone",
            PASS,
            changed(stack_change(stack=None, change_set=CHANGE_SET), change_set_id=CHANGE_SET),
        ),
        Case(
            "another change set",
            UNKNOWN,
            changed(stack_change(stack=None, change_set=CHANGE_SET)),
            message="no longer kept",
        ),
        Case("neither told", UNKNOWN, changed(stack_change(stack=None))),
        Case(
            "of an earlier stack of this name",
            PASS,
            changed(UPDATED, stack_change(at=ago(days=1)), created_at=ago(days=1)),
        ),
        Case(
            "dated just before it was created",
            FAIL,
            changed(UPDATED, created_at=UPDATED.at + timedelta(minutes=1)),
        ),
        Case(
            "a second more",
            UNKNOWN,
            changed(UPDATED, created_at=UPDATED.at + timedelta(minutes=1, seconds=1)),
        ),
        Case("created and not told of", UNKNOWN, changed()),
        Case(
            "by a service of AWS",
            NOT_APPLICABLE,
            changed(stack_change("UpdateStack", service="servicecatalog.amazonaws.com")),
            message="services of AWS",
        ),
        Case(
            "created in the window",
            NOT_APPLICABLE,
            changed(stack_change("CreateStack"), updated_at=None),
        ),
        Case(
            "updated at the limit",
            FAIL,
            changed(stack_change("UpdateStack", ago(days=30)), updated_at=ago(days=30)),
        ),
        Case(
            "updated a second before",
            NOT_APPLICABLE,
            changed(UPDATED, updated_at=ago(days=30, seconds=1)),
        ),
        Case(
            "a call before the window",
            PASS,
            changed(stack_change("UpdateStack", ago(days=30, seconds=1)), EXECUTED),
        ),
        Case(
            "a shorter window",
            NOT_APPLICABLE,
            changed(UPDATED),
            parameters={"window_days": 1},
        ),
        Case(
            "known for as long as the window",
            PASS,
            [stack(updated_at=ago(days=2)), stack_changes(EXECUTED, known_from=ago(days=30))],
        ),
        Case(
            "known for a second less",
            UNKNOWN,
            [
                stack(updated_at=ago(days=2)),
                stack_changes(EXECUTED, known_from=ago(days=30) + timedelta(seconds=1)),
            ],
        ),
        Case(
            "enough for a verdict all the same",
            FAIL,
            [stack(updated_at=ago(days=2)), stack_changes(UPDATED, known_from=ago(days=20))],
        ),
        Case("no history", UNKNOWN, [stack(updated_at=ago(days=2))]),
        Case("denied", UNKNOWN, [stack(updated_at=ago(days=2))], gaps=[denied(stack_changes())]),
        Case("nested", NOT_APPLICABLE, [nested(updated_at=ago(days=2)), stack_changes()]),
        Case("of a stack set", NOT_APPLICABLE, [stack("StackSet-a-1", updated_at=ago(days=2))]),
        Case("in review", NOT_APPLICABLE, changed(status="REVIEW_IN_PROGRESS")),
        Case("not in production", NOT_APPLICABLE, changed(UPDATED), account=TEST),
        Case(
            "in production by its tag",
            FAIL,
            changed(UPDATED, tags={"Environment": "prod"}),
            account=TEST,
        ),
        Case("tags that decide nothing", FAIL, changed(UPDATED, tags=DENIED)),
        Case(
            "another selector",
            FAIL,
            changed(UPDATED),
            account=TEST,
            parameters={"production_selector": {"environments": ["test"]}},
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
