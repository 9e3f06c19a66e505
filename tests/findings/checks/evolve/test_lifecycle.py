"""E2: scheduled changes."""

from datetime import timedelta

from tests.findings.checks.builders_health import scheduled_change
from tests.findings.checks.cases import FAIL, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

DAYS_90 = timedelta(days=90)
SECOND = timedelta(seconds=1)

TABLE = {
    "health_lifecycle_events_planned": [
        Case("far ahead", PASS, [scheduled_change()]),
        Case("a second before it is near", PASS, [scheduled_change(DAYS_90 + SECOND)]),
        Case(
            "near",
            FAIL,
            [scheduled_change(DAYS_90)],
            message="AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT in eu-west-1: upcoming for 2026-09-13",
        ),
        Case("past", FAIL, [scheduled_change(-SECOND, status="open")], message="open for"),
        Case("near enough here", PASS, [scheduled_change(DAYS_90)], parameters={"warn_days": 30}),
        Case("no time told", UNKNOWN, [scheduled_change(starts_at=denied(scheduled_change()))]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
