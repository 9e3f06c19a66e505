"""O1: change calendars and templates of changes."""

from tests.findings.checks.builders_ssm import calendar, document, shared_document
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
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
SANDBOX = account(environment="sandbox")


def template(review="APPROVED", name="standard-change", **fields):
    return document(name, type="Automation.ChangeTemplate", review_status=review, **fields)


TABLE = {
    "ssm_change_calendar_defined": [
        Case("open", PASS, [calendar()], message="freezes is OPEN"),
        Case("closed", PASS, [calendar("CLOSED")]),
        Case("none", FAIL, [], message="there is no change calendar"),
        Case("tells nothing", FAIL, [calendar(None)], message="freezes is of no known state"),
        Case("a state of tomorrow", FAIL, [calendar("AJAR")]),
        Case("in another region", PASS, [], {ELSEWHERE: [calendar()]}),
        Case("one of two", PASS, [calendar(None), calendar(name="holidays")]),
        Case("denied", UNKNOWN, gaps=[denied(calendar())]),
        Case("not in production", NOT_APPLICABLE, [], account=SANDBOX),
        Case(
            "another selector",
            FAIL,
            [],
            account=SANDBOX,
            parameters={"production_selector": {"environments": ["sandbox"]}},
        ),
    ],
    "ssm_change_template_approved": [
        Case("approved", PASS, [template()]),
        *(
            Case(review, FAIL, [template(review)], message=f"standard-change is {review}")
            for review in ("NOT_REVIEWED", "PENDING", "REJECTED", "OF_TOMORROW")
        ),
        Case("one of two", FAIL, [template(), template("PENDING", "urgent-change")]),
        Case("in another region", FAIL, [template()], {ELSEWHERE: [template("PENDING")]}),
        Case("not told", UNKNOWN, [template(None)]),
        Case("none", NOT_APPLICABLE, [document(review_status="PENDING")]),
        Case(
            "another account's",
            NOT_APPLICABLE,
            [shared_document(type="Automation.ChangeTemplate", review_status="PENDING")],
        ),
        Case("denied", UNKNOWN, gaps=[denied(document())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
