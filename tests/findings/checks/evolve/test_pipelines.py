"""E1 CI/CD: pipelines, and the way they lead to production."""

from tests.findings.checks.builders_codepipeline import (
    APPROVAL,
    PROD,
    SOURCE,
    TEST,
    action,
    pipeline,
    stage,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    Case,
    account,
    ago,
    assert_outcomes,
)

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
FOREIGN = f"arn:aws:iam::{OTHER}:role/deploy"
OWN = f"arn:aws:iam::{ACCOUNT}:role/deploy"
GO = stage("Go", action("Deploy"))


def gate(name, expect, *stages, account=SANDBOX, **fields):
    """A case of a pipeline in an account that is not in production itself, unless told."""
    return Case(name, expect, [pipeline(*stages)], account=account, **fields)


def from_sources(*actions, **fields):
    return [pipeline(stage("Source", *actions), PROD, **fields)]


def by_event(provider="CodeCommit", polls=False, **fields):
    return action("Source", provider=provider, polls_source=polls, **fields)


CONNECTION = by_event("CodeStarSourceConnection", None)
ENDED = ago(days=9)


def deploying(*providers, on_failure=None, **fields):
    actions = [action("Deploy", provider, provider=provider, **fields) for provider in providers]
    return stage("Prod", *actions, on_failure=on_failure)


def to(*regions, name="Prod", order=None):
    """A stage that deploys to regions at once, unless it has an order."""
    actions = [
        action("Deploy", f"{number}", region=region, run_order=number if order else 1)
        for number, region in enumerate(regions, 1)
    ]
    return stage(name, *actions)


TABLE = {
    "codepipeline_production_gate": [
        gate("test and approval", PASS, SOURCE, TEST, APPROVAL, PROD),
        gate("no test", FAIL, SOURCE, APPROVAL, PROD, message="tests"),
        gate("no approval", FAIL, SOURCE, TEST, PROD, message="approval or rule"),
        gate("test after production", FAIL, SOURCE, APPROVAL, PROD, TEST),
        gate("approval after production", FAIL, SOURCE, TEST, PROD, APPROVAL),
        gate(
            "rule before production",
            PASS,
            SOURCE,
            TEST,
            stage("Prod", action("Deploy"), entry_rules=("CloudWatchAlarm",)),
        ),
        gate(
            "rule after production",
            FAIL,
            SOURCE,
            TEST,
            PROD,
            stage("Next", action("Deploy"), entry_rules=("CloudWatchAlarm",)),
        ),
        gate(
            "approval in the stage itself",
            PASS,
            SOURCE,
            TEST,
            stage("Prod", action("Approval"), action("Deploy", run_order=2)),
        ),
        gate(
            "approval beside the deployment",
            FAIL,
            SOURCE,
            TEST,
            stage("Prod", action("Approval"), action("Deploy")),
        ),
        gate("no production", NOT_APPLICABLE, SOURCE, stage("Staging", action("Deploy"))),
        gate("no stage at all", NOT_APPLICABLE),
        gate("not production by name", NOT_APPLICABLE, SOURCE, stage("NonProd", action("Deploy"))),
        gate("before production", NOT_APPLICABLE, SOURCE, stage("pre-prod", action("Deploy"))),
        gate("a product", NOT_APPLICABLE, SOURCE, stage("Product", action("Deploy"))),
        gate("deploy-production-eu", FAIL, stage("deploy-production-eu", action("Deploy"))),
        gate(
            "production by another name",
            FAIL,
            SOURCE,
            stage("Live", action("Deploy")),
            parameters={"production_stage": "^Live$"},
        ),
        gate(
            "production in the name of the action",
            FAIL,
            stage("Deploy", action("Deploy", "staging"), action("Deploy", "prod", run_order=2)),
        ),
        gate(
            "the first deployment to production counts",
            FAIL,
            SOURCE,
            TEST,
            stage("Prod-EU", action("Deploy")),
            APPROVAL,
            stage("Prod-US", action("Deploy")),
        ),
        gate(
            "a build with tests",
            PASS,
            stage("Build", action("Build", "BuildAndTest")),
            APPROVAL,
            PROD,
        ),
        gate(
            "a build whose project tests",
            PASS,
            stage("Build", action("Build", project="shop-unit-tests")),
            APPROVAL,
            PROD,
        ),
        gate("commands in a stage of tests", PASS, stage("QA", action("Compute")), APPROVAL, PROD),
        gate("a build without tests", FAIL, stage("Build", action("Build")), APPROVAL, PROD),
        gate("a build of the latest", FAIL, stage("latest", action("Build")), APPROVAL, PROD),
        gate("a source called test", FAIL, stage("test", action("Source")), APPROVAL, PROD),
        gate(
            "a change set is made, approved and executed",
            PASS,
            TEST,
            stage(
                "Prod",
                action("Deploy", "prepare", mode="CHANGE_SET_REPLACE"),
                action("Approval", run_order=2),
                action("Deploy", "execute", mode="CHANGE_SET_EXECUTE", run_order=3),
            ),
        ),
        gate(
            "a build deploys to production",
            FAIL,
            SOURCE,
            stage("Prod", action("Build", "apply")),
        ),
        gate(
            "a build deploys to production in a production account",
            FAIL,
            stage("Prod", action("Build", "apply")),
            account=account(),
        ),
        gate("only builds", NOT_APPLICABLE, SOURCE, stage("Build", action("Build"))),
        gate("only an approval for production", NOT_APPLICABLE, stage("Prod", action("Approval"))),
        gate(
            "deploys in a production account",
            FAIL,
            stage("Go", action("Deploy")),
            account=account(),
        ),
        gate(
            "deploys in a production account by a role",
            FAIL,
            stage("Go", action("Deploy", role_arn=OWN)),
            account=account(),
        ),
        gate(
            "deploys from a production account elsewhere",
            NOT_APPLICABLE,
            stage("Go", action("Deploy", role_arn=FOREIGN)),
            account=account(),
        ),
        gate(
            "stages by name before those by account",
            PASS,
            SOURCE,
            stage("Staging", action("Deploy")),
            TEST,
            APPROVAL,
            PROD,
            account=account(),
        ),
        gate(
            "accounts are production by another selector",
            NOT_APPLICABLE,
            stage("Go", action("Deploy")),
            account=account(),
            parameters={"production_selector": {"environments": ["live"]}},
        ),
    ],
    "codepipeline_source_event_driven": [
        Case("CodeCommit by event", PASS, from_sources(by_event())),
        Case("S3 by event", PASS, from_sources(by_event("S3"))),
        Case("CodeCommit polls", FAIL, from_sources(by_event(polls=True)), message="no polling"),
        Case("S3 polls by default", FAIL, from_sources(by_event("S3", None))),
        Case(
            "one of two polls",
            FAIL,
            from_sources(by_event(), by_event("S3", None, name="Drop")),
            message="no polling: Drop",
        ),
        Case("a connection", NOT_APPLICABLE, from_sources(CONNECTION)),
        Case("an image", NOT_APPLICABLE, from_sources(by_event("ECR", None))),
        Case("a connection and a bucket", PASS, from_sources(CONNECTION, by_event("S3"))),
        Case(
            "a provider of one's own", NOT_APPLICABLE, from_sources(by_event("S3", owner="Custom"))
        ),
        Case(
            "GitHub version 1",
            FAIL,
            from_sources(by_event("GitHub", owner="ThirdParty", name="Hub")),
            message="no GitHub version 1: Hub",
        ),
        Case(
            "another third party", NOT_APPLICABLE, from_sources(by_event("X", owner="ThirdParty"))
        ),
        Case(
            "GitHub of one's own", NOT_APPLICABLE, from_sources(by_event("GitHub", owner="Custom"))
        ),
        Case(
            "deploys to S3",
            NOT_APPLICABLE,
            [pipeline(stage("Prod", action("Deploy", provider="S3")))],
        ),
        Case(
            "a deployment to GitHub Pages",
            NOT_APPLICABLE,
            [pipeline(stage("Prod", action("Deploy", provider="GitHub", owner="ThirdParty")))],
        ),
        Case(
            "AWS gave up",
            FAIL,
            from_sources(by_event(), polling_disabled_at=ENDED),
            message="AWS ended polling 2026-06-06",
        ),
    ],
    "codepipeline_rollback_on_failure": [
        Case("rolls back", PASS, [pipeline(SOURCE, deploying("ECS", on_failure="ROLLBACK"))]),
        Case(
            "says nothing",
            FAIL,
            [pipeline(SOURCE, deploying("CodeDeploy"))],
            message="not met: failures: Prod does nothing",
        ),
        *(
            Case(f"does {result}", FAIL, [pipeline(deploying("CodeDeploy", on_failure=result))])
            for result in ("FAIL", "SKIP", "PAUSE")
        ),
        *(
            Case(f"{name} again", PASS, [pipeline(deploying(name, on_failure="RETRY"))])
            for name in (
                "CodeDeploy",
                "CodeDeployToECS",
                "CloudFormation",
                "CloudFormationStackSet",
                "CloudFormationStackInstances",
            )
        ),
        Case("copies again", FAIL, [pipeline(deploying("S3", on_failure="RETRY"))]),
        Case(
            "copies again beside a stack",
            FAIL,
            [pipeline(deploying("CloudFormation", "S3", on_failure="RETRY"))],
            message="Prod does RETRY",
        ),
        Case(
            "a test beside a stack",
            PASS,
            [
                pipeline(
                    stage(
                        "Prod",
                        action("Deploy", provider="CloudFormation"),
                        action("Test", run_order=2),
                        on_failure="RETRY",
                    )
                )
            ],
        ),
        Case(
            "one of two stages",
            FAIL,
            [pipeline(deploying("ECS", on_failure="ROLLBACK"), GO)],
            message="Go does nothing",
        ),
        Case(
            "stages that deploy nothing",
            PASS,
            [pipeline(SOURCE, TEST, deploying("ECS", on_failure="ROLLBACK"))],
        ),
        Case(
            "version 1",
            FAIL,
            [pipeline(deploying("ECS", on_failure="ROLLBACK"), type="V1")],
            message="not met: type V2: it is V1",
        ),
        Case("no type", PASS, [pipeline(deploying("ECS", on_failure="ROLLBACK"), type=None)]),
        Case("deploys nothing", NOT_APPLICABLE, [pipeline(SOURCE, TEST)]),
        Case(
            "only makes a change set",
            NOT_APPLICABLE,
            [pipeline(deploying("CloudFormation", mode="CHANGE_SET_REPLACE"))],
        ),
    ],
    "codepipeline_deploys_one_target_at_a_time": [
        Case("two stages", PASS, [pipeline(SOURCE, to(None), to(OTHER_REGION, name="US"))]),
        Case(
            "two regions in a stage",
            FAIL,
            [pipeline(to(REGION, OTHER_REGION, order=True))],
            message="one region a stage: Prod deploys to eu-west-1, us-east-1",
        ),
        Case(
            "two deployments at once",
            FAIL,
            [pipeline(to(None, REGION), to(OTHER_REGION, name="US"))],
            message="not met: one deployment at once: Prod runs 2 deployments at once",
        ),
        Case(
            "one deployment after the other",
            PASS,
            [pipeline(to(None, REGION, order=True), to(OTHER_REGION, name="US"))],
        ),
        Case(
            "two at once are allowed",
            PASS,
            [pipeline(to(None, None), to(OTHER_REGION, name="US"))],
            parameters={"max_parallel": 2},
        ),
        Case(
            "two regions are allowed",
            PASS,
            [pipeline(to(REGION, OTHER_REGION, order=True))],
            parameters={"max_regions": 2},
        ),
        Case("one region, told or not", NOT_APPLICABLE, [pipeline(to(None, REGION))]),
        Case("another region alone", NOT_APPLICABLE, [pipeline(to(OTHER_REGION, OTHER_REGION))]),
        Case("deploys nothing", NOT_APPLICABLE, [pipeline(SOURCE, TEST)]),
        Case(
            "tests in another region",
            NOT_APPLICABLE,
            [pipeline(to(None), stage("Test", action("Test", region=OTHER_REGION)))],
        ),
        Case(
            "tests beside the deployment",
            PASS,
            [
                pipeline(
                    stage("Prod", action("Deploy"), action("Test", region=OTHER_REGION)),
                    to(OTHER_REGION, name="US"),
                )
            ],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
