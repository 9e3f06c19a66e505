from findings.facts.applicationsignals import Objective
from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_xray import service
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)

SANDBOX = account(environment="sandbox")
TRACES_DENIED = Gap(kind="xray.service", reason=GapReason.ACCESS_DENIED)
DENIED = Gap(kind=Objective.kind, reason=GapReason.ACCESS_DENIED)


def objective(status="OK", name="orders-latency"):
    return Objective(name=name, arn=f"arn:{name}", budget_status=status)


HEALTHY = [
    Case("is kept", PASS, [objective(), service()]),
    Case("is kept without traces", PASS, [objective()]),
    Case("is nearly used up", PASS, [objective("WARNING")]),
    Case("has too little data", PASS, [objective("INSUFFICIENT_DATA")]),
    Case("is used up", FAIL, [objective("BREACHED")], message="the budget of orders-latency"),
    Case("one of two is used up", FAIL, [objective(), objective("BREACHED", "orders-errors")]),
    Case("none for a service", FAIL, [service()], message="0 objectives"),
    Case("one of two that are wanted", FAIL, [objective()], parameters={"min_slos": 2}),
    Case("AWS says something new", UNKNOWN, [objective("PAUSED")], message="PAUSED"),
    Case("AWS says nothing", UNKNOWN, [objective(None)]),
    Case("a budget was denied", UNKNOWN, [objective(DENIED)]),
    Case("objectives were denied", UNKNOWN, [service()], gaps=[DENIED]),
    Case("no service", NOT_APPLICABLE, message="no service"),
    Case("a service of another account", NOT_APPLICABLE, [service(owner=OTHER)]),
    Case("traces were denied", UNKNOWN, gaps=[TRACES_DENIED]),
    Case("traces were denied, and do not matter", PASS, [objective()], gaps=[TRACES_DENIED]),
    Case(
        "is a sandbox",
        NOT_APPLICABLE,
        [objective("BREACHED")],
        account=SANDBOX,
        message="production",
    ),
    Case(
        "is a sandbox that is tagged",
        PASS,
        [objective()],
        account=account(environment="sandbox", tags={"Environment": "prod"}),
    ),
    Case(
        "production is something else",
        NOT_APPLICABLE,
        [objective()],
        parameters={"production_selector": {"environments": ["live"]}},
    ),
]

TABLE = {"applicationsignals_slo_healthy": HEALTHY}


def test_outcomes():
    assert_outcomes(TABLE)
