"""P3: response plans."""

from findings.facts.base import not_told
from tests.findings.checks.builders_incidents import plan, replication_set
from tests.findings.checks.builders_ssm import document, shared_document
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    Place,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
USED = replication_set()
OWN = document("restore")
OWN_ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/restore"
SHARED = shared_document()
UNTOLD = not_told("ssm_incidents.response_plan", "ssm-incidents:GetResponsePlan")

TABLE = {
    "incident_response_plan_runs_runbook": [
        Case("a runbook of AWS", PASS, [USED, plan()]),
        Case("an own one", PASS, [USED, plan(runbooks=("restore",)), OWN]),
        Case("an own one by its ARN", PASS, [USED, plan(runbooks=(OWN_ARN,)), OWN]),
        Case("a shared one", PASS, [USED, plan(runbooks=(SHARED.name,)), SHARED]),
        Case("in another region", PASS, [USED, plan(runbooks=("restore",))], {ELSEWHERE: [OWN]}),
        Case(
            "none",
            FAIL,
            [USED, plan(runbooks=())],
            message="not met: runbooks: shop starts none",
        ),
        Case(
            "one that is not there",
            FAIL,
            [USED, plan(runbooks=("restore",)), document("failover")],
            message="not met: runbooks: shop starts restore, which is not there",
        ),
        Case(
            "one by an ARN that is not there",
            FAIL,
            [USED, plan(runbooks=(SHARED.name,)), document("failover")],
        ),
        Case(
            "one of two", FAIL, [USED, plan(), plan("tills", runbooks=())], message="tills starts"
        ),
        Case("a chat channel", PASS, [USED, plan(engagements=0, chat_channels=1)]),
        Case(
            "nobody",
            FAIL,
            [USED, plan(engagements=0)],
            message="not met: responders: shop tells nobody",
        ),
        Case("no plan", FAIL, [USED], message="not met: plans: 0, expected at least 1"),
        Case("no plan is asked for", PASS, [USED], parameters={"min_plans": 0}),
        Case("two are asked for", FAIL, [USED, plan()], parameters={"min_plans": 2}),
        Case(
            "the same in two regions",
            FAIL,
            [USED, plan()],
            {ELSEWHERE: [USED, plan()]},
            parameters={"min_plans": 2},
            message="plans: 1, expected at least 2",
        ),
        Case(
            "the same in two regions is told once",
            FAIL,
            [USED, plan(engagements=0)],
            {ELSEWHERE: [USED, plan(engagements=0)]},
            message="not met: responders: shop tells nobody",
        ),
        Case("not in use", NOT_APPLICABLE, [plan()]),
        Case("in use elsewhere", FAIL, [], {ELSEWHERE: [USED]}),
        Case("sets were denied", UNKNOWN, [plan()], gaps=[denied(USED)]),
        Case("plans were denied", UNKNOWN, [USED], gaps=[denied(plan())]),
        Case("documents were denied", PASS, [USED, plan()], gaps=[denied(OWN)]),
        Case("its own, too", UNKNOWN, [USED, plan(runbooks=("restore",))], gaps=[denied(OWN)]),
        Case("a plan that is not told", UNKNOWN, [USED, plan(runbooks=UNTOLD)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_what_plans_have_in_common_is_told_once():
    told = {
        (check, case.name): judged(check, case).message
        for check, cases in TABLE.items()
        for case in cases
    }
    assert [name for name, message in told.items() if message.count("tells nobody") > 1] == []
