"""P3: fault experiments."""

import pytest

from findings.facts.base import not_told
from tests.findings.checks.builders_incidents import experiment
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    Place,
    account,
    ago,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
SANDBOX = account(environment="sandbox")
UNTOLD = not_told("fis.experiment", "fis:ListExperiments")

TABLE = {
    "fis_experiment_run_recently": [
        Case("completed", PASS, [experiment()]),
        Case("at the limit", PASS, [experiment(created_at=ago(days=120))]),
        Case(
            "before it",
            FAIL,
            [experiment(created_at=ago(days=120, seconds=1))],
            message="not met: recent: EXP1 began on 2026-02-15",
        ),
        Case("a shorter limit", FAIL, [experiment()], parameters={"max_age_days": 29}),
        *(
            Case(status, FAIL, [experiment(status=status)], message=f"completed: {status}")
            for status in (
                "pending",
                "initiating",
                "running",
                "stopping",
                "stopped",
                "failed",
                "cancelled",
                "of_tomorrow",
            )
        ),
        Case("no action", FAIL, [experiment(runs_actions=False)], message="not met: actions"),
        Case("one of two", PASS, [experiment(status="failed"), experiment("EXP2")]),
        Case("in another region", PASS, [], {ELSEWHERE: [experiment()]}),
        Case("none", FAIL, message="there is no experiment"),
        Case("a status that is not told", UNKNOWN, [experiment(status=UNTOLD)]),
        Case("denied", UNKNOWN, gaps=[denied(experiment())]),
        Case("not in production", NOT_APPLICABLE, account=SANDBOX),
        Case(
            "another selector",
            FAIL,
            account=SANDBOX,
            parameters={"production_selector": {"environments": ["sandbox"]}},
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_no_more_is_asked_than_aws_keeps():
    with pytest.raises(ValueError, match="from 0 to 120"):
        judged("fis_experiment_run_recently", Case("", PASS, parameters={"max_age_days": 121}))
