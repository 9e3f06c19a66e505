"""O3: operational items."""

from findings.facts.ssm_ops_items import OpsItem
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    Place,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
TOOL = {"alternative_tool": "Jira"}


def item(severity="1", created_at=None, id="oi-1", **fields):
    given = {"status": "Open", "created_at": created_at or ago(hours=1)}
    return OpsItem(id=id, severity=severity, **(given | fields))


def limit(severity, days, parameter):
    return [
        Case(f"{severity} at the limit", PASS, [item(severity, ago(days=days))]),
        Case(
            f"{severity} beyond it",
            FAIL,
            [item(severity, ago(days=days, seconds=1))],
            message=f"severity {severity or 'not set'}",
        ),
        Case(
            f"{severity} with another limit",
            FAIL,
            [item(severity, ago(hours=13))],
            parameters={parameter: 0.5},
        ),
    ]


TABLE = {
    "ssm_opsitem_age_within_limit": [
        *limit("1", 1, "max_days_critical"),
        *limit("2", 7, "max_days_high"),
        *limit("3", 30, "max_days_medium"),
        *limit("4", 90, "max_days_low"),
        *limit(None, 90, "max_days_low"),
        *limit("urgent", 90, "max_days_low"),
        Case("in progress", FAIL, [item(created_at=ago(days=2), status="InProgress")]),
        Case("in another region", FAIL, [item()], {ELSEWHERE: [item(created_at=ago(days=2))]}),
        Case("one of two", FAIL, [item(), item(created_at=ago(days=2), id="oi-2")], message="oi-2"),
        Case("none", PASS, message="nothing is open"),
        Case("none, another tool", NOT_APPLICABLE, parameters=TOOL, message="kept in Jira"),
        Case("old ones in spite of it", FAIL, [item(created_at=ago(days=2))], parameters=TOOL),
        Case("denied", UNKNOWN, gaps=[denied(item())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
