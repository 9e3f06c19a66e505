"""E3: how often changes get to production."""

import pytest

from findings.facts.base import Gap, GapReason, Place
from findings.facts.codepipeline import PipelineDeployments
from tests.findings.checks.builders_codedeploy import deployment_group, group_deployment, history
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
from tests.findings.checks.builders_tagging import tagged
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

CHECK = "dora_deployment_frequency"
SHOP = pipeline(SOURCE, TEST, PROD)
TWO = pipeline(SOURCE, TEST, stage("Prod", action("Deploy"), action("Deploy", "Other")))
DEV = pipeline(SOURCE, stage("Dev", action("Deploy")))
GROUP = deployment_group()
SANDBOX = account(environment="sandbox")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
NO_HISTORY = history()
DENIED = Gap(kind="codepipeline.deployments", reason=GapReason.ACCESS_DENIED)
DENIED_GROUPS = Gap(kind="codedeploy.deployment_group", reason=GapReason.ACCESS_DENIED)
DENIED_HISTORY = Gap(kind="codedeploy.deployment_history", reason=GapReason.ACCESS_DENIED)
DENIED_TAGS = Gap(kind="tagging.resource", reason=GapReason.ACCESS_DENIED)


def runs(count, **fields):
    return [run(1 + number, **fields) for number in range(count)]


def direct(count, **fields):
    return [group_deployment(1 + number, **fields) for number in range(count)]


def by_pipeline(*found, of=SHOP, known_from=None, **fields):
    return [deployments(*found, known_from=known_from), of, activity(**fields), NO_HISTORY]


def by_group(*found, group=GROUP, **fields):
    return [group, history(*found, **fields)]


TABLE = {
    CHECK: [
        Case(
            "thirteen in a quarter",
            PASS,
            by_pipeline(*runs(13)),
            message="weekly: 13 deployments in 90 days",
        ),
        Case(
            "twelve in a quarter",
            FAIL,
            by_pipeline(*runs(12)),
            message="monthly: 12 deployments in 90 days",
        ),
        Case("never", FAIL, by_pipeline(), message="rarer: 0 deployments"),
        Case("ninety", PASS, by_pipeline(*runs(90)), message="daily: 90 deployments in 90 days"),
        Case(
            "twice a week is wanted", FAIL, by_pipeline(*runs(13)), parameters={"min_per_week": 2}
        ),
        Case("never is enough", PASS, by_pipeline(), parameters={"min_per_week": 0}),
        Case("a window of no length", FAIL, by_pipeline(*runs(13)), parameters={"window_days": 0}),
        Case("nothing is enough", NOT_APPLICABLE, [NO_HISTORY], parameters={"min_per_week": 0}),
        Case("four in four weeks", PASS, by_pipeline(*runs(4)), parameters={"window_days": 28}),
        Case(
            "the thirteenth failed",
            FAIL,
            by_pipeline(*runs(12), run(20, "Failed")),
            message="12 dep",
        ),
        Case(
            "the thirteenth succeeded when it was retried",
            PASS,
            by_pipeline(*runs(12), run(20, "Failed", execution="x"), run(19, execution="x")),
            message="13 deployments",
        ),
        Case(
            "one of its actions did not",
            FAIL,
            by_pipeline(
                *runs(12),
                run(20, "Failed", execution="x"),
                run(19, execution="x", action="Other"),
                of=TWO,
            ),
            message="12 deployments",
        ),
        Case(
            "it fails again when it is retried",
            FAIL,
            by_pipeline(*runs(12), run(20, execution="x"), run(19, "Failed", execution="x")),
            message="12 deployments",
        ),
        Case("the thirteenth is at the limit", PASS, by_pipeline(*runs(12), run(90))),
        Case(
            "the thirteenth is before the window",
            FAIL,
            by_pipeline(*runs(12), run(90.001), known_from=ago(days=91)),
        ),
        Case(
            "the thirteenth takes one back",
            FAIL,
            by_pipeline(*runs(13), rollbacks=(execution(id="e-13"),)),
        ),
        Case(
            "the thirteenth is older than is known of rollbacks",
            UNKNOWN,
            by_pipeline(*runs(12), run(80), rollbacks_known_from=ago(days=79)),
            message="no longer kept",
        ),
        Case(
            "enough in the days that are known",
            PASS,
            by_pipeline(*runs(13), known_from=ago(days=14)),
        ),
        Case(
            "enough with what the portal has kept",
            PASS,
            [
                remembered(deployments(*runs(1), known_from=ago(days=2)), deployments(*runs(13))),
                *by_pipeline()[1:],
            ],
            message="13 deployments in 90 days; in part by the portal's own history, since 2026",
        ),
        Case(
            "too few with it",
            FAIL,
            [
                remembered(deployments(known_from=ago(days=2)), deployments(*runs(12))),
                *by_pipeline()[1:],
            ],
            message="12 deployments in 90 days; in part",
        ),
        Case(
            "too few in what it has kept",
            UNKNOWN,
            [
                remembered(
                    deployments(known_from=ago(days=2)),
                    deployments(*runs(12), known_from=ago(days=89)),
                ),
                *by_pipeline()[1:],
            ],
        ),
        Case(
            "of CodeDeploy with what the portal has kept",
            FAIL,
            [
                GROUP,
                remembered(
                    history(*direct(1), known_from=ago(days=2)),
                    history(*direct(12), known_from=ago(days=95)),
                ),
            ],
            message="12 deployments in 90 days; in part by the portal's own history, since",
        ),
        Case(
            "of an application that was deleted the portal alone tells, and not what it was",
            FAIL,
            [
                *by_pipeline(*runs(12))[:3],
                remembered(history(), history(*direct(9, group="gone"))),
            ],
            account=SANDBOX,
            message="12 deployments",
        ),
        Case(
            "what it was its account tells",
            PASS,
            [
                *by_pipeline(*runs(12))[:3],
                remembered(history(), history(*direct(9, group="gone"))),
            ],
            message="21 deployments",
        ),
        Case("too few in them", UNKNOWN, by_pipeline(*runs(12), known_from=ago(days=89))),
        Case(
            "a window that is longer than what is known",
            UNKNOWN,
            by_pipeline(*runs(12)),
            parameters={"window_days": 91},
        ),
        Case("to production by its account", PASS, by_pipeline(*runs(13, stage="Dev"), of=DEV)),
        Case(
            "not to production",
            NOT_APPLICABLE,
            by_pipeline(*runs(13, stage="Dev"), of=DEV),
            account=SANDBOX,
            message="nothing in the account deploys to production",
        ),
        Case(
            "to a stage that is called otherwise",
            PASS,
            by_pipeline(*runs(13, stage="Dev"), of=DEV),
            account=SANDBOX,
            parameters={"production_stage": "Dev"},
        ),
        Case(
            "to what counts as production here",
            PASS,
            by_group(*direct(13)),
            account=SANDBOX,
            parameters={"production_selector": {"environments": ["sandbox"]}},
        ),
        Case("nothing deploys", NOT_APPLICABLE, [NO_HISTORY]),
        Case("by CodeDeploy alone", PASS, by_group(*direct(13))),
        Case("by CodeDeploy, rarely", FAIL, by_group(*direct(12)), message="12 deployments"),
        Case(
            "by CodeDeploy at the limit of the window",
            PASS,
            by_group(*direct(12), group_deployment(90)),
        ),
        Case(
            "by CodeDeploy before the window",
            FAIL,
            by_group(*direct(12), group_deployment(90.001), known_from=ago(days=91)),
        ),
        Case(
            "by CodeDeploy, in a longer window",
            UNKNOWN,
            by_group(*direct(12)),
            parameters={"window_days": 91},
        ),
        Case(
            "of groups that are not in production less need be known",
            FAIL,
            [*by_pipeline(*runs(12), known_from=ago(days=92))[:3], *by_group(*direct(1))],
            account=SANDBOX,
            parameters={"window_days": 91},
        ),
        Case(
            "rollbacks of CodeDeploy do not count",
            FAIL,
            by_group(*direct(12), *direct(1, creator="codeDeployRollback", id="back")),
        ),
        Case(
            "what a pipeline had CodeDeploy make counts once",
            FAIL,
            [*by_pipeline(*runs(7, external_id="d-1"))[:3], *by_group(*direct(6))],
            message="12 deployments",
        ),
        Case(
            "in two regions together",
            PASS,
            by_pipeline(*runs(7)),
            elsewhere={ELSEWHERE: by_group(*direct(6), region=OTHER_REGION)},
        ),
        Case(
            "of a pipeline of the same name elsewhere",
            FAIL,
            by_pipeline(*runs(12)),
            elsewhere={
                ELSEWHERE: [
                    deployments(*runs(5)),
                    pipeline(SOURCE, stage("Other", action("Deploy"))),
                    activity(),
                    history(region=OTHER_REGION),
                ]
            },
        ),
        Case(
            "a group says by its tag that it is in production",
            PASS,
            [*by_group(*direct(13)), tagged(GROUP.arn, Environment="prod")],
            account=SANDBOX,
        ),
        Case(
            "a group that does not",
            NOT_APPLICABLE,
            [*by_group(*direct(13)), tagged(GROUP.arn, Environment="dev")],
            account=SANDBOX,
        ),
        Case(
            "its tags are not known",
            UNKNOWN,
            by_group(*direct(13)),
            account=SANDBOX,
            gaps=[DENIED_TAGS],
        ),
        Case("the account decides", PASS, by_group(*direct(13)), gaps=[DENIED_TAGS]),
        Case("to a group that is gone", PASS, [*by_group(*direct(13, group="gone"))]),
        Case(
            "to a group that is gone and may have been in production",
            UNKNOWN,
            [*by_group(*direct(13, group="gone"))],
            account=SANDBOX,
        ),
        Case("when is not told", UNKNOWN, by_group(*direct(13, ended_at=None))),
        Case(
            "enough though pipelines may not be read",
            PASS,
            by_group(*direct(13)),
            gaps=[DENIED],
        ),
        Case("pipelines may not be read", UNKNOWN, by_group(*direct(12)), gaps=[DENIED]),
        Case("groups may not be read", UNKNOWN, by_pipeline(*runs(12)), gaps=[DENIED_GROUPS]),
        Case("nothing may be read", UNKNOWN, [NO_HISTORY], gaps=[DENIED, DENIED_GROUPS]),
        Case(
            "deployments of a group may not be read",
            UNKNOWN,
            [GROUP],
            gaps=[DENIED_HISTORY],
            message="codedeploy.deployment_history not collected",
        ),
        Case("nobody looked for deployments of CodeDeploy", UNKNOWN, by_pipeline(*runs(12))[:3]),
        Case(
            "one pipeline of two is not known",
            UNKNOWN,
            [
                PipelineDeployments(pipeline="shop", known_from=DENIED, runs=DENIED),
                SHOP,
                activity(),
                NO_HISTORY,
            ],
        ),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)


@pytest.mark.parametrize(
    "facts",
    [
        by_pipeline(*runs(12)),
        [
            remembered(deployments(*runs(12)), deployments(known_from=ago(days=99))),
            *by_pipeline()[1:],
        ],
        [remembered(history(*direct(12)), history(known_from=ago(days=99))), GROUP],
    ],
)
def test_what_aws_tells_is_not_said_to_be_history(facts):
    result = judged(CHECK, Case("all by AWS", FAIL, facts))
    assert result.message == "monthly: 12 deployments in 90 days"
