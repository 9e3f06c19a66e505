"""E1: builds keep no secrets and have no more rights than they need."""

from __future__ import annotations

import re
from collections.abc import Iterator

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, every, not_applicable, outcome, part, passed
from findings.checks.parameters import SelectorParameter
from findings.facts.base import Facts
from findings.facts.codebuild import BuildProject, Webhook, WebhookFilter
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
    cli=("aws codebuild update-project --name PROJECT --environment file://ENVIRONMENT.json",),
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
    cli=(
        "aws codebuild update-project --name PROJECT --environment file://ENVIRONMENT.json",
        "aws codebuild update-project-visibility --project-arn PROJECT_ARN --project-visibility"
        " PRIVATE",
    ),
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
    cli=(
        "aws codebuild update-project --name PROJECT --logs-config cloudWatchLogs={status=ENABLED}",
    ),
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


@Check(
    title="Keep build instructions under owner control",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.LOW,
    best_practices=("OPS05-BP01", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    not_applicable_when="No webhook starts builds of the project.",
    remediation="Require comment approval for pull requests in the webhook of the project, or"
    " filter it to known ACTOR_ACCOUNT_IDs or to pushes, and begin each pattern with ^ and end it"
    " with $.",
    cli=(
        "aws codebuild update-webhook --project-name PROJECT --pull-request-build-policy"
        " requiresCommentApproval=ALL_PULL_REQUESTS",
    ),
)
def codebuild_buildspec_controlled(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    webhook = project.webhook
    if webhook is None:
        return not_applicable("no webhook starts it")
    filters = [one for group in webhook.filter_groups for one in group]
    return all_of(
        part("pull requests", lambda: _are_pull_requests_held(webhook)),
        part("patterns anchored", lambda: every(filters, _is_strict)),
    )


def _are_pull_requests_held(webhook: Webhook) -> Outcome:
    """Each group of filters starts builds by itself; without any, every pull request does."""
    if webhook.comment_approval in ("ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"):
        return passed("after approval")
    groups = webhook.filter_groups
    held = groups and not any(_takes_pull_requests(group) for group in groups)
    return outcome(bool(held), "anybody's pull request is built without approval")


def _takes_pull_requests(group: tuple[WebhookFilter, ...]) -> bool:
    """Whether a pull request of somebody unknown passes the filters of a group."""
    taken = _OF_ANYBODY
    for one in group:
        named = {event.strip() for event in one.pattern.split(",")}
        if one.type == "EVENT":
            taken = taken - named if one.excludes else taken & named
    knows = any(one.type == "ACTOR_ACCOUNT_ID" and not one.excludes for one in group)
    return bool(taken) and not knows


_OF_ANYBODY = {
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_REOPENED",
    "PULL_REQUEST_CLOSED",
}
"""Events that anybody can cause who may fork; merging takes rights on the repository."""

_ANCHORED = {"ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF", "REPOSITORY_NAME", "ORGANIZATION_NAME"}
"""Filters that say who may start a build, and from where."""


def _is_strict(one: WebhookFilter) -> Outcome:
    """Without anchors a pattern also matches what merely contains it."""
    if one.type not in _ANCHORED or one.excludes:
        return passed()
    loose = [a for a in _alternatives(one.pattern) if not _STRICT.fullmatch(a)]
    return outcome(not loose, f"{one.type} {one.pattern}")


_STRICT = re.compile(r"\^.*(?:\.\*|(?<!\\)\$)")
_TOKEN = re.compile(r"\\.|[()|]")


def _alternatives(pattern: str) -> Iterator[str]:
    """What stands between the bars of a pattern that are in no brackets."""
    depth = start = 0
    for token in _TOKEN.finditer(pattern):
        if token[0] == "|" and depth == 0:
            yield pattern[start : token.start()]
            start = token.end()
        depth += {"(": 1, ")": -1}.get(token[0], 0)
    yield pattern[start:]
