"""E1: builds keep no secrets and have no more rights than they need."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, outcome, part
from findings.checks.parameters import SelectorParameter
from findings.facts.base import Facts
from findings.facts.codebuild import BuildProject
from findings.facts.secrets import SecretHit


@Check(
    title="Read build secrets from a secret store",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.CRITICAL,
    best_practices=("OPS05-BP07", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    remediation="Give the variable the type SECRETS_MANAGER or PARAMETER_STORE, connect the source"
    " through CodeConnections instead of its URL, and rotate what was exposed.",
)
def codebuild_no_plaintext_secrets(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("variables", lambda: _no_hits(project.variable_secrets)),
        part("sources", lambda: _no_hits(project.source_secrets)),
    )


def _no_hits(hits: tuple[SecretHit, ...]) -> Outcome:
    return outcome(not hits, ", ".join(f"{hit.location} ({hit.pattern})" for hit in hits))


@Check(
    title="Run builds without privileged mode unless images are built",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.HIGH,
    best_practices=("OPS05-BP04",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(
        SelectorParameter("image_builders", {"tag": "BuildsImages", "tag_values": ["true"]}),
    ),
    remediation="Turn privileged mode off in the project's environment, or tag the project that"
    " builds images with BuildsImages=true; set the project's visibility to private.",
)
def codebuild_project_not_privileged(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("unprivileged", lambda: _is_unprivileged(project, context)),
        part(
            "private",
            lambda: outcome(project.visibility == "PRIVATE", f"it is {project.visibility}"),
        ),
    )


def _is_unprivileged(project: BuildProject, context: Context) -> bool:
    return not project.is_privileged or context.image_builders.matches_tags(project.tags)


@Check(
    title="Keep encrypted build logs",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP04", "OPS08-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    remediation="Enable CloudWatch Logs or S3 logs in the logs section of the project, and leave"
    " the encryption of S3 logs and of artifacts on.",
)
def codebuild_logs_enabled(project: BuildProject, facts: Facts, context: Context) -> Outcome:
    return all_of(
        part("logs kept", lambda: _logs_to_cloudwatch(project) or _logs_to_s3(project)),
        part("S3 logs encrypted", lambda: not _logs_to_s3(project) or project.is_s3_log_encrypted),
        part("artifacts encrypted", lambda: project.are_artifacts_encrypted),
    )


def _logs_to_cloudwatch(project: BuildProject) -> bool:
    """It does unless told otherwise.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsConfig.html
    """
    return project.cloudwatch_logs in (None, "ENABLED")


def _logs_to_s3(project: BuildProject) -> bool:
    return project.s3_logs == "ENABLED"
