"""P3: runbooks are versioned, reviewed, free of secrets and log what they do."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, any_of, not_applicable, outcome, part, unknown
from findings.checks.parameters import Days, Pattern, Text
from findings.facts.base import Facts, Scope, not_supplied
from findings.facts.ssm import SCRIPT_LOGS, Document, ServiceSetting
from findings.facts.ssm_documents import DocumentDescription, DocumentSecrets

RELEASE_OR_COMMIT = r"v?\d+\.\d+\.\d+([.-][0-9A-Za-z.-]+)?|[0-9a-f]{7,40}"
NOT_A_RUNBOOK = "The document is no Automation runbook of the account."
DELETED = "it was deleted during the scan"


@Check(
    title="Version every runbook and pin its default version",
    row=Row.RUNBOOKS,
    resource=Document,
    needs=(DocumentDescription,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP01", "OPS07-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.REFINE_PROCEDURES),
    parameters=(Pattern("name_pattern", RELEASE_OR_COMMIT),),
    not_applicable_when=NOT_A_RUNBOOK,
    remediation="Give each version of the runbook the name of its release or commit, and make the"
    " rehearsed version the default one.",
    cli=(
        "aws ssm update-document --name RUNBOOK --document-version '$LATEST'"
        " --version-name 1.4.0 --document-format YAML --content file://runbook.yaml",
        "aws ssm update-document-default-version --name RUNBOOK --document-version VERSION",
    ),
)
def ssm_runbook_versioned(document: Document, facts: Facts, context: Context) -> Outcome:
    if not document.is_own or not document.is_runbook:
        return not_applicable("not a runbook of this account")
    found = facts.of(DocumentDescription).get(document.name)
    if found is None:
        return not_applicable(DELETED)
    return all_of(
        part("version name", lambda: _is_named(found.version_name, context.name_pattern)),
        part("default version", lambda: _is_pinned(found)),
        part("active", lambda: outcome(found.status == "Active", f"status {found.status}")),
    )


def _is_named(name: str | None, pattern: re.Pattern[str]) -> Outcome:
    told = f"named {name}" if name else "its default version has no name"
    return outcome(bool(pattern.fullmatch(name or "")), told)


def _is_pinned(found: DocumentDescription) -> Outcome:
    """A newer version may wait for its approval while the approved one is the default."""
    return any_of(
        part("latest", lambda: found.default_version == found.latest_version),
        part("approved", lambda: found.default_version == found.approved_version),
        message=f"version {found.default_version} of {found.latest_version}",
    )


@Check(
    title="Review runbooks at least once per review period",
    row=Row.RUNBOOKS,
    resource=Document,
    needs=(DocumentDescription,),
    severity=Severity.LOW,
    best_practices=("OPS07-BP03", "OPS11-BP04", "OPS02-BP02"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(
        Days("max_age_days", 365),
        Text("review_tag", "LastReviewed"),
        Text("owner_tag", "Owner"),
    ),
    not_applicable_when=NOT_A_RUNBOOK,
    remediation="Read the runbook with those who run it, correct it, and record the date and its"
    " owner in its tags; describe in it when it is to be used.",
    cli=(
        "aws ssm add-tags-to-resource --resource-type Document --resource-id RUNBOOK"
        " --tags Key=LastReviewed,Value=DATE Key=Owner,Value=TEAM",
    ),
)
def ssm_runbook_reviewed_recently(document: Document, facts: Facts, context: Context) -> Outcome:
    if not document.is_own or not document.is_runbook:
        return not_applicable("not a runbook of this account")
    found = facts.of(DocumentDescription).get(document.name)
    if found is None:
        return not_applicable(DELETED)
    return all_of(
        part("reviewed", lambda: _is_reviewed(document, found, context)),
        part("described", lambda: found.has_description),
        part("owned", lambda: bool(document.tags.get(context.owner_tag, "").strip())),
    )


def _is_reviewed(document: Document, found: DocumentDescription, context: Context) -> Outcome:
    return any_of(
        part("latest version", lambda: _is_recent(found.latest_created_at, context)),
        part("review tag", lambda: _is_recent(_date_in(document, context), context)),
    )


def _is_recent(at: datetime | None, context: Context) -> Outcome:
    """No review lies ahead; a day's difference is that of time zones."""
    if at is None:
        return outcome(False, "no date")
    is_past = context.is_due_within(at, days=1)
    return outcome(is_past and context.within(at, days=context.max_age_days), f"{at:%Y-%m-%d}")


def _date_in(document: Document, context: Context) -> datetime | None:
    """The date in the tag of reviews, in ISO 8601; anything else in it is no date."""
    try:
        found = datetime.fromisoformat(document.tags.get(context.review_tag, "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@Check(
    title="Keep secrets out of runbook content",
    row=Row.RUNBOOKS,
    resource=Document,
    needs=(DocumentSecrets,),
    severity=Severity.CRITICAL,
    best_practices=("OPS05-BP07", "OPS07-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    not_applicable_when="The document belongs to another account.",
    remediation="Let the document read the value from Parameter Store or Secrets Manager when it"
    " runs, rotate the secret, and delete the versions that hold it.",
    cli=(
        "aws ssm get-document --name DOCUMENT --document-version '$DEFAULT'",
        "aws ssm delete-document --name DOCUMENT --document-version VERSION",
    ),
)
def ssm_document_no_secrets(document: Document, facts: Facts, context: Context) -> Outcome:
    if not document.is_own:
        return not_applicable("it belongs to another account")
    found = facts.of(DocumentSecrets).get(document.name)
    if found is None:
        return not_applicable(DELETED)
    hits = found.secrets
    return outcome(not hits, ", ".join(f"{hit.location} ({hit.pattern})" for hit in hits))


@Check(
    title="Send Automation script output to CloudWatch Logs",
    row=Row.RUNBOOKS,
    scope=Scope.REGION,
    needs=(Document, ServiceSetting),
    severity=Severity.MEDIUM,
    best_practices=("OPS07-BP03", "OPS08-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY, Principle.ANTICIPATE_FAILURE),
    not_applicable_when="The account has no Automation runbook of its own in the region.",
    remediation="Send the output of aws:executeScript actions to CloudWatch Logs in the preferences"
    " of Automation, and set how long its log group keeps it.",
    cli=(
        "aws ssm update-service-setting --setting-value CloudWatch --setting-id"
        " arn:aws:ssm:REGION:ACCOUNT:servicesetting/ssm/automation/customer-script-log-destination",
    ),
)
def ssm_automation_logging_enabled(facts: Facts, context: Context) -> Outcome:
    if not any(document.is_own and document.is_runbook for document in facts.of(Document)):
        return not_applicable("no runbook of its own")
    setting = facts.of(ServiceSetting).get(SCRIPT_LOGS)
    if setting is None:
        return unknown(not_supplied(ServiceSetting.kind))
    told = f"script output goes to {setting.value or 'nowhere'}"
    return outcome(setting.value == "CloudWatch", told)
