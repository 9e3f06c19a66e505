"""Facts of CodeBuild."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record
from findings.facts.secrets import SecretHit


class WebhookFilter(Record):
    type: str
    pattern: str
    excludes: bool


class Webhook(Record):
    """What starts builds from outside; each group of filters is enough by itself."""

    build_type: str | None
    branch_filter: str | None
    filter_groups: tuple[tuple[WebhookFilter, ...], ...]
    comment_approval: str | None


class BuildProject(
    Fact,
    kind="codebuild.project",
    identity=("name",),
    version=2,
    since={"created_at": 2, "source_version": 2},
):
    """A build project. Values of its variables are never kept, only hits of secret rules.

    ``visibility`` is PRIVATE or PUBLIC_READ; ``secret_rules`` is the version of the rules that
    found ``variable_secrets`` and ``source_secrets``.
    """

    name: str
    arn: str
    tags: dict[str, str]
    created_at: datetime | None
    source_types: tuple[str, ...]
    source_version: str | None
    environment_type: str | None
    image: str | None
    is_privileged: bool
    visibility: str
    service_role: str | None
    encryption_key: str | None
    timeout_minutes: int | None
    queue_timeout_minutes: int | None
    cloudwatch_logs: str | None
    s3_logs: str | None
    is_s3_log_encrypted: bool
    are_artifacts_encrypted: bool
    webhook: Webhook | None
    secret_rules: int
    variable_secrets: tuple[SecretHit, ...]
    source_secrets: tuple[SecretHit, ...]


class SourceCredential(Fact, kind="codebuild.source_credential", identity=("arn",)):
    """How builds sign in to a source provider; AWS never tells the token.

    ``auth_type`` is OAUTH, BASIC_AUTH, PERSONAL_ACCESS_TOKEN, CODECONNECTIONS or SECRETS_MANAGER.
    """

    arn: str
    server_type: str | None
    auth_type: str | None


class Build(Record):
    """One run of a project; ``status`` is SUCCEEDED, FAILED, FAULT, TIMED_OUT, IN_PROGRESS or
    STOPPED. ``seconds`` is how long it ran, without its time in the queue, once it has ended.
    """

    status: str
    started_at: datetime
    seconds: int | None
    source_version: str | None


class BuildHistory(Fact, kind="codebuild.history", identity=("project",), volatile=("builds",)):
    """The newest 100 builds of a project, newest first. CodeBuild keeps them for a year."""

    project: str
    builds: tuple[Build, ...]


class ReportGroup(
    Fact,
    kind="codebuild.report_group",
    identity=("arn",),
    volatile=("succeeded_at", "line_coverage"),
):
    """A group of reports of type TEST or CODE_COVERAGE, and its newest report that succeeded.

    CodeBuild keeps reports for 30 days. ``line_coverage`` is in percent.
    """

    arn: str
    type: str
    is_export_encrypted: bool
    succeeded_at: datetime | None
    line_coverage: float | None
