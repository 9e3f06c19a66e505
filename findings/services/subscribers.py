"""What people and teams choose to hear of, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.access import Denied, Permission, can, reach_of
from accounts.models import Organization, Team
from accounts.services.audit import audit_record, fields_of
from findings.models import Notification, Subscriber
from findings.notifying.events import Channel, Mode, NotificationEvent
from findings.notifying.matrix import Matrix, MatrixError
from findings.notifying.timing import due_at
from findings.selectors.notifications import teams_administered, told_when
from findings.selectors.scopes import people_of
from findings.services.credentials import CredentialsError, decrypt, encrypt
from findings.services.webhooks import may_manage, url_check

FIELDS = ("matrix", "covers", "email", "webhook", "time_zone")
"""What the audit log tells; the address of Slack is a secret."""


def subscriber_of_person(user: User) -> Subscriber:
    """Made when it is first asked for."""
    return _of(Subscriber(user=user), user=user)


def subscriber_of_team(team: Team) -> Subscriber:
    return _of(Subscriber(team=team), team=team)


def _of(new: Subscriber, **whose: User | Team) -> Subscriber:
    rows = Subscriber.objects.select_related("user", "team__organization", "webhook")
    found = rows.filter(**whose).first()
    if found is None:
        Subscriber.objects.bulk_create([new], ignore_conflicts=True)
        found = rows.get(**whose)
    return found


def subscribers_ensure(user: User) -> None:
    """Rows for oneself and for the teams that one administers."""
    if reach_of(user).limit:
        return
    rows = [] if Subscriber.objects.filter(user=user).exists() else [Subscriber(user=user)]
    rows += [Subscriber(team=team) for team in teams_administered(user).filter(subscriber=None)]
    Subscriber.objects.bulk_create(rows, ignore_conflicts=True)


def people_ensure(*, organization: Organization, now: datetime) -> None:
    """Everybody who may see something there has a row, and so the defaults."""
    granted = people_of([organization], now).values("pk")
    people = User.objects.filter(Q(pk__in=granted) | Q(is_superuser=True), is_active=True)
    known = Subscriber.objects.exclude(user=None).values("user")
    rows = [Subscriber(user=user) for user in people.exclude(pk__in=known)]
    Subscriber.objects.bulk_create(rows, ignore_conflicts=True)


def may_choose(user: User, subscriber: Subscriber) -> bool:
    """For oneself, and for teams that one administers; never by a limited token."""
    if reach_of(user).limit:
        return False
    if subscriber.team:
        return can(user, Permission.ADMINISTER, subscriber.team)
    return subscriber.user_id == user.pk and user.is_active


def require_choice(actor: User, subscriber: Subscriber) -> None:
    if not may_choose(actor, subscriber):
        raise Denied(f"You may not choose what {subscriber} hears of.")


@transaction.atomic
def subscriber_change(
    *, actor: User, subscriber: Subscriber, slack_url: str | None, now: datetime
) -> Subscriber:
    """Save matrix, reach, addresses and zone. Raises ValidationError by field.

    ``slack_url``: None leaves it as it is, an empty text takes it away. What waits to be told is
    told when the new choice says, or not at all.
    """
    require_choice(actor, subscriber)
    stored = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    _check(actor, subscriber, stored)
    if slack_url is not None:
        subscriber.slack = _sealed(slack_url.strip())
    subscriber.save(update_fields=[*FIELDS, "slack"])
    _reschedule(subscriber, now)
    after = fields_of(subscriber, FIELDS)
    if slack_url is not None:
        after["slack"] = "set" if slack_url.strip() else "removed"
    audit_record(
        actor=actor,
        action="notifications.change",
        target=subscriber,
        before=fields_of(stored, FIELDS),
        after=after,
        now=now,
    )
    return subscriber


def slack_url_of(subscriber: Subscriber) -> str:
    """In clear, for the worker that posts there; empty for none. Raises CredentialsError."""
    return decrypt(subscriber.slack).get("url", "")


def _check(actor: User, subscriber: Subscriber, stored: Subscriber) -> None:
    subscriber.matrix = _matrix(subscriber.matrix, subscriber.is_team)
    if subscriber.user and subscriber.email:
        raise ValidationError({"email": "A person is reached at the address of their account."})
    endpoint = subscriber.webhook
    if endpoint is None or endpoint.pk == stored.webhook_id:
        subscriber.full_clean(exclude=["user", "team"])
        return
    is_theirs = (
        endpoint.organization_id == subscriber.team.organization_id
        if subscriber.team
        else endpoint.owner_id == subscriber.user_id
    )
    if not is_theirs or not may_manage(actor, endpoint):
        raise ValidationError({"webhook": "There is no such webhook, or it is not yours to use."})
    subscriber.full_clean(exclude=["user", "team"])


def _matrix(given: Any, is_team: bool) -> Mapping[str, Any]:
    try:
        return Matrix.parse(given, is_team=is_team).to_json()
    except MatrixError as error:
        raise ValidationError({"matrix": str(error)}) from error


def _sealed(url: str) -> bytes:
    if not url:
        return b""
    if len(url) > 2000:
        raise ValidationError({"slack_url": "A URL has at most 2000 characters."})
    url_check("slack_url", url)
    try:
        return encrypt({"url": url})
    except CredentialsError as error:
        raise ValidationError({"slack_url": str(error)}) from None


def _reschedule(subscriber: Subscriber, now: datetime) -> None:
    """What waits follows the new choice: each event and channel as it is now."""
    waiting = Notification.objects.filter(
        subscriber=subscriber, status=Notification.Status.WAITING, message=None
    )
    matrix = subscriber.choices
    kinds = waiting.order_by().values_list(
        "notice__event", "channel", "notice__is_calm", "notice__organization"
    )
    organizations = Organization.objects.in_bulk([kind[3] for kind in kinds.distinct()])
    for event, channel, is_calm, organization in kinds.distinct():
        rows = waiting.filter(
            notice__event=event,
            channel=channel,
            notice__is_calm=is_calm,
            notice__organization=organization,
        )
        mode = told_when(matrix.mode(NotificationEvent(event), Channel(channel)), is_calm=is_calm)
        zone = subscriber.zone(organizations[organization])
        if mode is Mode.OFF:
            rows.update(status=Notification.Status.WITHHELD)
        else:
            rows.update(not_before=due_at(mode, now=now, zone=zone))
