"""O1: operations on stack sets."""

from findings.facts.cloudformation_stack_sets import StackSetRun
from tests.findings.checks.builders_cloudformation import stack_instances, stack_set_run
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

INSTANCES = stack_instances()
DENIED = denied(stack_set_run())


def run(**fields):
    return [stack_set_run(**fields), INSTANCES]


TABLE = {
    "cloudformation_stackset_operations_succeed": [
        Case("by AWS's defaults", PASS, run()),
        Case(
            "failed",
            FAIL,
            run(status="FAILED"),
            message="status: the UPDATE of 2026-06-14 is FAILED",
        ),
        Case("stopped", FAIL, run(status="STOPPED"), message="status"),
        Case(
            "one instance failed",
            FAIL,
            run(failed_instances=1),
            message="failed instances: 1 failed",
        ),
        Case("failures not told", UNKNOWN, run(failed_instances=None)),
        Case("failures not told of a failure", FAIL, run(failed_instances=None, status="FAILED")),
        Case("tolerates as much as allowed", PASS, run(tolerated_percent=20)),
        Case(
            "tolerates more",
            FAIL,
            run(tolerated_percent=21),
            message="failure tolerance: 21 %, expected at most 20 %",
        ),
        Case(
            "tolerates what is allowed here",
            PASS,
            run(tolerated_percent=21),
            parameters={"max_failure_percent": 21},
        ),
        Case("tolerates two accounts of ten", PASS, run(tolerated_count=2)),
        Case(
            "tolerates three accounts of ten",
            FAIL,
            run(tolerated_count=3),
            message="failure tolerance: 3 of 10 accounts, expected at most 20 %",
        ),
        Case("tolerates none", PASS, [stack_set_run(tolerated_count=0)]),
        Case("tolerates one of unknown many", FAIL, [stack_set_run(tolerated_count=1)]),
        Case(
            "accounts denied",
            UNKNOWN,
            [stack_set_run(tolerated_count=1)],
            gaps=[denied(INSTANCES)],
        ),
        Case("half of them at once", PASS, run(concurrent_percent=50)),
        Case(
            "more at once",
            FAIL,
            run(concurrent_percent=51),
            message="concurrency: 51 %, expected at most 50 %",
        ),
        Case(
            "as many as are allowed here",
            PASS,
            run(concurrent_percent=51),
            parameters={"max_concurrent_percent": 51},
        ),
        Case("five accounts of ten at once", PASS, run(concurrent_count=5)),
        Case(
            "six accounts of ten at once",
            FAIL,
            run(concurrent_count=6),
            message="concurrency: 6 of 10 accounts, expected at most 50 %",
        ),
        Case(
            "one account of one",
            PASS,
            [stack_set_run(concurrent_count=1), stack_instances(total=1, accounts=1)],
        ),
        Case("begun at the limit", FAIL, run(status="FAILED", started_at=ago(days=90))),
        Case(
            "begun a second before",
            NOT_APPLICABLE,
            run(status="FAILED", started_at=ago(days=90, seconds=1)),
            message="2026-03-17",
        ),
        Case("nothing ended", NOT_APPLICABLE, [StackSetRun(stack_set="audit", latest=None)]),
        Case("denied", UNKNOWN, [StackSetRun(stack_set="audit", latest=DENIED)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
