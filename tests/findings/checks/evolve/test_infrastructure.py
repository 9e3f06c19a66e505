from datetime import timedelta

from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudformation import (
    change,
    change_set,
    change_sets,
    nested,
    operation,
    stack,
    stack_history,
    template,
)
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

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
COMMIT = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


def history(*statuses, **fields):
    return [stack_history(*(operation(status) for status in statuses), **fields)]


def waits(*changes, **fields):
    return [stack(), change_sets(change_set(**fields), changes=changes)]


def tagged(value, name="GitCommit", **fields):
    return [stack(tags={name: value}, **fields), template()]


def described(text):
    return [stack(description=text), template()]


TABLE = {
    "cloudformation_update_success_rate": [
        Case("all well", PASS, history(*["UPDATE_COMPLETE"] * 5), message="5 of 5 operations"),
        *(
            Case(f"{status} is success", PASS, history(*[status] * 5))
            for status in ("CREATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")
        ),
        *(
            Case(f"{status} is no success", FAIL, history(*[status] * 5))
            for status in (
                "CREATE_FAILED",
                "ROLLBACK_COMPLETE",
                "UPDATE_ROLLBACK_COMPLETE",
                "UPDATE_ROLLBACK_FAILED",
                "IMPORT_ROLLBACK_COMPLETE",
                "DELETE_FAILED",
            )
        ),
        Case("nine of ten", PASS, history(*["UPDATE_COMPLETE"] * 9, "UPDATE_FAILED")),
        Case(
            "eight of nine",
            FAIL,
            history(*["UPDATE_COMPLETE"] * 8, "UPDATE_FAILED"),
            message="8 of 9 operations succeeded, expected 90 %",
        ),
        Case(
            "a lower share",
            PASS,
            history(*["UPDATE_COMPLETE"] * 8, "UPDATE_FAILED"),
            parameters={"min_percent": 80},
        ),
        Case("four", NOT_APPLICABLE, history(*["UPDATE_FAILED"] * 4), message="4 operations"),
        Case(
            "four are enough",
            FAIL,
            history(*["UPDATE_FAILED"] * 4),
            parameters={"min_operations": 4},
        ),
        Case(
            "at the edge of the window",
            FAIL,
            [stack_history(*[operation("UPDATE_FAILED", ago(days=30))] * 5)],
        ),
        Case(
            "a second before it",
            NOT_APPLICABLE,
            [stack_history(*[operation("UPDATE_FAILED", ago(days=30, seconds=1))] * 5)],
        ),
        Case(
            "a shorter window",
            NOT_APPLICABLE,
            history(*["UPDATE_FAILED"] * 5),
            parameters={"window_days": 2},
        ),
        Case(
            "a longer window than AWS was asked about",
            UNKNOWN,
            history(*["UPDATE_FAILED"] * 4),
            parameters={"window_days": 31},
            message="no longer kept",
        ),
        Case(
            "enough for a verdict all the same",
            FAIL,
            history(*["UPDATE_FAILED"] * 5),
            parameters={"window_days": 31},
        ),
        Case(
            "known for a second too short",
            UNKNOWN,
            [stack_history(known_from=ago(days=30) + timedelta(seconds=1))],
        ),
        Case(
            "regions together",
            FAIL,
            history(*["UPDATE_COMPLETE"] * 3),
            {ELSEWHERE: [stack_history(*[operation("UPDATE_FAILED")] * 2, region=OTHER_REGION)]},
            message="3 of 5",
        ),
        Case(
            "history that was denied",
            UNKNOWN,
            [stack_history(known_from=DENIED)],
        ),
    ],
    "cloudformation_template_version_traceable": [
        Case("a commit", PASS, tagged(COMMIT)),
        Case("a short commit of digits", PASS, tagged("1234567")),
        Case("six characters", FAIL, tagged("0a1b2c")),
        Case("a version", PASS, tagged("v1.24.0", "Version")),
        Case("a release candidate", PASS, tagged("1.24.0-rc.1+7", "Version")),
        Case("a commit after a branch", PASS, tagged("main 0a1b2c3")),
        Case("a word", FAIL, tagged("latest"), message="not met: description; metadata; tag"),
        Case("an address", FAIL, tagged("10.0.0.0", "Version")),
        Case("another tag", FAIL, tagged(COMMIT, "Commit")),
        Case(
            "another tag that is named",
            PASS,
            tagged(COMMIT, "Commit"),
            parameters={"version_tags": ["Commit"]},
        ),
        Case(
            "another pattern",
            PASS,
            tagged("build-12"),
            parameters={"version_pattern": r"build-\d+"},
        ),
        Case("in metadata", PASS, [stack(), template(metadata={"Build.Commit": "0a1b2c3"})]),
        Case("a word in metadata", FAIL, [stack(), template(metadata={"Version": "latest"})]),
        Case("no template", FAIL, [stack()]),
        Case("in the description", PASS, described("Shop, version 1.24.0.")),
        Case("a commit in the description", PASS, described("Shop (0a1b2c3)")),
        Case("an account in the description", FAIL, described("For 123456789012")),
        Case("a description of words", FAIL, described("The shop")),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case("in review", NOT_APPLICABLE, [stack(status="REVIEW_IN_PROGRESS")]),
        Case("of AWS", NOT_APPLICABLE, [stack("awseb-e-1")]),
        Case(
            "of another tool",
            NOT_APPLICABLE,
            [stack("tool-1")],
            parameters={"aws_prefixes": ["tool-"]},
        ),
        Case("a denied template decides", UNKNOWN, [stack()], gaps=[denied(template())]),
        Case("a tag decides", PASS, tagged(COMMIT)[:1], gaps=[denied(template())]),
    ],
    "cloudformation_changeset_replacement_reviewed": [
        Case("nothing changes", PASS, waits()),
        *(
            Case(f"{action} keeps it", PASS, waits(change(action)))
            for action in ("Add", "Import", "SyncWithActual")
        ),
        *(
            Case(f"{action} has to be reviewed", FAIL, waits(change(action)), message=action)
            for action in ("Remove", "Dynamic", "OfTomorrow")
        ),
        Case("modified in place", PASS, waits(change(replacement="False"))),
        *(
            Case(f"replacement {replacement}", FAIL, waits(change(replacement=replacement)))
            for replacement in ("True", "Conditional", "OfTomorrow")
        ),
        Case("replacement not told", UNKNOWN, waits(change())),
        Case("not told, and another is removed", FAIL, waits(change(), change("Remove"))),
        Case(
            "told",
            FAIL,
            waits(change("Remove")),
            message="release: Remove Data (AWS::S3::Bucket)",
        ),
        Case("not stateful", PASS, waits(change("Remove", type_="AWS::SNS::Topic"))),
        Case(
            "a type that the organization names",
            FAIL,
            waits(change("Remove", type_="AWS::SNS::Topic")),
            parameters={"stateful_types": ["AWS::SNS::Topic"]},
        ),
        Case("executed", NOT_APPLICABLE, waits(execution_status="EXECUTE_COMPLETE")),
        Case("no change set", NOT_APPLICABLE, [stack(), change_sets()]),
        Case("vanished", NOT_APPLICABLE, [stack()]),
        Case("nested", NOT_APPLICABLE, [nested(), change_sets(change_set(), name="shop-network")]),
        Case("denied", UNKNOWN, [stack()], gaps=[denied(change_sets())]),
    ],
    "cloudformation_cdk_bootstrap_current": [
        Case("current", PASS, [stack("CDKToolkit", bootstrap_version=21), stack()]),
        Case(
            "old",
            FAIL,
            [stack("CDKToolkit", bootstrap_version=20)],
            message="version 20, expected at least 21",
        ),
        Case(
            "current enough",
            PASS,
            [stack("CDKToolkit", bootstrap_version=20)],
            parameters={"min_version": 20},
        ),
        Case("no version", FAIL, [stack("CDKToolkit")], message="tells no version"),
        Case("not bootstrapped", NOT_APPLICABLE, [stack(bootstrap_version=3)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
