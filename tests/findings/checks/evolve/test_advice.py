"""E3: advice of AWS."""

from findings.facts.base import Gap, GapReason, Place
from findings.facts.wellarchitected import Workload
from tests.findings.checks.builders_advice import recommendation, workload
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
OLD = recommendation(created_at=ago(days=60, seconds=1))
NO_PLAN = Gap(kind=recommendation().kind, reason=GapReason.SUBSCRIPTION_REQUIRED)
NOT_THERE = Gap(kind=Workload.kind, reason=GapReason.SERVICE_NOT_AVAILABLE)


def standard(**fields):
    return recommendation(stage=None, created_at=None, **fields)


TABLE = {
    "advisor_operational_findings_resolved": [
        Case("nothing found", PASS),
        Case("new", PASS, [recommendation()]),
        Case("at the limit", PASS, [recommendation(created_at=ago(days=60))]),
        Case(
            "a second more",
            FAIL,
            [OLD],
            message="Trusted Advisor: Lambda functions using deprecated runtimes since 2026-04-16",
        ),
        Case("old for longer", PASS, [OLD], parameters={"max_age_days": 61}),
        Case("in progress", FAIL, [recommendation(stage="in_progress", created_at=ago(days=61))]),
        *(
            Case(f"old and {stage}", PASS, [recommendation(stage=stage, created_at=ago(days=61))])
            for stage in ("dismissed", "resolved")
        ),
        Case("written of lately", UNKNOWN, [standard()]),
        Case("not written of for long", FAIL, [standard(updated_at=ago(days=61))]),
        Case("no time told", UNKNOWN, [standard(updated_at=None)]),
        Case("one of two is old", FAIL, [recommendation("Alarms"), OLD]),
        Case("no support plan", UNKNOWN, gaps=[NO_PLAN], message="subscription required"),
        Case("without high risks", PASS, [workload()]),
        Case(
            "high risks",
            FAIL,
            [workload(high_risks=2)],
            message="Well-Architected: shop has 2 high risks, improvement status NOT_APPLICABLE",
        ),
        *(
            Case(f"high risks, {status}", FAIL, [workload(high_risks=1, improvement_status=status)])
            for status in ("NOT_STARTED", None)
        ),
        *(
            Case(f"high risks, {status}", PASS, [workload(high_risks=1, improvement_status=status)])
            for status in ("IN_PROGRESS", "COMPLETE", "RISK_ACKNOWLEDGED")
        ),
        Case("in another region", FAIL, [workload()], {ELSEWHERE: [workload(high_risks=1)]}),
        Case("high risks without a support plan", FAIL, [workload(high_risks=1)], gaps=[NO_PLAN]),
        Case("workloads denied", UNKNOWN, gaps=[denied(workload())]),
        Case("old, whatever the workloads", FAIL, [OLD], gaps=[denied(workload())]),
        Case("a region without the tool", PASS, gaps=[NOT_THERE]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
