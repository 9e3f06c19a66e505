"""O1: drift."""

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

DENIED = denied(stack())


def drifted(checked_at, **fields):
    return [stack(drift_status="DRIFTED", drift_checked_at=checked_at, **fields)]


TABLE = {
    "cloudformation_drift_remediated_in_time": [
        Case(
            "checked a second too long ago",
            FAIL,
            drifted(ago(days=14, seconds=1)),
            message="drifted since 2026-06-01 at the latest",
        ),
        Case("checked at the limit", UNKNOWN, drifted(ago(days=14)), message="no longer kept"),
        Case("checked lately", UNKNOWN, drifted(ago(hours=1))),
        Case(
            "checked lately, of a stack no older",
            PASS,
            drifted(ago(hours=1), created_at=ago(days=14)),
            message="drifted, and made on 2026-06-01",
        ),
        Case(
            "of one that is older by a second",
            UNKNOWN,
            drifted(ago(hours=1), created_at=ago(days=14, seconds=1)),
        ),
        Case("less is allowed", FAIL, drifted(ago(days=3)), parameters={"max_days": 2}),
        Case("no time told", UNKNOWN, drifted(None)),
        Case("no time told of a new stack", UNKNOWN, drifted(None, created_at=ago(days=1))),
        *(
            Case(
                f"{status}",
                NOT_APPLICABLE,
                [stack(drift_status=status)],
                message=f"drift status {status or 'not told'}",
            )
            for status in ("IN_SYNC", "NOT_CHECKED", "UNKNOWN", None)
        ),
        Case("status denied", UNKNOWN, [stack(drift_status=DENIED)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
