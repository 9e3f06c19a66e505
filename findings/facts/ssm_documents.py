"""Facts of single documents: their versions, what looks like a secret in them, calendars."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact
from findings.facts.secrets import SecretHit


class DocumentDescription(Fact, kind="ssm.document_description", identity=("name",)):
    """The versions of a runbook of the account, as its default version tells them.

    ``version_name`` is that of the default version, ``latest_created_at`` says when the latest one
    was made; ``approved_version`` is None where nobody reviews the document in AWS.
    """

    name: str
    status: str
    has_description: bool
    version_name: str | None
    default_version: str
    latest_version: str
    approved_version: str | None
    latest_created_at: datetime


class DocumentSecrets(Fact, kind="ssm.document_secrets", identity=("name",)):
    """Where the default version of an own document looks as if it held a secret.

    The content is never kept: a hit is a line and the rule that found it.
    """

    name: str
    secret_rules: int
    secrets: tuple[SecretHit, ...]


class ChangeCalendar(Fact, kind="ssm.change_calendar", identity=("name",), volatile=("state",)):
    """A change calendar, own or shared; ``state`` is OPEN, CLOSED, or None if it tells none."""

    name: str
    state: str | None
