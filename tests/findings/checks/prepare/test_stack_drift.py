from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_cloudformation import nested, stack, stack_set
from tests.findings.checks.builders_config import rule
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

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
CHECKED = "cloudformation_stack_drift_checked_recently"
SETS = "cloudformation_stackset_drift_in_sync"
WITHOUT_DRIFT = (
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_COMPLETE",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
)
DEPLOYED = ("CREATE_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS", "IMPORT_COMPLETE")
IN_TIME, LATE = ago(days=7), ago(days=7, seconds=1)
SET_IN_TIME, SET_LATE = ago(days=14), ago(days=14, seconds=1)
DRIFT_RULE = rule("drift", source="CLOUDFORMATION_STACK_DRIFT_DETECTION_CHECK")


def checked(at=IN_TIME, status="IN_SYNC", **fields):
    return stack(drift_status=status, drift_checked_at=at, **fields)


def drift_rule(state):
    return rule("drift", source="CLOUDFORMATION_STACK_DRIFT_DETECTION_CHECK", state=state)


def checked_set(at=SET_IN_TIME, drifted=0, failed=0, **fields):
    counts = {"drifted_instances": drifted, "failed_instances": failed, "instances": 9}
    return stack_set(drift_checked_at=at, **(counts | fields))


TABLE = {
    CHECKED: [
        Case("in sync, in time", PASS, [checked()]),
        Case("drifted, in time", PASS, [checked(status="DRIFTED")]),
        Case("too late", FAIL, [checked(LATE)], message="last checked on 2026-06-08"),
        Case("drifted, too late", FAIL, [checked(LATE, "DRIFTED")]),
        Case("never", FAIL, [checked(None, "NOT_CHECKED")], message="NOT_CHECKED"),
        Case("not determined", FAIL, [checked(status="UNKNOWN")], message="UNKNOWN"),
        Case("nothing told", FAIL, [checked(None, None)], message="not told"),
        Case("without a date", FAIL, [checked(None)], message="never checked"),
        Case("the rule does it", PASS, [stack(), DRIFT_RULE, rule()]),
        Case("the rule is at it", PASS, [stack(), drift_rule("EVALUATING")]),
        Case("the rule goes away", FAIL, [stack(), drift_rule("DELETING")]),
        Case("other rules", FAIL, [stack(), rule()]),
        Case("rules were denied", UNKNOWN, [stack()], gaps=[denied(DRIFT_RULE)]),
        Case("rules do not matter", PASS, [checked()], gaps=[denied(DRIFT_RULE)]),
        Case("as young as it may be", NOT_APPLICABLE, [stack(created_at=IN_TIME)]),
        Case("a second older", FAIL, [stack(created_at=LATE)]),
        Case("fewer days", FAIL, [checked()], parameters={"max_age_days": 6}),
        Case("nested", NOT_APPLICABLE, [nested()]),
        *(Case(s, NOT_APPLICABLE, [stack(status=s)], message=s) for s in WITHOUT_DRIFT),
        *(Case(s, FAIL, [stack(status=s)]) for s in DEPLOYED),
    ],
    SETS: [
        Case("in sync, in time", PASS, [checked_set()]),
        Case("too late", FAIL, [checked_set(SET_LATE)], message="last checked on 2026-06-01"),
        Case("never", FAIL, [checked_set(None, None, None)], message="never checked"),
        Case("drifted", FAIL, [checked_set(drifted=1)], message="1 instances drifted"),
        Case("could not be checked", FAIL, [checked_set(failed=2)], message="2 instances could"),
        Case("drifted ones are not told", UNKNOWN, [checked_set(drifted=None)]),
        Case("failed ones are not told", UNKNOWN, [checked_set(failed=None)]),
        Case("no instances", NOT_APPLICABLE, [checked_set(None, regions=())]),
        Case("whether it has any is not known", UNKNOWN, [checked_set(regions=DENIED)]),
        Case("fewer days", FAIL, [checked_set()], parameters={"max_age_days": 13}),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
