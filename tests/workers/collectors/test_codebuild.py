"""CodeBuild projects."""

from findings.facts.codebuild import WebhookFilter
from findings.facts.secrets import RULES_VERSION
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.codebuild import build_projects, parse_build_project, source_credentials

MINIMAL = {"name": "shop", "arn": "arn:aws:codebuild:eu-west-1:111111111111:project/shop"}


def parsed(**fields):
    return parse_build_project(MINIMAL | fields)


def variables(*given):
    return {"environment": {"environmentVariables": list(given)}}


def test_what_a_project_does_not_say_is_what_aws_does_by_default():
    project = parsed()
    assert (project.is_privileged, project.visibility, project.tags) == (False, "PRIVATE", {})
    assert project.is_s3_log_encrypted
    assert project.are_artifacts_encrypted
    assert project.webhook is None
    assert (project.variable_secrets, project.source_secrets) == ((), ())


def test_what_a_project_says_is_kept():
    project = parsed(
        environment={"privilegedMode": True, "image": "standard:7.0"},
        projectVisibility="PUBLIC_READ",
        tags=[{"key": "BuildsImages", "value": "true"}],
        source={"type": "GITHUB"},
        secondarySources=[{"type": "CODECOMMIT"}],
        logsConfig={"s3Logs": {"status": "ENABLED", "encryptionDisabled": True}},
        artifacts={"type": "S3"},
        secondaryArtifacts=[{"type": "S3", "encryptionDisabled": True}],
    )
    assert (project.is_privileged, project.visibility) == (True, "PUBLIC_READ")
    assert project.tags == {"BuildsImages": "true"}
    assert project.source_types == ("CODECOMMIT", "GITHUB")
    assert (project.s3_logs, project.is_s3_log_encrypted) == ("ENABLED", False)
    assert not project.are_artifacts_encrypted


def test_of_a_secret_only_place_and_rule_are_kept():
    project = parsed(**variables({"name": "DB_PASSWORD", "value": "hunter2"}))
    (hit,) = project.variable_secrets
    assert (hit.location, hit.pattern) == ("variable DB_PASSWORD", "name of a secret")
    assert project.secret_rules == RULES_VERSION
    assert "hunter2" not in repr(project)


def test_variables_from_a_store_are_no_secrets():
    stored = [
        {"name": "DB_PASSWORD", "value": "hunter2", "type": kind}
        for kind in ("SECRETS_MANAGER", "PARAMETER_STORE")
    ]
    assert parsed(**variables(*stored)).variable_secrets == ()


def test_plain_text_is_looked_at_whether_or_not_it_says_so():
    plain = [
        {"name": "B_TOKEN", "value": "x", "type": "PLAINTEXT"},
        {"name": "A_TOKEN", "value": "x"},
        {"name": "C_TOKEN", "type": "PLAINTEXT"},
    ]
    found = [hit.location for hit in parsed(**variables(*plain)).variable_secrets]
    assert found == ["variable A_TOKEN", "variable B_TOKEN"]


def test_each_source_is_looked_at():
    location = "https://ci:hunter2@example.com/a.git"
    project = parsed(
        source={"type": "BITBUCKET", "location": location},
        secondarySources=[
            {"type": "GITHUB", "location": location, "sourceIdentifier": "tools"},
            {"type": "CODEPIPELINE"},
        ],
    )
    assert [hit.location for hit in project.source_secrets] == [
        "location of the primary source",
        "location of the tools source",
    ]


def test_filters_of_a_webhook_are_kept_in_their_groups():
    group = [
        {"type": "EVENT", "pattern": "PUSH"},
        {"type": "HEAD_REF", "pattern": "^x$", "excludeMatchedPattern": True},
    ]
    policy = {"requiresCommentApproval": "ALL_PULL_REQUESTS"}
    webhook = parsed(
        webhook={"filterGroups": [group], "secret": "hunter2", "pullRequestBuildPolicy": policy}
    ).webhook
    assert webhook.filter_groups == (
        (
            WebhookFilter(type="EVENT", pattern="PUSH", excludes=False),
            WebhookFilter(type="HEAD_REF", pattern="^x$", excludes=True),
        ),
    )
    assert webhook.comment_approval == "ALL_PULL_REQUESTS"
    assert "hunter2" not in repr(webhook)


def test_projects_are_described_a_hundred_at_once():
    session = StubbedSession()
    names = [f"p{number}" for number in range(101)]
    session.answer("codebuild", "list_projects", {"projects": names})
    projects = [MINIMAL | {"name": name} for name in names]
    session.answer(
        "codebuild", "batch_get_projects", {"projects": projects[:100]}, names=names[:100]
    )
    gone = {"projects": [], "projectsNotFound": names[100:]}
    session.answer("codebuild", "batch_get_projects", gone, names=names[100:])
    assert [project.name for project in build_projects(session)] == names[:100]
    session.assert_all_asked()


def test_credentials_are_told_by_how_they_sign_in():
    session = StubbedSession()
    token = {"arn": "arn:1", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    answer = {"sourceCredentialsInfos": [token, {"arn": "arn:2"}]}
    session.answer("codebuild", "list_source_credentials", answer)
    found = [(one.key, one.server_type, one.auth_type) for one in source_credentials(session)]
    assert found == [("arn:1", "GITHUB", "PERSONAL_ACCESS_TOKEN"), ("arn:2", None, None)]
