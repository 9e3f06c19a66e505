"""E3: the figures of DORA."""

import pytest

from findings.facts.base import Gap, GapReason
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
    FAIL,
    NOT_APPLICABLE,
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
SANDBOX = account(environment="sandbox")


def shop(*runs, of=SHOP, ran=None, known_from=None):
    """The deployments of the shop's pipeline, and what it is made of."""
    return [deployments(*runs, known_from=known_from), of, ran or activity()]


def often(*special, count=5, **fields):
    """So many deployments, of which some are special, an hour apart."""
    usual = [run(20 + number / 24, **fields) for number in range(count - len(special))]
    return [*usual, *special]


DENIED = Gap(kind="codepipeline.deployments", reason=GapReason.ACCESS_DENIED)
TWO = pipeline(SOURCE, TEST, stage("Prod", action("Deploy"), action("Deploy", "Other")))
DEV = pipeline(SOURCE, stage("Dev", action("Deploy")))

LEAD_TIME = [
    Case(
        "a week from commit to production",
        PASS,
        shop(*often(committed=168)),
        message="168 median hours from commit to production; 5 changes in 90 days",
    ),
    Case("longer", FAIL, shop(*often(committed=168.001))),
    Case(
        "what succeeded when it was retried took until then",
        PASS,
        shop(*often(run(1, "Failed", execution="x"), count=5), run(0.9, execution="x", hours=1)),
        message="5 changes in 90 days",
    ),
    Case("longer is allowed", PASS, shop(*often(committed=200)), parameters={"max_hours": 200}),
    Case(
        "without the time of the commit, since the start of the delivery",
        PASS,
        shop(*often(hours=3)),
        message="3 median hours from commit to production, 5 of 5 from the start",
    ),
    Case("waits for days", FAIL, shop(*often(hours=169))),
    Case("a slow one among others", PASS, shop(*often(run(1, committed=900), committed=2))),
    Case(
        "four only",
        NOT_APPLICABLE,
        shop(*often(count=4, committed=900)),
        message="4 changes in 90 days",
    ),
    Case("four do", FAIL, shop(*often(count=4, committed=900)), parameters={"min_samples": 4}),
    Case("never", NOT_APPLICABLE, shop()),
    Case("never, and that is enough", NOT_APPLICABLE, shop(), parameters={"min_samples": 0}),
    Case(
        "the fifth failed",
        NOT_APPLICABLE,
        shop(*often(run(1, "Failed", committed=900), committed=900)),
    ),
    Case(
        "the fifth is at the limit of the window",
        FAIL,
        shop(*often(run(90, committed=900), committed=900)),
    ),
    Case(
        "the fifth is before the window",
        NOT_APPLICABLE,
        shop(*often(run(90.001, committed=900), committed=900), known_from=ago(days=91)),
    ),
    Case(
        "in a shorter window",
        NOT_APPLICABLE,
        shop(*often(committed=900)),
        parameters={"window_days": 20},
    ),
    Case(
        "AWS tells of fewer days, which are enough",
        FAIL,
        shop(*often(committed=900), known_from=ago(days=30)),
        message="900 median hours from commit to production; 5 changes since 2026-05-16",
    ),
    Case(
        "AWS tells of fewer days, which are not enough",
        UNKNOWN,
        shop(*often(count=4), known_from=ago(days=89)),
        message="no longer kept",
    ),
    Case(
        "of which only the newest rollbacks are known",
        UNKNOWN,
        shop(*often(count=4), ran=activity(rollbacks_known_from=ago(days=89))),
    ),
    Case(
        "a rollback is no change",
        NOT_APPLICABLE,
        shop(*often(committed=900), ran=activity(rollbacks=(execution(id="e-20"),))),
    ),
    Case(
        "one in progress and one abandoned",
        NOT_APPLICABLE,
        shop(*often(run(1, "InProgress", committed=900), run(2, "Abandoned", committed=900))),
    ),
    Case(
        "two actions of one execution are one change",
        NOT_APPLICABLE,
        shop(
            *often(count=4, committed=900),
            run(19, execution="e-20", committed=900),
        ),
    ),
    Case(
        "it ends with the last of them",
        FAIL,
        shop(
            *(run(10 + n, execution=f"x-{n}", hours=100) for n in range(5)),
            *(run(7 + n, execution=f"x-{n}", hours=172) for n in range(5)),
        ),
        message="172 median hours",
    ),
    Case("a status that nobody documented", UNKNOWN, shop(*often(run(1, "Paused")))),
    Case("actions of other stages", NOT_APPLICABLE, shop(*often(stage="Test", committed=900))),
    Case("other actions", NOT_APPLICABLE, shop(*often(action="Smoke", committed=900))),
    Case(
        "to production by its account",
        FAIL,
        shop(*often(stage="Dev", committed=900), of=DEV),
    ),
    Case(
        "not to production",
        NOT_APPLICABLE,
        shop(*often(stage="Dev", committed=900), of=DEV),
        account=SANDBOX,
        message="no stage of the pipeline deploys to production",
    ),
    Case(
        "to what counts as production here",
        FAIL,
        shop(*often(stage="Dev", committed=900), of=DEV),
        account=SANDBOX,
        parameters={"production_selector": {"environments": ["sandbox"]}},
    ),
    Case(
        "to a stage that is called otherwise",
        FAIL,
        shop(*often(stage="Dev", committed=900), of=DEV),
        account=SANDBOX,
        parameters={"production_stage": "Dev"},
    ),
    Case("its pipeline is gone meanwhile", UNKNOWN, [deployments(*often()), activity()]),
    Case("how it runs is not known", UNKNOWN, [deployments(*often()), SHOP]),
    Case(
        "its deployments may not be read",
        UNKNOWN,
        [deployments(pipeline="shop").__class__(pipeline="shop", known_from=DENIED, runs=DENIED),
         SHOP, activity()],
    ),
]  # fmt: skip


def taken_back(*ids, started_at=None, **fields):
    given = {"started_at": started_at or ago(days=0.5)}
    return activity(rollbacks=tuple(execution(id=id_, **given) for id_ in ids), **fields)


SEVENTEEN = often(count=17, committed=1)
FAILED = [run(days / 10, "Failed") for days in (11, 12, 13)]

FAILURE_RATE = [
    Case(
        "three of twenty failed",
        PASS,
        shop(*SEVENTEEN, *FAILED),
        message="15 percent: 3 of 20 changes failed or were taken back; 20 changes in 90 days",
    ),
    Case("three of nineteen failed", FAIL, shop(*SEVENTEEN[1:], *FAILED), message="16 percent"),
    Case(
        "more may fail",
        PASS,
        shop(*SEVENTEEN[1:], *FAILED),
        parameters={"max_percent": 16},
    ),
    Case("all went well", PASS, shop(*often()), message="0 percent"),
    Case("four only", NOT_APPLICABLE, shop(*often(run(1, "Failed"), count=4))),
    Case(
        "four do",
        FAIL,
        shop(*often(run(1, "Failed"), count=4)),
        parameters={"min_changes": 4},
    ),
    Case("none", NOT_APPLICABLE, shop(), parameters={"min_changes": 0}),
    Case(
        "one was taken back",
        FAIL,
        shop(*often(run(1)), run(0.4, execution="back"), ran=taken_back("back")),
        message="20 percent: 1 of 5 changes failed or were taken back",
    ),
    Case(
        "it had failed before it was taken back",
        FAIL,
        shop(*often(run(1, "Failed")), run(0.4, execution="back"), ran=taken_back("back")),
        message="1 of 5",
    ),
    Case(
        "what was taken back did not reach production",
        PASS,
        shop(*often(run(1)), ran=taken_back("elsewhere")),
        message="0 of 5",
    ),
    Case(
        "the rollback failed, too",
        FAIL,
        shop(*often(run(1)), run(0.4, "Failed", execution="back"), ran=taken_back("back")),
        message="1 of 5",
    ),
    Case(
        "one failed before the window",
        PASS,
        shop(*often(), run(90.001, "Failed"), known_from=ago(days=91)),
        message="0 of 5",
    ),
    Case(
        "in a shorter window",
        PASS,
        shop(*often(run(30, "Failed"), count=6)),
        parameters={"window_days": 29},
    ),
    Case(
        "the last action failed",
        FAIL,
        shop(*often(run(1, execution="x")), run(0.9, "Failed", execution="x")),
        message="1 of 5",
    ),
    Case(
        "it failed and was retried in the end without waiting for it",
        FAIL,
        shop(*often(run(1, "Failed", execution="x")), run(0.9, "InProgress", execution="x")),
        message="1 of 5",
    ),
    Case(
        "it failed and succeeded when it was retried",
        FAIL,
        shop(*often(run(1, "Failed", execution="x")), run(0.9, execution="x")),
        message="1 of 5",
    ),
    Case(
        "one of two actions succeeded when it was retried, the other did not",
        FAIL,
        shop(
            *often(run(1, "Failed", execution="x")),
            run(0.9, execution="x"),
            run(1, "Failed", execution="x", action="Other"),
            of=TWO,
        ),
        message="1 of 5",
    ),
    Case(
        "rollbacks are known of fewer days",
        FAIL,
        shop(
            *often(run(1, "Failed"), count=6),
            run(40, "Failed"),
            ran=activity(rollbacks_known_from=ago(days=39)),
        ),
        message="1 of 6 changes failed or were taken back; 6 changes since 2026-05-07",
    ),
    Case(
        "they are too few",
        UNKNOWN,
        shop(*often(run(1, "Failed"), count=4), known_from=ago(days=89)),
    ),
    Case(
        "all of the window is known, to the instant",
        NOT_APPLICABLE,
        shop(*often(count=4), ran=activity(rollbacks_known_from=ago(days=90))),
    ),
    Case(
        "not to production",
        NOT_APPLICABLE,
        shop(*often(run(1, "Failed", stage="Dev"), stage="Dev"), of=DEV),
        account=SANDBOX,
    ),
    Case(
        "to what counts as production here",
        FAIL,
        shop(*often(run(1, "Failed", stage="Dev"), stage="Dev"), of=DEV),
        account=SANDBOX,
        parameters={"production_selector": {"environments": ["sandbox"]}},
    ),
    Case(
        "to a stage that is called otherwise",
        FAIL,
        shop(*often(run(1, "Failed", stage="Dev"), stage="Dev"), of=DEV),
        account=SANDBOX,
        parameters={"production_stage": "Dev"},
    ),
    Case("its pipeline is gone meanwhile", UNKNOWN, [deployments(*often()), activity()]),
]

TABLE = {
    "dora_lead_time_for_changes": LEAD_TIME,
    "dora_change_failure_rate": FAILURE_RATE,
}


def test_outcomes():
    assert_outcomes(TABLE)


KEPT = "; in part by the portal's own history, since 2026-03-17"


def forgotten(*runs, ran=None):
    """AWS tells of two days, and the portal has kept these runs."""
    told = deployments(known_from=ago(days=2))
    return [remembered(told, deployments(*runs)), SHOP, ran or activity()]


@pytest.mark.parametrize(
    ("expect", "facts", "message"),
    [
        (PASS, forgotten(*often()), f"5 changes in 90 days{KEPT}"),
        (NOT_APPLICABLE, forgotten(*often(count=4)), f"4 changes in 90 days{KEPT}"),
        (
            PASS,
            forgotten(
                *often(), ran=remembered(activity(rollbacks_known_from=ago(days=3)), activity())
            ),
            f"5 changes in 90 days{KEPT}",
        ),
        (
            PASS,
            [
                *shop(*often())[:2],
                remembered(activity(rollbacks_known_from=ago(days=3)), activity()),
            ],
            f"5 changes in 90 days{KEPT}",
        ),
        (PASS, shop(*often(), ran=activity(rollbacks_known_from=ago(days=90))), "in 90 days"),
    ],
)
def test_it_says_what_aws_does_not_tell_any_more(expect, facts, message):
    result = judged("dora_change_failure_rate", Case("kept", expect, facts))
    assert (result.status, result.message[-len(message) :]) == (expect, message)


def test_what_neither_tells_is_unknown():
    facts = forgotten(*often(), ran=activity(rollbacks_known_from=ago(days=3)))
    assert judged("dora_lead_time_for_changes", Case("both", UNKNOWN, facts)).status is UNKNOWN
