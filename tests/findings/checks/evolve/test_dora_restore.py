"""E3: how quickly production works again."""

from findings.facts.base import Gap, GapReason, Place
from findings.facts.cloudwatch import AlarmTransitions
from tests.findings.checks.builders_codepipeline import (
    PROD,
    SOURCE,
    TEST,
    action,
    activity,
    deployments,
    execution,
    pipeline,
    run,
    stage,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
    judged,
    remembered,
)

SHOP = pipeline(SOURCE, TEST, PROD)
TWO = pipeline(SOURCE, TEST, stage("Prod", action("Deploy"), action("Deploy", "Other")))
DEV = pipeline(SOURCE, stage("Dev", action("Deploy")))
SANDBOX = account(environment="sandbox")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
SERVICE = {"service_alarm_prefixes": ["svc-"]}
DENIED_ALARMS = Gap(kind="cloudwatch.alarm_transitions", reason=GapReason.ACCESS_DENIED)
DENIED_RUNS = Gap(kind="codepipeline.deployments", reason=GapReason.ACCESS_DENIED)


def shop(*runs, of=SHOP, known_from=None, **fields):
    return [deployments(*runs, known_from=known_from), of, activity(**fields)]


def failed(days, **fields):
    return run(days, "Failed", **fields)


def alarm(*periods, name="svc-shop", known=30):
    """Periods in days ago; without a second number it is still in ALARM."""
    return AlarmTransitions(
        alarm=name,
        known_from=ago(days=known),
        alarmed_at=tuple(ago(days=period[0]) for period in periods),
        recovered_at=tuple(ago(days=period[1]) for period in periods if len(period) == 2),
    )


RESTORE = [
    Case(
        "a day from failure to success",
        PASS,
        shop(failed(5), run(4)),
        message="1 failures restored, 0 not yet; in the median within 24 hours",
    ),
    Case(
        "longer than a day",
        FAIL,
        shop(failed(5.001), run(4)),
        message="in the median not within 24 hours",
    ),
    Case("two days are allowed", PASS, shop(failed(6), run(4)), parameters={"max_hours": 48}),
    Case(
        "two of three were quick",
        PASS,
        shop(failed(30), run(20), failed(10), run(9.5), failed(5), run(4.5)),
        message="3 failures restored",
    ),
    Case(
        "a retry restores",
        PASS,
        shop(failed(5, execution="x"), run(4.5, execution="x"), run(2)),
        message="1 failures restored, 0 not yet; in the median within",
    ),
    Case(
        "a retry that comes late",
        FAIL,
        shop(failed(5, execution="x"), run(3.9, execution="x")),
        message="1 failures restored, 0 not yet; in the median not within",
    ),
    Case(
        "a retry of one action of two",
        FAIL,
        shop(
            failed(5, execution="x"),
            failed(5, execution="x", action="Other"),
            run(4.9, execution="x"),
            of=TWO,
        ),
        message="0 failures restored, 1 not yet",
    ),
    Case("several failures in a row are one", FAIL, shop(failed(7), failed(4.5), run(4))),
    Case("nothing failed", NOT_APPLICABLE, shop(run(5), run(4)), message="nothing failed in 90"),
    Case("nothing ran", NOT_APPLICABLE, shop()),
    Case(
        "nothing failed in the days that are known",
        UNKNOWN,
        shop(run(5), known_from=ago(days=89)),
        message="no longer kept",
    ),
    Case(
        "something failed in the days that are known",
        PASS,
        shop(failed(5), run(4.5), known_from=ago(days=89)),
    ),
    Case("there is no pipeline", NOT_APPLICABLE),
    Case(
        "a rollback restores",
        PASS,
        shop(
            failed(9),
            run(8.9, execution="back"),
            run(2),
            rollbacks=(execution(id="back", started_at=ago(days=8.95)),),
        ),
    ),
    Case(
        "not restored for a day",
        PASS,
        shop(failed(1)),
        message="0 failures restored, 1 not yet",
    ),
    Case(
        "not restored for longer",
        FAIL,
        shop(failed(1.001)),
        message="0 failures restored, 1 not yet; in the median not within 24 hours",
    ),
    Case(
        "one not restored among quick ones",
        PASS,
        shop(failed(9), run(8.9), failed(7), run(6.9), failed(5)),
        message="2 failures restored, 1 not yet",
    ),
    Case(
        "one that has just begun says nothing yet",
        FAIL,
        shop(failed(9), run(7.75), failed(0.04)),
        message="1 failures restored, 1 not yet",
    ),
    Case("restored at the limit of the window", FAIL, shop(failed(92), run(90))),
    Case(
        "restored before the window",
        NOT_APPLICABLE,
        shop(failed(92), run(90.001), known_from=ago(days=93)),
    ),
    Case(
        "in a shorter window",
        NOT_APPLICABLE,
        shop(failed(9), run(5)),
        parameters={"window_days": 4},
    ),
    Case(
        "not to production",
        NOT_APPLICABLE,
        shop(failed(9, stage="Dev"), run(5, stage="Dev"), of=DEV),
        account=SANDBOX,
    ),
    Case(
        "to what counts as production here",
        FAIL,
        shop(failed(9, stage="Dev"), run(5, stage="Dev"), of=DEV),
        account=SANDBOX,
        parameters={"production_selector": {"environments": ["sandbox"]}},
    ),
    Case(
        "to a stage that is called otherwise",
        FAIL,
        shop(failed(9, stage="Dev"), run(5, stage="Dev"), of=DEV),
        account=SANDBOX,
        parameters={"production_stage": "Dev"},
    ),
    Case(
        "in two regions, each pipeline for itself",
        FAIL,
        shop(failed(9)),
        elsewhere={ELSEWHERE: shop(run(8.9))},
    ),
    Case("pipelines may not be read", UNKNOWN, gaps=[DENIED_RUNS]),
    Case(
        "alarms of services before pipelines",
        PASS,
        [*shop(failed(9), run(5)), alarm((8, 7.5), (5, 4))],
        parameters=SERVICE,
        message="2 failures restored",
    ),
    Case("alarms that took longer", FAIL, [alarm((8, 6.9))], parameters=SERVICE),
    Case(
        "an alarm that is red for longer",
        FAIL,
        [alarm((8,))],
        parameters=SERVICE,
        message="1 not yet",
    ),
    Case(
        "alarms of services that were never red",
        FAIL,
        [*shop(failed(9), run(5)), alarm()],
        parameters=SERVICE,
    ),
    Case("other alarms", NOT_APPLICABLE, [alarm((8, 5), name="cpu")], parameters=SERVICE),
    Case("alarms, of which none stands for a service", NOT_APPLICABLE, [alarm((8, 5))]),
    Case(
        "alarms that recovered before the window",
        NOT_APPLICABLE,
        [alarm((20, 11))],
        parameters={**SERVICE, "window_days": 10},
    ),
    Case(
        "alarms of services, known for less than the window",
        UNKNOWN,
        [*shop(run(5)), alarm()],
        parameters=SERVICE,
        message="cloudwatch.alarm_transitions not collected by cloudwatch:DescribeAlarmHistory",
    ),
    Case("alarms known for all of it", NOT_APPLICABLE, [alarm(known=90)], parameters=SERVICE),
    Case("alarms of which none stands for one", NOT_APPLICABLE, [alarm()]),
    Case(
        "alarms of services as the portal has kept them",
        FAIL,
        [remembered(alarm(), alarm((60, 50), known=91))],
        parameters=SERVICE,
        message="not within 24 hours; in part by the portal's own history, since 2026-03-16",
    ),
    Case(
        "alarms that were quiet as far as the portal has kept them",
        NOT_APPLICABLE,
        [remembered(alarm(), alarm(known=91))],
        parameters=SERVICE,
        message="nothing failed in 90 days; in part by the portal's own history, since 2026-03-16",
    ),
    Case(
        "not restored, and quick before as the portal has kept it",
        PASS,
        [
            remembered(deployments(failed(0.5), known_from=ago(days=2)), deployments()),
            *shop()[1:],
        ],
        message="0 failures restored, 1 not yet; in part by the portal's own history, since 2026",
    ),
    Case(
        "a failure that the portal has kept",
        FAIL,
        [
            remembered(deployments(run(1), known_from=ago(days=2)), deployments(failed(9), run(5))),
            *shop()[1:],
        ],
        message="1 failures restored, 0 not yet; in the median not within 24 hours; in part by",
    ),
    Case("alarms may not be read", UNKNOWN, parameters=SERVICE, gaps=[DENIED_ALARMS]),
    Case(
        "alarms may not be read, and need not",
        PASS,
        shop(failed(5), run(4.5)),
        gaps=[DENIED_ALARMS],
    ),
]

TABLE = {"dora_time_to_restore": RESTORE}


def test_outcomes():
    assert_outcomes(TABLE)


def test_what_aws_tells_is_not_said_to_be_history():
    facts = [remembered(deployments(failed(5), run(4)), deployments(known_from=ago(days=99)))]
    result = judged("dora_time_to_restore", Case("all by AWS", PASS, [*facts, *shop()[1:]]))
    assert result.message == "1 failures restored, 0 not yet; in the median within 24 hours"
