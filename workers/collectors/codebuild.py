"""Collector of CodeBuild projects; of their variables it keeps hits of secret rules only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from findings.facts.codebuild import BuildProject, SourceCredential, Webhook, WebhookFilter
from findings.facts.secrets import RULES_VERSION, SecretHit, secret_in, secret_in_url
from workers.collectors.base import Collector, Response, Session, in_batches, pick, tags_of, told

BATCH = 100
LIST_PROJECTS = "codebuild:ListProjects"


@Collector(fact=BuildProject, operations=(LIST_PROJECTS, "codebuild:BatchGetProjects"))
def build_projects(session: Session) -> Iterator[BuildProject]:
    client = session.client("codebuild")
    for names in in_batches(project_names(session), BATCH):
        for raw in client.batch_get_projects(names=names).get("projects") or ():
            yield parse_build_project(raw)


def project_names(session: Session) -> Iterator[str]:
    return session.items("codebuild", "list_projects", "projects")


def parse_build_project(raw: Response) -> BuildProject:
    """Absent are what AWS does by default: not privileged, private, encrypted."""
    environment = raw.get("environment") or {}
    sources = [raw.get("source") or {}, *(raw.get("secondarySources") or ())]
    artifacts = [raw.get("artifacts") or {}, *(raw.get("secondaryArtifacts") or ())]
    return BuildProject(
        name=raw["name"],
        arn=told(raw, "arn", BuildProject, "codebuild:BatchGetProjects"),
        tags=tags_of(raw.get("tags") or ()),
        created_at=raw.get("created"),
        source_types=tuple(sorted(source["type"] for source in sources if source.get("type"))),
        source_version=raw.get("sourceVersion"),
        environment_type=environment.get("type"),
        image=environment.get("image"),
        is_privileged=environment.get("privilegedMode", False),
        visibility=raw.get("projectVisibility", "PRIVATE"),
        service_role=raw.get("serviceRole"),
        encryption_key=raw.get("encryptionKey"),
        timeout_minutes=raw.get("timeoutInMinutes"),
        queue_timeout_minutes=raw.get("queuedTimeoutInMinutes"),
        cloudwatch_logs=pick(raw, "logsConfig", "cloudWatchLogs", "status"),
        s3_logs=pick(raw, "logsConfig", "s3Logs", "status"),
        is_s3_log_encrypted=not pick(raw, "logsConfig", "s3Logs", "encryptionDisabled"),
        are_artifacts_encrypted=not any(part.get("encryptionDisabled") for part in artifacts),
        webhook=_webhook(raw["webhook"]) if raw.get("webhook") else None,
        secret_rules=RULES_VERSION,
        variable_secrets=tuple(_variable_secrets(environment.get("environmentVariables") or ())),
        source_secrets=tuple(_source_secrets(sources)),
    )


def _webhook(raw: Response) -> Webhook:
    groups = (tuple(map(_filter, group)) for group in raw.get("filterGroups") or ())
    return Webhook(
        build_type=raw.get("buildType"),
        branch_filter=raw.get("branchFilter"),
        filter_groups=tuple(groups),
        comment_approval=pick(raw, "pullRequestBuildPolicy", "requiresCommentApproval"),
    )


def _filter(raw: Response) -> WebhookFilter:
    return WebhookFilter(
        type=raw["type"],
        pattern=raw["pattern"],
        excludes=raw.get("excludeMatchedPattern", False),
    )


def _variable_secrets(variables: Iterable[Response]) -> Iterator[SecretHit]:
    for variable in sorted(variables, key=lambda variable: str(variable["name"])):
        # A variable without a type is plain text.
        if variable.get("type", "PLAINTEXT") == "PLAINTEXT":
            pattern = secret_in(variable["name"], variable.get("value", ""))
            if pattern:
                yield SecretHit(location=f"variable {variable['name']}", pattern=pattern)


def _source_secrets(sources: Iterable[Response]) -> Iterator[SecretHit]:
    for source in sources:
        pattern = secret_in_url(source.get("location") or "")
        if pattern:
            name = source.get("sourceIdentifier") or "primary"
            yield SecretHit(location=f"location of the {name} source", pattern=pattern)


@Collector(fact=SourceCredential, operations=("codebuild:ListSourceCredentials",))
def source_credentials(session: Session) -> Iterator[SourceCredential]:
    for raw in session.items("codebuild", "list_source_credentials", "sourceCredentialsInfos"):
        yield parse_source_credential(raw)


def parse_source_credential(raw: Response) -> SourceCredential:
    return SourceCredential(
        arn=raw["arn"], server_type=raw.get("serverType"), auth_type=raw.get("authType")
    )
