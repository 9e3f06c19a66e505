"""Collectors of single documents: versions of runbooks, hits of secret rules, change calendars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.secrets import RULES_VERSION
from findings.facts.ssm_documents import ChangeCalendar, DocumentDescription, DocumentSecrets
from workers.collectors.base import Collector, Response, Session, pick
from workers.collectors.document_secrets import secrets_in
from workers.collectors.ssm import listed_documents, listed_runbooks

UNTOLD = not_told(DocumentDescription.kind, "ssm:DescribeDocument")


@Collector(fact=DocumentDescription, operations=("ssm:ListDocuments", "ssm:DescribeDocument"))
def document_descriptions(session: Session) -> Iterator[DocumentDescription]:
    client = session.client("ssm")
    for raw in listed_runbooks(session):
        name = raw["Name"]
        try:
            default = latest = session.detail(client.describe_document, Name=name)
            if _version(default, "LatestVersion") != _version(default, "DefaultVersion"):
                latest = session.detail(
                    client.describe_document, Name=name, DocumentVersion="$LATEST"
                )
        except client.exceptions.InvalidDocument:
            continue  # it was deleted after it was listed
        yield parse_document_description(name, default, latest)


def parse_document_description(
    name: str, default: Response | Gap, latest: Response | Gap
) -> DocumentDescription:
    """From what AWS says of the default version, and of the latest one if it is another."""
    description = pick(default, "Document", "Description", default="")
    return DocumentDescription(
        name=name,
        status=pick(default, "Document", "Status", default=UNTOLD),
        has_description=description if isinstance(description, Gap) else bool(description.strip()),  # type: ignore[arg-type]  # a gap stands for the field
        version_name=pick(default, "Document", "VersionName"),
        default_version=_version(default, "DefaultVersion"),
        latest_version=_version(default, "LatestVersion"),
        approved_version=pick(default, "Document", "ApprovedVersion"),
        latest_created_at=pick(latest, "Document", "CreatedDate", default=UNTOLD),
    )


def _version(response: Response | Gap, name: str) -> Any:
    return pick(response, "Document", name, default=UNTOLD)


@Collector(fact=DocumentSecrets, operations=("ssm:ListDocuments", "ssm:GetDocument"))
def document_secrets(session: Session) -> Iterator[DocumentSecrets]:
    client = session.client("ssm")
    for raw in listed_documents(session, "Self"):
        try:
            response = session.detail(client.get_document, Name=raw["Name"])
        except client.exceptions.InvalidDocument:
            continue  # it was deleted after it was listed
        yield parse_document_secrets(raw["Name"], response)


def parse_document_secrets(name: str, response: Response | Gap) -> DocumentSecrets:
    content = pick(response, "Content", default=not_told(DocumentSecrets.kind, "ssm:GetDocument"))
    hits: Any = content if isinstance(content, Gap) else secrets_in(content)
    return DocumentSecrets(name=name, secret_rules=RULES_VERSION, secrets=hits)


@Collector(fact=ChangeCalendar, operations=("ssm:ListDocuments", "ssm:GetCalendarState"))
def change_calendars(session: Session) -> Iterator[ChangeCalendar]:
    client = session.client("ssm")
    listed = [raw for owner in ("Self", "Private") for raw in listed_documents(session, owner)]
    for name in sorted({d["Name"] for d in listed if d.get("DocumentType") == "ChangeCalendar"}):
        try:
            state = pick(session.detail(client.get_calendar_state, CalendarNames=[name]), "State")
        except (
            client.exceptions.InvalidDocument,
            client.exceptions.InvalidDocumentType,
            client.exceptions.UnsupportedCalendarException,
        ):
            state = None
        yield ChangeCalendar(name=name, state=state)
