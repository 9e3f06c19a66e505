"""Collectors of Systems Manager: documents, automations, managed nodes and service settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.ssm import (
    PUBLIC_SHARING,
    RESERVED_PREFIXES,
    SCRIPT_LOGS,
    AutomationExecution,
    AutomationHistory,
    Document,
    ManagedNode,
    ServiceSetting,
)
from workers.collectors.base import (
    Collector,
    Response,
    Session,
    is_without,
    pick,
    tags_of,
    told,
)
from workers.collectors.paging import Items, detail_items

HISTORY = timedelta(days=30)
"""How long AWS keeps finished automations at least."""

NOT_TOLD = Gap(
    kind=ServiceSetting.kind, reason=GapReason.NOT_SUPPLIED, operation="ssm:GetServiceSetting"
)

NOT_HERE = Gap(
    kind=ServiceSetting.kind,
    reason=GapReason.SERVICE_NOT_AVAILABLE,
    operation="ssm:GetServiceSetting",
    code="ServiceSettingNotFound",
)
"""Not every region knows every setting."""


@Collector(fact=Document, operations=("ssm:ListDocuments", "ssm:DescribeDocumentPermission"))
def documents(session: Session) -> Iterator[Document]:
    client = session.client("ssm")
    own = list(listed_documents(session, "Self"))
    for raw in own:
        try:
            shared = detail_items(
                session,
                client.describe_document_permission,
                "AccountIds",
                Name=raw["Name"],
                PermissionType="Share",
            )
        except client.exceptions.InvalidDocument:
            continue  # it was deleted after it was listed
        yield parse_document(raw, shared)
    names = {raw["Name"] for raw in own}
    for raw in listed_documents(session, "Private"):
        if raw["Name"] not in names and raw.get("Owner") != session.account:
            yield parse_document(raw, (), is_own=False)


def listed_documents(session: Session, owner: str) -> Iterator[Response]:
    filters = [{"Key": "Owner", "Values": [owner]}]
    return session.items("ssm", "list_documents", "DocumentIdentifiers", Filters=filters)


def listed_runbooks(session: Session) -> Iterator[Response]:
    """Automation documents that people of the account wrote."""
    for raw in listed_documents(session, "Self"):
        is_of_aws = raw["Name"].lower().startswith(RESERVED_PREFIXES)
        if raw.get("DocumentType") == "Automation" and not is_of_aws:
            yield raw


def parse_document(raw: Response, shared_with: Items | Gap, *, is_own: bool = True) -> Document:
    accounts: Any = shared_with
    if not isinstance(shared_with, Gap):
        accounts = tuple(sorted(shared_with))
    return Document(
        name=raw["Name"],
        is_own=is_own,
        owner=raw.get("Owner"),
        type=raw.get("DocumentType"),
        document_version=raw.get("DocumentVersion"),
        version_name=raw.get("VersionName"),
        format=raw.get("DocumentFormat"),
        target_type=raw.get("TargetType"),
        review_status=raw.get("ReviewStatus"),
        created_at=raw.get("CreatedDate"),
        tags=tags_of(raw.get("Tags") or ()),
        shared_with=accounts,
    )


@Collector(fact=AutomationHistory, operations=("ssm:DescribeAutomationExecutions",))
def automation_histories(session: Session) -> Iterator[AutomationHistory]:
    listed = tuple(
        session.items("ssm", "describe_automation_executions", "AutomationExecutionMetadataList")
    )
    yield parse_automation_history(session.region, listed, session.now)


def parse_automation_history(region: str, listed: Items, now: datetime) -> AutomationHistory:
    """All is known since a finished automation that is still listed began: AWS forgets by age."""
    executions = sorted(
        (_execution(raw) for raw in listed if raw.get("ExecutionStartTime")),
        key=lambda execution: (execution.started_at, execution.id),
    )
    finished = [execution.started_at for execution in executions if execution.ended_at]
    return AutomationHistory(
        region=region,
        known_from=min([now - HISTORY, *finished]),
        known_until=now,
        executions=tuple(executions),
    )


def _execution(raw: Response) -> AutomationExecution:
    return AutomationExecution(
        id=raw["AutomationExecutionId"],
        document=raw.get("DocumentName", ""),
        status=raw.get("AutomationExecutionStatus", ""),
        started_at=raw["ExecutionStartTime"],
        ended_at=raw.get("ExecutionEndTime"),
        is_child=bool(raw.get("ParentAutomationExecutionId")),
    )


@Collector(fact=ManagedNode, operations=("ssm:DescribeInstanceInformation",))
def managed_nodes(session: Session) -> Iterator[ManagedNode]:
    for raw in session.items("ssm", "describe_instance_information", "InstanceInformationList"):
        yield parse_managed_node(raw)


def parse_managed_node(raw: Response) -> ManagedNode:
    return ManagedNode(
        id=raw["InstanceId"],
        type=raw.get("ResourceType"),
        platform=raw.get("PlatformType"),
        ping_status=told(raw, "PingStatus", ManagedNode, "ssm:DescribeInstanceInformation"),
    )


@Collector(fact=ServiceSetting, operations=("ssm:GetServiceSetting", "ssm:ListDocuments"))
def service_settings(session: Session) -> Iterator[ServiceSetting]:
    """Without a runbook there is no script whose output could go anywhere."""
    client = session.client("ssm")
    without = is_without(session, listed_runbooks)
    for setting in (PUBLIC_SHARING,) if without else (PUBLIC_SHARING, SCRIPT_LOGS):
        try:
            response = session.detail(client.get_service_setting, SettingId=setting)
        except client.exceptions.ServiceSettingNotFound:
            response = NOT_HERE
        yield parse_service_setting(setting, response)


def parse_service_setting(setting: str, response: Response | Gap) -> ServiceSetting:
    return ServiceSetting(
        id=setting, value=pick(response, "ServiceSetting", "SettingValue", default=NOT_TOLD)
    )
