from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation_hooks import Hook
from tests.findings.checks.builders_cloudformation import stack
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
IN_TIME, LATE = ago(days=30), ago(days=30, seconds=1)


def hook(completed_at=IN_TIME, name="Example::Tags::Hook"):
    arn = f"arn:aws:cloudformation:eu-west-1:111111111111:type/hook/{name}"
    return Hook(name=name, arn=arn, completed_at=completed_at)


TABLE = {
    "cloudformation_hooks_activated": [
        Case("one that judges", PASS, [hook(), stack()]),
        Case("a second too long ago", FAIL, [hook(LATE), stack()], message="on 2026-05-16"),
        Case("one that never judged", FAIL, [hook(None), stack()], message="never came to"),
        Case("none", FAIL, [stack()], message="0 found, 1 expected"),
        Case("one of two judges", PASS, [hook(None, "Example::Cost::Hook"), hook(), stack()]),
        Case("not known", UNKNOWN, [hook(DENIED), stack()]),
        Case(
            "one is not known, the other judges", PASS, [hook(DENIED, "A::B::C"), hook(), stack()]
        ),
        Case("hooks were denied", UNKNOWN, [stack()], gaps=[denied(hook())]),
        Case(
            "more hooks",
            FAIL,
            [hook(), stack()],
            parameters={"min_hooks": 2},
            message="1 found, 2 expected",
        ),
        Case("fewer days", FAIL, [hook(), stack()], parameters={"window_days": 29}),
        Case("no stack", NOT_APPLICABLE, []),
        Case("a hook, and no stack", PASS, [hook()]),
        Case("only stacks of AWS's tools", NOT_APPLICABLE, [stack("CDKToolkit"), stack("awseb-1")]),
        Case("one of the account beside them", FAIL, [stack("CDKToolkit"), stack()]),
        Case("stacks were denied", UNKNOWN, [], gaps=[denied(stack())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
