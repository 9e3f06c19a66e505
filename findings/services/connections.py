"""Connections to trackers: set up by administrators; every organization has its own board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import require
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import Connection, ConnectionKind
from findings.services.credentials import CredentialsError, credentials_of, encrypt
from findings.services.outgoing_urls import outgoing_url_check

FIELDS = ("name", "kind", "base_url", "bot_account", "allows_private", "is_active")
BOARD = "Board"


def board_of(organization: Organization) -> Connection:
    """The built-in board of an organization, made when it is first asked for."""
    board = Connection(
        organization=organization,
        name=BOARD,
        kind=ConnectionKind.BUILTIN,
        health=Connection.Health.HEALTHY,
    )
    found = Connection.objects.filter(organization=organization, kind=ConnectionKind.BUILTIN)
    if not found.exists():
        Connection.objects.bulk_create([board], ignore_conflicts=True)
    return found.get()


@transaction.atomic
def connection_save(
    *,
    actor: User | None,
    connection: Connection,
    credentials: Mapping[str, str] | None,
    keeps_others: bool = False,
    now: datetime,
) -> Connection:
    """Save a new or changed connection. Raises ValidationError by field.

    None leaves the credentials as they are, but at another address they do not count any more:
    they would be sent to whoever answers there. With ``keeps_others`` those that are not named stay
    as well; an empty text takes one away.
    """
    require(actor, Permission.ADMINISTER, on=connection.organization)
    stored = Connection.objects.select_for_update().filter(pk=connection.pk).first()
    if stored and (stored.organization_id, stored.kind) != (
        connection.organization_id,
        connection.kind,
    ):
        raise ValidationError("A connection keeps its organization and kind; make another.")
    connection.base_url = connection.base_url.strip().rstrip("/")
    _refuse_address(connection.base_url)
    if not stored or _reach(stored) != _reach(connection):  # what is there may be switched off
        outgoing_url_check(
            "base_url", connection.base_url, allows_private=connection.allows_private
        )
    if credentials is not None and keeps_others:
        credentials = {**_kept(stored, connection), **credentials}
    connection.credentials = _sealed(stored, connection, credentials)
    if credentials is not None or (stored and stored.base_url != connection.base_url):
        connection.health, connection.health_message = Connection.Health.UNTESTED, ""
        connection.breaker_until, connection.failures = None, 0
    connection.full_clean()
    connection.save()
    _audit(actor, stored, connection, credentials, now)
    return connection


def _audit(
    actor: User | None,
    stored: Connection | None,
    connection: Connection,
    credentials: Mapping[str, str] | None,
    now: datetime,
) -> None:
    """Which credentials were set, never what they are."""
    after = fields_of(connection, FIELDS)
    if credentials is not None:
        after["credentials set"] = sorted(name for name, text in credentials.items() if text)
    audit_record(
        actor=actor,
        action="connection.change" if stored else "connection.add",
        target=connection,
        before=fields_of(stored, FIELDS) if stored else None,
        after=after,
        now=now,
    )


def _sealed(
    stored: Connection | None, connection: Connection, credentials: Mapping[str, str] | None
) -> bytes:
    if credentials is not None:
        try:
            return encrypt({name: text for name, text in credentials.items() if text})
        except CredentialsError as error:
            raise ValidationError(str(error)) from None
    return bytes(stored.credentials) if stored and _is_same_place(stored, connection) else b""


def _kept(stored: Connection | None, connection: Connection) -> dict[str, str]:
    if stored is None or not _is_same_place(stored, connection):
        return {}
    try:
        return credentials_of(stored)
    except CredentialsError as error:
        raise ValidationError(str(error)) from None


def _is_same_place(stored: Connection, connection: Connection) -> bool:
    return stored.base_url == connection.base_url


def credential_names(connection: Connection) -> frozenset[str]:
    """Which credentials are stored, without any of them; none where they cannot be read."""
    try:
        return frozenset(credentials_of(connection))
    except CredentialsError:
        return frozenset()


def _reach(connection: Connection) -> tuple[str, bool]:
    return connection.base_url, connection.allows_private


def _refuse_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        has_more = parts.username or parts.password or parts.query or parts.fragment
    except ValueError:
        has_more = "it cannot be read"
    if has_more:
        raise ValidationError(
            {"base_url": "Give the address alone, without a user, a query or a fragment."}
        )
