"""Connections in use: a new secret for what trackers send, and an end for those without tickets."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ProtectedError

from accounts.access import require
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import Connection, ConnectionKind
from findings.selectors.connection_uses import ConnectionUses, connection_uses
from findings.services.connections import FIELDS
from findings.services.credentials import CredentialsError, credentials_of, encrypt

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105  the name of one
BYTES = 32


class ConnectionRefused(ValueError):
    """Something that cannot be done with a connection; the message says why, and what can."""


@transaction.atomic
def webhook_secret_rotate(
    *, actor: User | None, connection: Connection, keeps_previous: bool = True, now: datetime
) -> str:
    """A new secret for signed deliveries, told this once; the one before counts until the next.

    Raises :class:`ConnectionRefused` and Denied.
    """
    require(actor, Permission.ADMINISTER, on=connection.organization)
    held = Connection.objects.select_for_update().get(pk=connection.pk)
    if not held.has_adapter:
        raise ConnectionRefused(f"{held} sends nothing that would be signed.")
    made = secrets.token_urlsafe(BYTES)
    try:
        known = credentials_of(held)
        before = known.get(WEBHOOK_SECRET, "").split()[:1] if keeps_previous else []
        held.credentials = encrypt({**known, WEBHOOK_SECRET: " ".join([made, *before])})
    except CredentialsError as error:
        raise ConnectionRefused(str(error)) from None
    held.save(update_fields=["credentials"])
    told = {"keeps the one before": keeps_previous}
    audit_record(
        actor=actor,
        action="connection.rotate_secret",
        target=held,
        before=None,
        after=told,
        now=now,
    )
    return made


@transaction.atomic
def connection_delete(*, actor: User | None, connection: Connection, now: datetime) -> None:
    """Delete one that no ticket and no route needs, with its tests and what it sent.

    Raises :class:`ConnectionRefused` and Denied.
    """
    require(actor, Permission.ADMINISTER, on=connection.organization)
    held = Connection.objects.select_for_update().get(pk=connection.pk)
    if held.kind == ConnectionKind.BUILTIN:
        raise ConnectionRefused("The built-in board stays.")
    uses = connection_uses(held)
    if uses.keep_it:
        raise ConnectionRefused(_needed_by(held, uses))
    before = fields_of(held, FIELDS) | {"deliveries": uses.deliveries, "trials": uses.trials}
    audit_record(
        actor=actor, action="connection.delete", target=held, before=before, after=None, now=now
    )
    try:
        held.delete()
    except ProtectedError:  # by what came at the same moment
        raise ConnectionRefused(f"{held} is needed now. Make it inactive instead.") from None


def _needed_by(connection: Connection, uses: ConnectionUses) -> str:
    needed = [
        f"{number} {noun if number == 1 else f'{noun}s'}"
        for number, noun in ((uses.tickets, "ticket"), (len(uses.routes), "route"))
        if number
    ]
    return f"{connection} has {' and '.join(needed)}, which name it. Make it inactive instead."
