import pytest

from findings.facts.base import Gap, GapReason, Place
from findings.facts.dashboards import Dashboard
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    judged,
    rows,
)

DENIED = Gap(kind="cloudwatch.alarm", reason=GapReason.ACCESS_DENIED)


def dashboard(*alarms, name="shop"):
    return Dashboard(name=name, alarms=alarms)


THEIRS = f"arn:aws:cloudwatch:{OTHER_REGION}:{OTHER}:alarm:shop:eu"
DASHBOARDS = [
    Case("shows metrics", PASS, [dashboard()]),
    Case("shows an alarm", PASS, [dashboard(alarm().arn), alarm()]),
    Case("none", FAIL, [alarm()], message="0 dashboards"),
    Case("one of two that are wanted", FAIL, [dashboard()], parameters={"min_dashboards": 2}),
    Case(
        "shows an alarm that is gone",
        FAIL,
        [dashboard(alarm().arn), alarm("orders-5xx")],
        message=f"shop shows {alarm().arn}, which does not exist",
    ),
    Case(
        "one of two shows an alarm that is gone",
        FAIL,
        [dashboard(), dashboard(alarm().arn, name="orders")],
    ),
    Case("shows what is no alarm", FAIL, [dashboard("shop-5xx")]),
    Case(
        "shows an alarm of another account",
        PASS,
        [dashboard(THEIRS)],
        elsewhere={Place(OTHER, OTHER_REGION): [alarm("shop:eu")]},
    ),
    Case(
        "the alarm stands in another region",
        FAIL,
        [dashboard(THEIRS)],
        elsewhere={
            Place(OTHER, OTHER_REGION): [],
            Place(ACCOUNT, OTHER_REGION): [alarm("shop:eu")],
        },
    ),
    Case("shows an alarm of a stranger", UNKNOWN, [dashboard(THEIRS)]),
    Case("alarms were denied", UNKNOWN, [dashboard(alarm().arn)], gaps=[DENIED]),
    Case("alarms were denied, and it shows none", PASS, [dashboard()], gaps=[DENIED]),
    Case("what it shows was denied", UNKNOWN, [Dashboard(name="shop", alarms=DENIED)]),
    Case(
        "dashboards are kept elsewhere",
        NOT_APPLICABLE,
        parameters={"external_dashboards": True},
        message="kept elsewhere",
    ),
]

TABLE = {"cloudwatch_dashboard_present": DASHBOARDS}


@pytest.mark.parametrize(("check", "case"), rows(TABLE))
def test_outcome(check, case):
    result = judged(check, case)
    assert result.status is case.expect, result
    assert case.message in result.message
