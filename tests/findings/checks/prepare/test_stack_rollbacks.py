"""P3: rollback of stacks."""

from tests.findings.checks.builders_cloudformation import nested, stack
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Playground")
DENIED = denied(stack())
TEST = account(environment="test")


def arn(name="shop-5xx", owner=ACCOUNT, region=REGION):
    return f"arn:aws:cloudwatch:{region}:{owner}:alarm:{name}"


def off(**fields):
    return [stack(is_rollback_disabled=True, **fields)]


def watched(*names, minutes=5, **fields):
    triggers = names or (arn(),)
    given = {"rollback_triggers": triggers, "rollback_monitoring_minutes": minutes}
    return stack(**(given | fields))


TABLE = {
    "cloudformation_stack_rollback_enabled": [
        Case("on", PASS, [stack()], message="rollback on failure is on"),
        Case("off", FAIL, off(), message="rollback on failure is off"),
        Case("off in a test account", FAIL, off(), account=TEST),
        Case("off in a sandbox", NOT_APPLICABLE, off(), account=SANDBOX),
        *(
            Case(
                f"off in {path}",
                NOT_APPLICABLE,
                off(),
                account=account(environment="", ou_path=path),
            )
            for path in ("Sandbox", "Sandbox/Mobile")
        ),
        Case(
            "off in a unit that sounds like it",
            FAIL,
            off(),
            account=account(environment="", ou_path="Sandboxes"),
        ),
        Case(
            "another selector",
            NOT_APPLICABLE,
            off(),
            account=TEST,
            parameters={"sandbox_selector": {"environments": ["test"]}},
        ),
        Case("nested", NOT_APPLICABLE, [nested(is_rollback_disabled=True)]),
        Case("in review", NOT_APPLICABLE, off(status="REVIEW_IN_PROGRESS")),
        Case("not told", UNKNOWN, [stack(is_rollback_disabled=None)]),
    ],
    "cloudformation_stack_rollback_triggers_set": [
        Case("watched", PASS, [watched(), alarm()]),
        Case("no trigger", FAIL, [watched(rollback_triggers=()), alarm()], message="triggers"),
        Case(
            "a minute too short",
            FAIL,
            [watched(minutes=4), alarm()],
            message="monitoring time: 4 minutes, expected at least 5",
        ),
        Case("no time told", FAIL, [watched(minutes=None), alarm()], message="0 minutes"),
        Case(
            "long enough here",
            PASS,
            [watched(minutes=4), alarm()],
            parameters={"min_minutes": 4},
        ),
        Case("alarm gone", FAIL, [watched(), alarm("other")], message="no such alarm"),
        Case("one of two gone", FAIL, [watched(arn(), arn("gone")), alarm()], message="gone"),
        Case("both there", PASS, [watched(arn(), arn("late")), alarm(), alarm("late")]),
        Case("of another region", UNKNOWN, [watched(arn(region=OTHER_REGION)), alarm()]),
        Case("of another account", UNKNOWN, [watched(arn(owner=OTHER)), alarm()]),
        Case("no ARN at all", UNKNOWN, [watched("alarm"), alarm()]),
        Case("alarms denied", UNKNOWN, [watched()], gaps=[denied(alarm())]),
        Case("too short all the same", FAIL, [watched(minutes=1)], gaps=[denied(alarm())]),
        Case("not in production", NOT_APPLICABLE, [stack()], account=TEST),
        Case(
            "in production by its tag",
            FAIL,
            [stack(tags={"Environment": "Production"})],
            account=TEST,
        ),
        Case("tags that decide nothing", FAIL, [stack(tags=DENIED)]),
        Case("tags that decide", UNKNOWN, [stack(tags=DENIED)], account=TEST),
        Case(
            "another selector",
            FAIL,
            [stack()],
            account=TEST,
            parameters={"production_selector": {"environments": ["test"]}},
        ),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case("of a stack set", NOT_APPLICABLE, [stack("StackSet-audit-1")]),
        Case("in review", NOT_APPLICABLE, [stack(status="REVIEW_IN_PROGRESS")]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
