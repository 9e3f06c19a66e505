from findings.facts.base import Gap, GapReason, Place
from findings.facts.config_remediation import REMEDIABLE, SAFE, RemediationExecution
from tests.findings.checks.builders_config_remediation import executions, history, remediation
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
BY_HAND = remediation("by-hand", is_automatic=False)
UNTIMED = RemediationExecution(state="FAILED", invoked_at=None, failed_step=None)

TABLE = {
    "config_remediation_automatic": [
        Case("automatic", PASS, [remediation()]),
        Case(
            "by hand", FAIL, [BY_HAND], message="0 found, 1 expected; nearest: not met: automatic"
        ),
        Case(
            "without limit",
            FAIL,
            [remediation(max_attempts=None)],
            message="attempts limited: versioned",
        ),
        Case("a limit of none", PASS, [remediation(max_attempts=0)]),
        Case("one of two", PASS, [remediation(), BY_HAND]),
        Case("one of three", FAIL, [remediation(), BY_HAND, remediation("c", is_automatic=False)]),
        Case("in another region", PASS, [BY_HAND], {ELSEWHERE: [remediation()]}),
        Case("all of them", FAIL, [remediation(), BY_HAND], parameters={"min_percent": 51}),
        Case(
            "a rule that is not safe",
            NOT_APPLICABLE,
            [remediation(rule_source="INCOMING_SSH_DISABLED", is_automatic=False)],
            message="no safe rule",
        ),
        Case(
            "unless it is declared so",
            FAIL,
            [remediation(rule_source="INCOMING_SSH_DISABLED", is_automatic=False)],
            parameters={"safe_rules": ["INCOMING_SSH_DISABLED"]},
        ),
        Case("none", NOT_APPLICABLE, []),
        Case("not told", UNKNOWN, [remediation(is_automatic=NOT_TOLD)]),
        Case("denied", UNKNOWN, [], gaps=[denied(remediation())]),
    ],
    "config_remediation_executions_succeed": [
        Case("all", PASS, [history(*executions(3))], message="0 of 3 executions failed"),
        Case(
            "one of ten fails",
            PASS,
            [history(*executions(9), *executions(1, "FAILED"))],
            message="1 of 10 executions failed",
        ),
        Case(
            "one of nine fails",
            FAIL,
            [history(*executions(8), *executions(1, "FAILED", "enable"))],
            message="1 of 9 executions failed: enable (1)",
        ),
        Case(
            "the steps are told",
            FAIL,
            [
                history(
                    *executions(1, "FAILED", "assume"),
                    *executions(2, "FAILED", "enable"),
                    *executions(1, "FAILED"),
                )
            ],
            message="4 of 4 executions failed: enable (2), assume (1), no step told (1)",
        ),
        Case(
            "half may fail",
            PASS,
            [history(*executions(1), *executions(1, "FAILED"))],
            parameters={"max_percent": 50},
        ),
        *(
            Case(state, PASS, [history(*executions(1, state))])
            for state in ("QUEUED", "IN_PROGRESS")
        ),
        *(
            Case(f"state {state}", UNKNOWN, [history(*executions(9), *executions(2, state))])
            for state in ("UNKNOWN", None, "PAUSED")
        ),
        Case("one state of ten is not told", PASS, [history(*executions(9), *executions(1, None))]),
        Case(
            "one fails, another is not told",
            UNKNOWN,
            [history(*executions(8), *executions(1, "FAILED"), *executions(1, None))],
        ),
        Case("at the limit", FAIL, [history(*executions(1, "FAILED", days=30))]),
        Case(
            "beyond it",
            NOT_APPLICABLE,
            [history(*executions(1, "FAILED", days=30, seconds=1))],
            message="it was not executed",
        ),
        Case(
            "a longer window",
            FAIL,
            [history(*executions(1, "FAILED", days=31))],
            parameters={"window_days": 31},
        ),
        Case(
            "failures of long ago",
            PASS,
            [history(*executions(1), *executions(5, "FAILED", days=40))],
        ),
        Case("none", NOT_APPLICABLE, [history()]),
        Case("a time not told", UNKNOWN, [history(*executions(1), UNTIMED)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_what_is_safe_can_be_repaired():
    assert set(SAFE) <= set(REMEDIABLE)
    assert list(SAFE) == sorted(SAFE)
    assert list(REMEDIABLE) == sorted(REMEDIABLE)
