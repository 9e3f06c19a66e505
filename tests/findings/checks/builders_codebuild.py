"""Build projects for the tables of the checks."""

from findings.facts.codebuild import (
    Build,
    BuildHistory,
    BuildProject,
    ReportGroup,
    Webhook,
    WebhookFilter,
)
from findings.facts.secrets import SecretHit
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def hit(location="variable DB_PASSWORD", pattern="name of a secret"):
    return SecretHit(location=location, pattern=pattern)


def only(type, pattern, excludes=False):
    return WebhookFilter(type=type, pattern=pattern, excludes=excludes)


def webhook(*groups, approval=None):
    return Webhook(
        build_type="BUILD", branch_filter=None, filter_groups=groups, comment_approval=approval
    )


def project(name="shop", **fields):
    given = {
        "arn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}",
        "tags": {},
        "created_at": ago(days=300),
        "source_types": ("CODEPIPELINE",),
        "source_version": None,
        "environment_type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "is_privileged": False,
        "visibility": "PRIVATE",
        "service_role": None,
        "encryption_key": None,
        "timeout_minutes": 60,
        "queue_timeout_minutes": 480,
        "cloudwatch_logs": "ENABLED",
        "s3_logs": None,
        "is_s3_log_encrypted": True,
        "are_artifacts_encrypted": True,
        "webhook": None,
        "secret_rules": 1,
        "variable_secrets": (),
        "source_secrets": (),
    }
    return BuildProject(name=name, **(given | fields))


def build(status="SUCCEEDED", seconds=600, source_version=None, **age):
    """A build that ended, an hour ago unless told otherwise."""
    started = ago(**(age or {"hours": 1}))
    return Build(status=status, started_at=started, seconds=seconds, source_version=source_version)


def history(*builds, project="shop"):
    return BuildHistory(project=project, builds=builds)


def report_group(type="TEST", name="tests", **fields):
    given = {
        "arn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:report-group/{name}",
        "is_export_encrypted": True,
        "succeeded_at": ago(days=1),
        "line_coverage": None,
    }
    return ReportGroup(type=type, **(given | fields))
