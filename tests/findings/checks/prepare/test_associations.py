"""P2: associations of State Manager."""

from tests.findings.checks.builders_ssm_patching import association, compliance
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

LATE = "schedules: inventory last ran on"


def scheduled(schedule, days, **fields):
    """At the limit it passes, a second later it does not; a day of grace is added."""
    at = {"days": days + 1}
    return [
        Case(
            f"{schedule} at the limit {fields}",
            PASS,
            [association(schedule=schedule, last_run_at=ago(**at), **fields)],
        ),
        Case(
            f"{schedule} beyond it {fields}",
            FAIL,
            [association(schedule=schedule, last_run_at=ago(**at, seconds=1), **fields)],
            message=LATE,
        ),
    ]


TABLE = {
    "ssm_association_compliant": [
        Case("applied and complied with", PASS, [association(), compliance()]),
        Case("no association is left", PASS, [compliance()]),
        Case("no node reports", PASS, [association()]),
        Case(
            "a node does not comply",
            FAIL,
            [association(), compliance("NON_COMPLIANT")],
            message="nodes: mi-1 is NON_COMPLIANT",
        ),
        Case("one of two nodes", FAIL, [compliance(), compliance("NON_COMPLIANT", "mi-2")]),
        Case("a status of tomorrow", FAIL, [compliance("PARTLY")]),
        Case(
            "it failed",
            FAIL,
            [association(status="Failed")],
            message="results: inventory failed",
        ),
        Case("it waits", PASS, [association(status="Pending")]),
        Case("it was never run", PASS, [association(status=None, last_run_at=None)]),
        Case("how it ended is not told", UNKNOWN, [association(status=None)]),
        Case("one of two", FAIL, [association(), association("agent", status="Failed")]),
        *scheduled("rate(1 day)", 1),
        *scheduled("rate(14 days)", 14),
        *scheduled("cron(0 2 ? * SUN *)", 7),
        *scheduled("cron(0 2 ? * SUN#1 *)", 35),
        *scheduled("cron(0 2 ? * SUN#1 *)", 37, schedule_offset_days=2),
        Case(
            "a shorter grace",
            FAIL,
            [association(last_run_at=ago(hours=26))],
            parameters={"grace_hours": 1},
        ),
        *(
            Case(f"{schedule} is not late", PASS, [association(schedule=schedule, **old)])
            for old in [{"last_run_at": ago(days=400)}]
            for schedule in (None, "at(2026-01-05T02:00:00)")
        ),
        Case(
            "without a name",
            FAIL,
            [association(None, status="Failed")],
            message="AWS-GatherSoftwareInventory failed",
        ),
        Case(
            "without name or document",
            FAIL,
            [association(None, document=None, status="Failed")],
            message="id-of-None failed",
        ),
        Case("nothing", NOT_APPLICABLE),
        Case("associations were denied", UNKNOWN, gaps=[denied(association())]),
        Case("nodes were denied", UNKNOWN, gaps=[denied(compliance())]),
        Case("only nodes are known", UNKNOWN, [compliance()], gaps=[denied(association())]),
        Case(
            "a node that does not comply is known",
            FAIL,
            [compliance("NON_COMPLIANT")],
            gaps=[denied(association())],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
