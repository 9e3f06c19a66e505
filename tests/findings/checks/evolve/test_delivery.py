"""E1 CI/CD: repositories, builds and deployments."""

import pytest

from tests.findings.checks.builders_codebuild import hit, project
from tests.findings.checks.builders_codecommit import approval, repository
from tests.findings.checks.builders_codedeploy import deployment, deployment_group
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    judged,
    rows,
)
from tests.findings.checks.gaps import denied

REPOSITORY = repository().arn
MAIN = ("refs/heads/main",)


def archived(**tags):
    return tagged(REPOSITORY, **tags)


TABLE = {
    "codecommit_approval_rule_required": [
        Case("a template for all branches", PASS, [repository()]),
        Case("no template", FAIL, [repository(approval_rules=())], message="no approval rule"),
        Case(
            "a template for the default branch",
            PASS,
            [repository(approval_rules=(approval(branches=("refs/heads/dev", *MAIN)),))],
        ),
        Case(
            "a template for another branch",
            FAIL,
            [repository(approval_rules=(approval(branches=("refs/heads/dev",)),))],
            message="default branch",
        ),
        Case(
            "a template for branches by wildcard",
            PASS,
            [repository(approval_rules=(approval(branches=("refs/heads/ma*",)),))],
        ),
        Case(
            "no approval needed",
            FAIL,
            [repository(approval_rules=(approval(approvals=0),))],
            message="approvals",
        ),
        Case(
            "one of two templates is enough",
            PASS,
            [repository(approval_rules=(approval("a", 0), approval("b", 1)))],
        ),
        Case(
            "no template has both",
            FAIL,
            [
                repository(
                    approval_rules=(
                        approval("a", 0, MAIN),
                        approval("b", 2, ("refs/heads/dev",)),
                    )
                )
            ],
        ),
        Case(
            "two approvals are asked for",
            FAIL,
            [repository()],
            parameters={"min_approvals": 2},
        ),
        Case(
            "no commit yet, all branches",
            PASS,
            [repository(default_branch=None)],
        ),
        Case(
            "no commit yet, some branches",
            FAIL,
            [
                repository(
                    default_branch=None, approval_rules=(approval(branches=("refs/heads/*",)),)
                )
            ],
        ),
        Case(
            "archived",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(archived="true")],
        ),
        Case(
            "archived, written large",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(Archived="")],
        ),
        Case(
            "archived by its state",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(Lifecycle="Archived")],
        ),
        Case(
            "not archived",
            FAIL,
            [repository(approval_rules=()), archived(archived="False")],
        ),
        Case("not archived, in a word", PASS, [repository(), archived(archived="no")]),
        Case("has other tags", PASS, [repository(), archived(Team="web")]),
        Case(
            "another one is archived",
            FAIL,
            [repository(approval_rules=()), tagged("other", archived="true")],
        ),
        Case("tags denied", UNKNOWN, [repository()], gaps=[denied(tagged("a"))]),
    ],
    "codecommit_repository_active": [
        Case("changed lately", PASS, [repository()]),
        Case("the limit exactly", PASS, [repository(modified_at=ago(days=365))]),
        Case(
            "a second more",
            FAIL,
            [repository(modified_at=ago(days=365, seconds=1))],
            message="last changed 2025-06-15",
        ),
        Case(
            "a longer limit",
            PASS,
            [repository(modified_at=ago(days=500))],
            parameters={"max_age_days": 500},
        ),
        Case(
            "never changed since made", PASS, [repository(modified_at=None, created_at=ago(days=1))]
        ),
        Case("no date at all", UNKNOWN, [repository(modified_at=None, created_at=None)]),
        Case(
            "archived",
            NOT_APPLICABLE,
            [repository(modified_at=ago(days=500)), archived(archived="true")],
        ),
    ],
    "codebuild_no_plaintext_secrets": [
        Case("no hit", PASS, [project()]),
        Case(
            "a variable",
            FAIL,
            [project(variable_secrets=(hit(),))],
            message="variable DB_PASSWORD (name of a secret)",
        ),
        Case(
            "a source",
            FAIL,
            [project(source_secrets=(hit("location of the primary source", "GitHub token"),))],
            message="location of the primary source (GitHub token)",
        ),
    ],
    "codebuild_project_not_privileged": [
        Case("unprivileged and private", PASS, [project()]),
        Case("privileged", FAIL, [project(is_privileged=True)], message="unprivileged"),
        Case(
            "builds images",
            PASS,
            [project(is_privileged=True, tags={"BuildsImages": "true"})],
        ),
        Case(
            "says that it does not build images",
            FAIL,
            [project(is_privileged=True, tags={"BuildsImages": "false"})],
        ),
        Case(
            "image builders by another tag",
            PASS,
            [project(is_privileged=True, tags={"purpose": "Images"})],
            parameters={"image_builders": {"tag": "purpose", "tag_values": ["images"]}},
        ),
        Case("public", FAIL, [project(visibility="PUBLIC_READ")], message="it is PUBLIC_READ"),
        Case("a visibility that AWS may add", FAIL, [project(visibility="PUBLIC_BUILD")]),
        Case(
            "public image builder",
            FAIL,
            [
                project(
                    is_privileged=True,
                    visibility="PUBLIC_READ",
                    tags={"BuildsImages": "true"},
                )
            ],
            message="private",
        ),
    ],
    "codedeploy_auto_rollback_and_alarms": [
        Case("does all", PASS, [deployment_group()]),
        Case("server", PASS, [deployment_group(platform="Server")]),
        Case("Lambda", PASS, [deployment_group(platform="Lambda")]),
        Case(
            "rollback off",
            FAIL,
            [deployment_group(is_rollback_enabled=False)],
            message="rollback on",
        ),
        Case(
            "not after failure",
            FAIL,
            [deployment_group(rollback_events=("DEPLOYMENT_STOP_ON_ALARM",))],
            message="after failure",
        ),
        Case(
            "not after alarm",
            FAIL,
            [
                deployment_group(
                    rollback_events=("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST")
                )
            ],
            message="after alarm",
        ),
        Case("alarms off", FAIL, [deployment_group(are_alarms_enabled=False)], message="alarms on"),
        Case("no alarm", FAIL, [deployment_group(alarms=())], message="alarms named"),
        Case(
            "alarms that cannot be read do not stop it",
            FAIL,
            [deployment_group(ignores_alarm_poll_failure=True)],
            message="alarms must be readable",
        ),
        Case(
            "never deployed to",
            NOT_APPLICABLE,
            [deployment_group(last_attempted=None, last_successful=None)],
        ),
        Case(
            "idle for the limit exactly",
            FAIL,
            [
                deployment_group(
                    is_rollback_enabled=False,
                    last_attempted=deployment(ago(days=180)),
                    last_successful=None,
                )
            ],
        ),
        Case(
            "idle for a second more",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=180, seconds=1)), last_successful=None
                )
            ],
        ),
        Case(
            "a shorter limit",
            NOT_APPLICABLE,
            [deployment_group()],
            parameters={"max_idle_days": 0.5},
        ),
        Case(
            "the newest of attempt and success counts",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=400)), last_successful=deployment()
                )
            ],
        ),
        Case(
            "a deployment that only says when it ended",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(None, ago(days=1)),
                    last_successful=deployment(None, None),
                )
            ],
        ),
        Case(
            "deployments without any date",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(None, None), last_successful=deployment(None, None)
                )
            ],
        ),
    ],
}


@pytest.mark.parametrize(("check", "case"), rows(TABLE))
def test_outcome(check, case):
    result = judged(check, case)
    assert result.status is case.expect, result
    assert case.message in result.message
