from datetime import timedelta

from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudformation import (
    change_set,
    change_sets,
    nested,
    stack,
)
from tests.findings.checks.builders_ssm import (
    automation_history,
    document,
    execution,
    node,
    setting,
    shared_document,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    HERE,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
REHEARSING = Place(OTHER, REGION)

RUNBOOK = document()
LONG_KNOWN = {"known_from": ago(days=120)}


def runbooks(count):
    return [document(f"runbook-{number}") for number in range(count)]


def ran(*arguments, **fields):
    return [RUNBOOK, automation_history(execution(*arguments, **fields))]


def waits(*found, **fields):
    return [stack(**fields), change_sets(*found)]


TABLE = {
    "ssm_runbook_exists": [
        Case("three", PASS, [stack(), *runbooks(3)]),
        Case("two", FAIL, [stack(), *runbooks(2)], message="2 runbooks of its own, expected at"),
        Case("one is enough", PASS, [stack(), *runbooks(1)], parameters={"min_runbooks": 1}),
        Case("a shared one", PASS, [stack(), shared_document()]),
        Case("nodes without runbook", FAIL, [node()]),
        Case("a shared command", FAIL, [stack(), shared_document(type="Command")]),
        Case("commands", FAIL, [stack(), *runbooks(2), document(type="Command")]),
        Case("one of AWS", FAIL, [stack(), *runbooks(2), document("AWSQuickSetup-Patching")]),
        Case("no workload", NOT_APPLICABLE, runbooks(3)),
        Case("stacks were denied", UNKNOWN, runbooks(3), gaps=[denied(stack())]),
        Case("nodes were denied", UNKNOWN, runbooks(3), gaps=[denied(node())]),
        Case("stacks are enough", PASS, [stack(), *runbooks(3)], gaps=[denied(node())]),
        Case("nodes are enough", PASS, [node(), *runbooks(3)], gaps=[denied(stack())]),
    ],
    "ssm_runbook_rehearsed_recently": [
        Case("rehearsed", PASS, ran(), message="2026-06-05"),
        Case("rehearsed at the limit", PASS, ran(started_at=ago(days=90))),
        Case(
            "rehearsed before it",
            FAIL,
            [
                RUNBOOK,
                automation_history(execution(started_at=ago(days=90, seconds=1)), **LONG_KNOWN),
            ],
            message="no successful execution in 90 days",
        ),
        Case("a shorter period", FAIL, ran(), parameters={"max_age_days": 9}),
        Case(
            "a failure after a success",
            PASS,
            [
                RUNBOOK,
                automation_history(execution(), execution("Failed", started_at=ago(days=2))),
            ],
        ),
        *(
            Case(
                f"the last known {status}",
                FAIL,
                ran(status),
                message="every execution that AWS still knows failed",
            )
            for status in ("Failed", "TimedOut")
        ),
        *(
            Case(f"{status} proves nothing", UNKNOWN, ran(status))
            for status in ("InProgress", "Cancelled", "CompletedWithFailure", "OfTomorrow")
        ),
        Case("another document failed", UNKNOWN, ran("Failed", name="other")),
        Case("another document succeeded", UNKNOWN, ran(name="other")),
        Case("AWS forgot", UNKNOWN, [RUNBOOK, automation_history()], message="no longer kept"),
        Case(
            "AWS knows just long enough",
            FAIL,
            [RUNBOOK, automation_history(known_from=ago(days=90))],
        ),
        Case(
            "AWS knows a second too little",
            UNKNOWN,
            [RUNBOOK, automation_history(known_from=ago(days=90) + timedelta(seconds=1))],
        ),
        Case(
            "one region forgot",
            UNKNOWN,
            [RUNBOOK, automation_history(**LONG_KNOWN)],
            {ELSEWHERE: [automation_history(region=OTHER_REGION)]},
        ),
        Case(
            "rehearsed in another account",
            PASS,
            [RUNBOOK, automation_history(**LONG_KNOWN)],
            {REHEARSING: [automation_history(execution())]},
        ),
        Case(
            "rehearsed there by its ARN",
            PASS,
            [RUNBOOK, automation_history(**LONG_KNOWN)],
            {
                REHEARSING: [
                    automation_history(
                        execution(name=f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{RUNBOOK.name}")
                    )
                ]
            },
        ),
        Case(
            "which does not count",
            FAIL,
            [RUNBOOK, automation_history(**LONG_KNOWN)],
            {REHEARSING: [automation_history(execution())]},
            parameters={"rehearsal_scope": "account"},
        ),
        Case("not collected", UNKNOWN, [RUNBOOK, automation_history(known_from=DENIED)]),
        Case("young", NOT_APPLICABLE, [document(created_at=ago(days=90))], message="2026-03-17"),
        Case(
            "no longer young",
            FAIL,
            [
                document(created_at=ago(days=90, seconds=1)),
                automation_history(execution("Failed")),
            ],
        ),
        Case(
            "no date of creation",
            FAIL,
            [document(created_at=None), automation_history(execution("Failed"))],
        ),
        Case("deprecated", NOT_APPLICABLE, [document(tags={"Lifecycle": "Deprecated"})]),
        Case(
            "in use",
            FAIL,
            [document(tags={"Lifecycle": "active"}), automation_history(execution("Failed"))],
        ),
        Case("a command", NOT_APPLICABLE, [document(type="Command")]),
        Case("of AWS", NOT_APPLICABLE, [document("AWSQuickSetup-Patching")]),
        Case("of another account", NOT_APPLICABLE, [shared_document()]),
    ],
    "ssm_document_not_public": [
        Case("not shared", PASS, [document()]),
        Case("shared with an account", PASS, [document(shared_with=(OTHER,))], message="1 account"),
        Case("public", FAIL, [document(shared_with=(OTHER, "all"))], message="every AWS account"),
        Case("public in capitals", FAIL, [document(shared_with=("All",))]),
        Case("denied", UNKNOWN, [document(shared_with=DENIED)]),
        Case("of another account", NOT_APPLICABLE, [shared_document()]),
    ],
    "ssm_public_sharing_blocked": [
        Case("blocked", PASS, [setting()]),
        Case("allowed", FAIL, [setting("Enable")], message="public sharing: Enable"),
        Case("a value of tomorrow", FAIL, [setting("Sometimes")]),
        Case("nothing told", UNKNOWN, []),
        Case("allowed in one region", FAIL, [setting()], {ELSEWHERE: [setting("Enable")]}),
        Case("one region was denied", UNKNOWN, [setting()], {ELSEWHERE: [setting(DENIED)]}),
    ],
    "cloudformation_changeset_no_stale_pending": [
        Case("at the limit", PASS, waits(change_set(created_at=ago(days=7)))),
        Case(
            "beyond it",
            FAIL,
            waits(change_set(created_at=ago(days=7, seconds=1))),
            message="release of 2026-06-08",
        ),
        Case(
            "a longer limit",
            PASS,
            waits(change_set(created_at=ago(days=8))),
            parameters={"max_age_days": 8},
        ),
        *(
            Case(f"{status} does not wait", PASS, waits(change_set("old", ago(days=80), status)))
            for status in (
                "UNAVAILABLE",
                "EXECUTE_IN_PROGRESS",
                "EXECUTE_COMPLETE",
                "EXECUTE_FAILED",
                "OBSOLETE",
            )
        ),
        Case("one of two", FAIL, waits(change_set(), change_set("old", ago(days=80)))),
        Case("no date told", UNKNOWN, waits(change_set(created_at=None))),
        Case("no change set", NOT_APPLICABLE, waits()),
        Case("vanished", NOT_APPLICABLE, [stack()]),
        Case("nested", NOT_APPLICABLE, [nested(), change_sets(change_set(), name="shop-network")]),
        Case(
            "a stack in review at the limit",
            PASS,
            waits(status="REVIEW_IN_PROGRESS", created_at=ago(days=7)),
        ),
        Case(
            "a stack in review too long",
            FAIL,
            waits(status="REVIEW_IN_PROGRESS", created_at=ago(days=7, seconds=1)),
            message="first deployment: in review since 2026-06-08",
        ),
        Case(
            "a stack in review whose change set is old",
            FAIL,
            waits(
                change_set(created_at=ago(days=9)),
                status="REVIEW_IN_PROGRESS",
                created_at=ago(days=2),
            ),
            message="change sets: release",
        ),
        Case(
            "a stack in review of which nothing else is told",
            PASS,
            [stack(status="REVIEW_IN_PROGRESS", created_at=ago(days=2))],
        ),
        Case("denied", UNKNOWN, [stack()], gaps=[denied(change_sets())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_public_sharing_is_one_finding_with_its_regions_as_parts():
    case = Case("", FAIL, [setting()], {ELSEWHERE: [setting("Enable")]})
    result = judged("ssm_public_sharing_blocked", case)
    assert [(p.name, p.status) for p in result.parts] == [(HERE.region, PASS), (OTHER_REGION, FAIL)]
