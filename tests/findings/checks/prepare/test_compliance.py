from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_config_compliance import compliance, compliant
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)


def failing(rule="versioned", oldest=None, **fields):
    return compliance(rule, "NON_COMPLIANT", oldest or ago(days=1), **fields)


OLD = failing(oldest=ago(days=30, seconds=1))

TABLE = {
    "config_noncompliant_backlog_within_limit": [
        Case("all compliant", PASS, compliant(2)),
        Case("one of ten", PASS, [*compliant(9), failing()]),
        Case(
            "one of nine",
            FAIL,
            [*compliant(8), failing()],
            message="not met: share: 1 of 9 rules are not complied with",
        ),
        Case("half may fail", PASS, [*compliant(1), failing()], parameters={"max_percent": 50}),
        Case(
            "regions are counted together",
            PASS,
            [*compliant(8), failing()],
            {ELSEWHERE: compliant(1)},
        ),
        Case(
            "what was not evaluated does not count",
            FAIL,
            [
                *compliant(8),
                failing(),
                compliance("a", "INSUFFICIENT_DATA"),
                compliance("b", "NOT_APPLICABLE"),
            ],
            message="1 of 9",
        ),
        Case("old at the limit", PASS, [*compliant(9), failing(oldest=ago(days=30))]),
        Case(
            "older",
            FAIL,
            [*compliant(9), OLD],
            message="not met: age: versioned is not complied with since 2026-05-16",
        ),
        Case("a longer limit", PASS, [*compliant(9), OLD], parameters={"max_age_days": 31}),
        Case(
            "another rule is watched", PASS, [*compliant(9), OLD], parameters={"watch_rules": ["x"]}
        ),
        Case(
            "it is watched", FAIL, [*compliant(9), OLD], parameters={"watch_rules": ["versioned"]}
        ),
        Case("repaired meanwhile", PASS, [*compliant(9), compliance("a", "NON_COMPLIANT")]),
        Case("none", NOT_APPLICABLE, []),
        Case(
            "nothing evaluated",
            NOT_APPLICABLE,
            [compliance("a", "INSUFFICIENT_DATA"), compliance("b", "NOT_APPLICABLE")],
        ),
        Case("not all results read", UNKNOWN, [*compliant(9), failing(is_read_whole=False)]),
        Case(
            "no result read",
            UNKNOWN,
            [*compliant(9), compliance("a", "NON_COMPLIANT", is_read_whole=False)],
        ),
        Case(
            "not all read, but one is too old",
            FAIL,
            [*compliant(9), failing(oldest=ago(days=31), is_read_whole=False)],
        ),
        Case("results denied", UNKNOWN, [*compliant(9), failing(oldest=NOT_TOLD)]),
        Case("results denied of too many", FAIL, [failing(oldest=NOT_TOLD)], message="share"),
        Case(
            "results denied of one, another is too old",
            FAIL,
            [*compliant(18), failing("a", oldest=NOT_TOLD), OLD],
        ),
        Case("a compliance not told", UNKNOWN, [compliance(compliance=NOT_TOLD)]),
        Case("denied", UNKNOWN, [], gaps=[denied(compliance())]),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
