"""P3 runbooks: how their executions end, and whether those for recovery were rehearsed."""

from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_ssm import (
    automation_history,
    document,
    execution,
    shared_document,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    Place,
    account,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
OUTSIDE, OUTSIDE_TOO = Place(OTHER, REGION), Place(OTHER, OTHER_REGION)
DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")

RECOVERY = document(tags={"Purpose": "Recovery"})
# Other accounts of a case are of the environment "production", which only here is none.
LIVE = account(environment="live")
BY_ENVIRONMENT = {"production_selector": {"environments": ["live"]}}
LONG_KNOWN = {"known_from": ago(days=200)}


def recovery(name, expect, *executions, documents=(RECOVERY,), own=(), **fields):
    known = fields.pop("known", {})
    parameters = BY_ENVIRONMENT | fields.pop("parameters", {})
    elsewhere = fields.pop("elsewhere", {OUTSIDE: [automation_history(*executions, **known)]})
    return Case(
        name,
        expect,
        [*documents, automation_history(*own)],
        elsewhere,
        account=fields.pop("account", LIVE),
        parameters=parameters,
        **fields,
    )


def ended(successes, failures=0, status="Failed", **fields):
    good = [execution(id=f"s{number}", **fields) for number in range(successes)]
    return good + [execution(status, id=f"f{number}", **fields) for number in range(failures)]


def rate(name, expect, *executions, **fields):
    return Case(name, expect, [automation_history(*executions)], **fields)


def waits(status, started_at, **fields):
    return [automation_history(execution(status, started_at, ended_at=None, **fields))]


TABLE = {
    "ssm_recovery_runbook_rehearsed": [
        recovery("rehearsed outside", PASS, execution()),
        recovery("at the limit", PASS, execution(started_at=ago(days=180)), known=LONG_KNOWN),
        recovery(
            "beyond it",
            FAIL,
            execution(started_at=ago(days=180, seconds=1)),
            known=LONG_KNOWN,
            message="restore-orders: no successful execution in 180 days",
        ),
        recovery("a shorter period", FAIL, execution(), parameters={"max_age_days": 9}),
        recovery("failed outside", FAIL, execution("Failed"), message="restore-orders: every"),
        recovery("AWS forgot", UNKNOWN),
        recovery("not told", UNKNOWN, known={"known_from": DENIED}),
        recovery("in production only", UNKNOWN, own=[execution()]),
        recovery(
            "nowhere outside",
            UNKNOWN,
            elsewhere={ELSEWHERE: [automation_history(execution(), region=OTHER_REGION)]},
        ),
        recovery(
            "in another region outside",
            PASS,
            elsewhere={
                OUTSIDE: [automation_history()],
                OUTSIDE_TOO: [automation_history(execution(), region=OTHER_REGION)],
            },
        ),
        recovery(
            "one of two",
            FAIL,
            execution(),
            execution("Failed", name="failover"),
            documents=[RECOVERY, document("failover", tags={"Purpose": "recovery"})],
            message="failover: every execution",
        ),
        recovery(
            "another purpose", FAIL, execution(), documents=[document()], message="no runbook"
        ),
        recovery("no document", FAIL, documents=[]),
        recovery(
            "a command",
            FAIL,
            execution(),
            documents=[document(type="Command", tags={"Purpose": "recovery"})],
        ),
        recovery(
            "another account's",
            FAIL,
            execution(name=shared_document().name),
            documents=[shared_document(tags={"Purpose": "recovery"})],
        ),
        recovery(
            "another tag",
            PASS,
            execution(),
            documents=[document(tags={"kind": "dr"})],
            parameters={"recovery_tag": {"tag": "kind", "tag_values": ["DR"]}},
        ),
        recovery("documents were denied", UNKNOWN, documents=[], gaps=[denied(RECOVERY)]),
        recovery("not in production", NOT_APPLICABLE, account=account(environment="test")),
        Case(
            "production by its own name",
            FAIL,
            [],
            account=LIVE,
            parameters=BY_ENVIRONMENT,
        ),
    ],
    "ssm_automation_success_rate": [
        rate("all succeeded", PASS, *ended(5)),
        rate("at the limit", PASS, *ended(9, 1)),
        rate("below it", FAIL, *ended(8, 1), message="all: executions: 8 of 9 succeeded"),
        rate("a lower target", PASS, *ended(4, 1), parameters={"min_percent": 80}),
        rate("timed out", FAIL, *ended(8, 1, "TimedOut")),
        *(
            rate(f"{status} is no end", PASS, *ended(5, 5, status))
            for status in ("Cancelled", "InProgress", "CompletedWithFailure", "OfTomorrow")
        ),
        rate("too few", NOT_APPLICABLE, *ended(3, 1), message="4 executions ended"),
        rate("few are enough", FAIL, *ended(3, 1), parameters={"min_executions": 4}),
        rate("none", NOT_APPLICABLE),
        rate("started at the limit", PASS, *ended(5, started_at=ago(days=30))),
        rate("started before it", NOT_APPLICABLE, *ended(5, started_at=ago(days=30, seconds=1))),
        rate("a shorter window", NOT_APPLICABLE, *ended(5), parameters={"window_days": 9}),
        rate("children of a run", PASS, *ended(5), *ended(0, 5, is_child=True)),
        rate(
            "one document often fails",
            FAIL,
            *ended(40),
            *ended(3, 2, name="failover"),
            message="each: failover: 3 of 5 succeeded",
        ),
        rate("one document seldom runs", PASS, *ended(40), *ended(2, 2, name="failover")),
        Case(
            "in two regions",
            FAIL,
            [automation_history(*ended(5))],
            {ELSEWHERE: [automation_history(*ended(2, 1), region=OTHER_REGION)]},
        ),
        rate("denied", UNKNOWN, gaps=[denied(automation_history())]),
    ],
    "ssm_automation_not_stalled": [
        *(
            Case(f"{status} at the limit", PASS, waits(status, ago(hours=24)))
            for status in ("InProgress", "PendingApproval")
        ),
        *(
            Case(
                f"{status} for too long",
                FAIL,
                waits(status, ago(hours=24, seconds=1)),
                message=f"restore-orders is {status} since 2026-06-14 11:59 UTC",
            )
            for status in (
                "InProgress",
                "Pending",
                "PendingApproval",
                "PendingChangeCalendarOverride",
                "RunbookInProgress",
                "Waiting",
            )
        ),
        *(
            Case(f"{status} waits for nobody", PASS, waits(status, ago(days=9)))
            for status in ("Success", "Failed", "Cancelled", "Approved", "Exited", "OfTomorrow")
        ),
        Case(
            "a longer limit",
            PASS,
            waits("Waiting", ago(hours=30)),
            parameters={"max_hours": 30},
        ),
        Case("no execution", NOT_APPLICABLE, [automation_history()]),
        Case("denied", UNKNOWN, gaps=[denied(automation_history())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
