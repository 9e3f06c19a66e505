"""E1 CI/CD: deployments."""

import pytest

from tests.findings.checks.builders_codedeploy import deployment, deployment_group
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, Case, ago, judged, rows

TABLE = {
    "codedeploy_auto_rollback_and_alarms": [
        Case("does all", PASS, [deployment_group()]),
        Case("server", PASS, [deployment_group(platform="Server")]),
        Case("Lambda", PASS, [deployment_group(platform="Lambda")]),
        Case(
            "rollback off",
            FAIL,
            [deployment_group(is_rollback_enabled=False)],
            message="rollback on",
        ),
        Case(
            "not after failure",
            FAIL,
            [deployment_group(rollback_events=("DEPLOYMENT_STOP_ON_ALARM",))],
            message="after failure",
        ),
        Case(
            "not after alarm",
            FAIL,
            [
                deployment_group(
                    rollback_events=("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST")
                )
            ],
            message="after alarm",
        ),
        Case("alarms off", FAIL, [deployment_group(are_alarms_enabled=False)], message="alarms on"),
        Case("no alarm", FAIL, [deployment_group(alarms=())], message="alarms named"),
        Case(
            "alarms that cannot be read do not stop it",
            FAIL,
            [deployment_group(ignores_alarm_poll_failure=True)],
            message="alarms must be readable",
        ),
        Case(
            "never deployed to",
            NOT_APPLICABLE,
            [deployment_group(last_attempted=None, last_successful=None)],
        ),
        Case(
            "idle for the limit exactly",
            FAIL,
            [
                deployment_group(
                    is_rollback_enabled=False,
                    last_attempted=deployment(ago(days=180)),
                    last_successful=None,
                )
            ],
        ),
        Case(
            "idle for a second more",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=180, seconds=1)), last_successful=None
                )
            ],
        ),
        Case(
            "a shorter limit",
            NOT_APPLICABLE,
            [deployment_group()],
            parameters={"max_idle_days": 0.5},
        ),
        Case(
            "the newest of attempt and success counts",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=400)), last_successful=deployment()
                )
            ],
        ),
        Case(
            "a deployment that only says when it ended",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(None, ago(days=1)),
                    last_successful=deployment(None, None),
                )
            ],
        ),
        Case(
            "deployments without any date",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(None, None), last_successful=deployment(None, None)
                )
            ],
        ),
    ],
}


@pytest.mark.parametrize(("check", "case"), rows(TABLE))
def test_outcome(check, case):
    result = judged(check, case)
    assert result.status is case.expect, result
    assert case.message in result.message
