"""E1 CI/CD: how pipelines run."""

from tests.findings.checks.builders_codepipeline import activity, closed, execution
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)


def closing(*transitions):
    return [activity(disabled_transitions=transitions)]


TABLE = {
    "codepipeline_execution_healthy": [
        Case("succeeded", PASS, [activity()]),
        *(
            Case(f"{status} long ago", PASS, [activity(execution(status, updated_at=ago(days=5)))])
            for status in ("Succeeded", "Superseded", "Stopped", "Cancelled", "Skipped", "Stopping")
        ),
        Case("failed yesterday", PASS, [activity(execution("Failed", updated_at=ago(days=1)))]),
        Case("failed, the limit", PASS, [activity(execution("Failed", updated_at=ago(days=2)))]),
        Case(
            "failed, a second more",
            FAIL,
            [activity(execution("Failed", updated_at=ago(days=2, seconds=1)))],
            message="the newest execution failed 2026-06-13",
        ),
        Case(
            "failed, a longer limit",
            PASS,
            [activity(execution("Failed", updated_at=ago(days=9)))],
            parameters={"max_failed_days": 9},
        ),
        Case("a status that AWS may add", UNKNOWN, [activity(execution("Paused"))]),
        Case(
            "in progress, the limit",
            PASS,
            [activity(in_progress=(execution("InProgress", ago(hours=72)),))],
        ),
        Case(
            "in progress, a second more",
            FAIL,
            [activity(in_progress=(execution("InProgress", ago(hours=72, seconds=1)),))],
            message="e-1 is in progress since 2026-06-12 11:59 UTC",
        ),
        Case(
            "in progress, a longer limit",
            PASS,
            [activity(in_progress=(execution("InProgress", ago(hours=100)),))],
            parameters={"max_hours": 100},
        ),
        Case(
            "the newest in progress",
            PASS,
            [
                activity(
                    execution("InProgress"),
                    in_progress=(execution("InProgress"),),
                )
            ],
        ),
        Case(
            "closed, the limit",
            PASS,
            closing(closed(since=ago(days=14))),
        ),
        Case(
            "closed, a second more",
            FAIL,
            [activity(disabled_transitions=(closed(since=ago(days=14, seconds=1)),))],
            message="the way into Prod is closed since 2026-06-01",
        ),
        Case(
            "closed, a longer limit",
            PASS,
            [activity(disabled_transitions=(closed(since=ago(days=20)),))],
            parameters={"max_disabled_days": 20},
        ),
        Case(
            "closed without a reason",
            FAIL,
            [activity(disabled_transitions=(closed(reason=None),))],
            message="nobody said why",
        ),
        Case("closed at no time", FAIL, [activity(disabled_transitions=(closed(since=None),))]),
        Case(
            "one of two is closed too long",
            FAIL,
            [activity(disabled_transitions=(closed(), closed("Test", ago(days=30))))],
        ),
        Case("never ran", NOT_APPLICABLE, [activity(None)]),
        Case(
            "ran 90 days ago",
            FAIL,
            [activity(execution("Failed", ago(days=90), ago(days=90)))],
        ),
        Case(
            "ran a second before",
            NOT_APPLICABLE,
            [activity(execution("Failed", ago(days=90), ago(days=90, seconds=1)))],
        ),
        Case(
            "runs since 100 days",
            FAIL,
            [
                activity(
                    execution("InProgress", ago(days=100), ago(days=100)),
                    in_progress=(execution("InProgress", ago(days=100)),),
                )
            ],
            message="nothing stalled",
        ),
        Case(
            "only runs that are not among the newest",
            PASS,
            [activity(None, in_progress=(execution("InProgress"),))],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
