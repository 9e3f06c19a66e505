"""Endpoints of webhooks: made, changed, rotated, stopped; their secrets are shown once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Denied, can, reach_of
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import (
    Alert,
    EventSequence,
    IncidentSequence,
    TicketSequence,
    WebhookEndpoint,
    WebhookFeed,
    WebhookType,
)
from findings.services.alerts import alert_resolve
from findings.services.credentials import CredentialsError, decrypt, encrypt
from findings.services.outgoing_urls import outgoing_url_check
from findings.ticketing.selector import RouteSelector, RouteSelectorError
from findings.webhook_signing import new_secret

FIELDS = ("name", "event_types", "selector", "is_active")
"""What the audit log tells; a URL may hold a secret."""
OVERLAP = timedelta(hours=24)
"""How long the secret before still signs, beside the new one."""


@transaction.atomic
def webhook_make(*, actor: User, endpoint: WebhookEndpoint, now: datetime) -> str:
    """Save a new endpoint, which is the actor's; its secret. Raises ValidationError.

    It is told of what happens from now on.
    """
    reach = reach_of(actor, Permission.CONTRIBUTE)
    if reach.limit or not reach.touches(endpoint.organization):
        raise Denied(f"You may not make webhooks in {endpoint.organization}.")
    endpoint.owner, endpoint.created_at = actor, now
    secret = new_secret()
    endpoint.secret = _encrypted(secret)
    _check(endpoint)
    endpoint.save(force_insert=True)
    feed_begin(endpoint.organization)
    _record("make", actor, endpoint, None, now)
    return secret


@transaction.atomic
def webhook_change(*, actor: User, endpoint: WebhookEndpoint, now: datetime) -> WebhookEndpoint:
    """Save name, URL, types, selector and whether it is active. Raises ValidationError."""
    _require(actor, endpoint)
    held = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    _check(endpoint, is_new_url=endpoint.url != held.url)  # what is there may be switched off
    changed = ["name", "url", "event_types", "selector", "is_active"]
    if endpoint.is_active and not held.is_active:
        endpoint.failing_since, endpoint.disabled_reason = None, ""
        changed += ["failing_since", "disabled_reason"]
        _alert_end(endpoint, now)
    endpoint.save(update_fields=changed)
    _record("change", actor, endpoint, fields_of(held, FIELDS), now)
    return endpoint


@transaction.atomic
def webhook_rotate(*, actor: User, endpoint: WebhookEndpoint, now: datetime) -> str:
    """A new secret; the one before signs too for 24 hours, and the one before that no more."""
    _require(actor, endpoint)
    held = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = new_secret()
    endpoint.previous_secret, endpoint.previous_until = held.secret, now + OVERLAP
    endpoint.secret = _encrypted(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    _record("rotate", actor, endpoint, None, now)
    return secret


@transaction.atomic
def webhook_delete(*, actor: User, endpoint: WebhookEndpoint, now: datetime) -> None:
    """With its messages and their log."""
    _require(actor, endpoint)
    _alert_end(endpoint, now)
    audit_record(
        actor=actor,
        action="webhook.delete",
        target=endpoint,
        before=fields_of(endpoint, FIELDS),
        after=None,
        now=now,
    )
    endpoint.delete()


def webhook_secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises CredentialsError."""
    stored = [endpoint.secret]
    if endpoint.previous_until and now < endpoint.previous_until:
        stored.append(endpoint.previous_secret)
    return [decrypt(secret)["secret"] for secret in stored if secret]


def may_manage(user: User, endpoint: WebhookEndpoint) -> bool:
    """Its owner while they see something of the organization, and who administers that.

    Never by a limited token: an endpoint is told of all that its owner sees.
    """
    if reach_of(user).limit:
        return False
    if can(user, Permission.ADMINISTER, endpoint.organization):
        return True
    reach = reach_of(user, Permission.CONTRIBUTE)
    return endpoint.owner_id == user.pk and reach.touches(endpoint.organization)


def url_check(field: str, url: str) -> None:
    """Raise ValidationError unless it looks like one that may be called."""
    if not url.startswith(("https://", "http://")) or not url.isprintable():
        raise ValidationError({field: "Give a URL that begins with https://."})
    if "@" in url.split("/")[2]:
        raise ValidationError({field: "A URL holds no user and no password here."})
    outgoing_url_check(field, url)


def feed_begin(organization: Organization) -> None:
    """Begin to read the events of an organization at those that come next."""
    ends = [
        sequence._default_manager.filter(organization=organization)
        .values_list("last", flat=True)
        .first()
        or 0
        for sequence in (EventSequence, TicketSequence, IncidentSequence)
    ]
    feed = WebhookFeed(
        organization=organization,
        finding_event=ends[0],
        ticket_event=ends[1],
        incident_event=ends[2],
    )
    WebhookFeed.objects.bulk_create([feed], ignore_conflicts=True)


def _encrypted(secret: str) -> bytes:
    try:
        return encrypt({"secret": secret})
    except CredentialsError as error:
        raise ValidationError(str(error)) from error


def _require(actor: User, endpoint: WebhookEndpoint) -> None:
    if not may_manage(actor, endpoint):
        raise Denied(f"You may not change the webhook {endpoint}.")


def _check(endpoint: WebhookEndpoint, *, is_new_url: bool = True) -> None:
    """Raise ValidationError by field; tidy the types and the selector."""
    types = endpoint.event_types
    known = WebhookType.values
    if not isinstance(types, list) or not types or any(kind not in known for kind in types):
        raise ValidationError({"event_types": f"Choose from {', '.join(known)}."})
    endpoint.event_types = [kind for kind in known if kind in types]
    try:
        endpoint.selector = RouteSelector.parse(endpoint.selector or {}).to_json()
    except RouteSelectorError as error:
        raise ValidationError({"selector": str(error)}) from error
    if is_new_url:
        url_check("url", endpoint.url)
    endpoint.full_clean(exclude=["secret", "previous_secret"])


def _alert_end(endpoint: WebhookEndpoint, now: datetime) -> None:
    alert_resolve(
        organization=endpoint.organization,
        kind=Alert.Kind.WEBHOOK_DISABLED,
        subject=str(endpoint.uid),
        now=now,
    )


def _record(
    verb: str,
    actor: User,
    endpoint: WebhookEndpoint,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=f"webhook.{verb}",
        target=endpoint,
        before=before,
        after=fields_of(endpoint, FIELDS),
        now=now,
    )
