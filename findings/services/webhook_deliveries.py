"""Messages of webhooks on their way: claimed, sent, tried again, given up, replayed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import Denied
from accounts.services.audit import audit_record
from findings.models import (
    ActionItem,
    Alert,
    Finding,
    Incident,
    Scan,
    Ticket,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from findings.selectors.concerns import withheld_of
from findings.services.alerts import alert_raise
from findings.services.leases import due, following, free, lease_take, let_go
from findings.services.nudges import nudge_on_commit
from findings.services.webhook_feed import SEND, message_of
from findings.services.webhooks import may_manage

BATCH = 500
PATIENCE = timedelta(days=5)
"""An endpoint that only fails for so long is disabled."""
PING = "ping"
GONE = 410
Status = WebhookMessage.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attempt ended: the answer's status, or None and the words of the error."""

    status: int | None
    milliseconds: int
    error: str = ""
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def messages_due(*, now: datetime) -> list[int]:
    """Those whose time has come and that nobody is sending, the longest waiting first."""
    active = WebhookMessage.objects.filter(
        endpoint__is_active=True, endpoint__owner__is_active=True
    )
    return list(due(active, now).order_by("not_before", "id").values_list("pk", flat=True)[:BATCH])


def message_claim(*, message_id: int, now: datetime) -> WebhookMessage | None:
    """The message under a lease; None where it is not due or another worker has it.

    What its owner no longer sees is withheld, for good.
    """
    endpoints = WebhookEndpoint.objects.active()
    if not lease_take(
        WebhookMessage.objects.filter(pk=message_id, endpoint__in=endpoints), now=now
    ):
        return None
    related = ("endpoint__owner", "endpoint__organization")
    message = WebhookMessage.objects.select_related(*related).get(pk=message_id)
    if not _is_seen(message, now):
        let_go(message, status=Status.WITHHELD)
        return None
    return message


def _is_seen(message: WebhookMessage, now: datetime) -> bool:
    owner = message.endpoint.owner
    if message.notification:
        return not withheld_of(message.notification, now=now)
    if message.finding_id:
        return Finding.objects.visible_to(owner).filter(pk=message.finding_id).exists()
    if message.ticket_id:
        return Ticket.objects.visible_to(owner).filter(pk=message.ticket_id).exists()
    if message.action_item_id:
        return ActionItem.objects.visible_to(owner).filter(pk=message.action_item_id).exists()
    if message.incident_id:
        return Incident.objects.visible_to(owner).filter(pk=message.incident_id).exists()
    if message.scan_id:
        return Scan.objects.visible_to(owner).filter(pk=message.scan_id).exists()
    return True


@transaction.atomic
def delivery_record(
    *, message: WebhookMessage, attempt: Attempt, chance: float, now: datetime
) -> bool:
    """Keep how an attempt ended and decide what follows; False where the lease was lost."""
    number = message.attempts + 1
    status, wait = _following(attempt, number, chance)
    if not let_go(message, status=status, attempts=number, not_before=now + wait):
        return False
    WebhookDelivery.objects.create(
        message=message,
        attempt=number,
        at=now,
        answer_status=attempt.status,
        milliseconds=attempt.milliseconds,
        error=attempt.error,
    )
    _endpoint_after(message.endpoint, attempt, now)
    return True


def _following(attempt: Attempt, number: int, chance: float) -> tuple[str, timedelta]:
    if attempt.is_success:
        return Status.DELIVERED, timedelta(0)
    is_gone = attempt.status == GONE
    return following(number, is_final=is_gone, retry_after=attempt.retry_after, chance=chance)


def _endpoint_after(endpoint: WebhookEndpoint, attempt: Attempt, now: datetime) -> None:
    held = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if attempt.is_success:
        held.exclude(failing_since=None).update(failing_since=None)
        return
    held.filter(failing_since=None).update(failing_since=now)
    if attempt.status == GONE:
        _disable(endpoint, "It answered 410: it is gone.", now)
    elif held.filter(failing_since__lte=now - PATIENCE).exists():
        _disable(endpoint, "It has only failed for five days.", now)


def _disable(endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    active = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True)
    if active.update(is_active=False, disabled_reason=reason):
        alert_raise(
            organization=endpoint.organization,
            kind=Alert.Kind.WEBHOOK_DISABLED,
            subject=str(endpoint.uid),
            message=f"The webhook {endpoint.name} is disabled. {reason}",
            now=now,
        )


@transaction.atomic
def webhook_ping(*, actor: User, endpoint: WebhookEndpoint, now: datetime) -> WebhookMessage:
    """Have a message sent that tells of nothing, to see whether it arrives."""
    _require(actor, endpoint)
    made = message_of(endpoint, event=f"ping:{uuid.uuid4()}", kind=PING, at=now, told={}, now=now)
    made.save(force_insert=True)
    nudge_on_commit(SEND, made.pk)
    return made


@transaction.atomic
def message_replay(*, actor: User, message: WebhookMessage, now: datetime) -> WebhookMessage:
    """Send it again, delivered or not, under the same id: the receiver knows what it had."""
    _require(actor, message.endpoint)
    _again(message.endpoint, [message.pk], actor, now)
    message.refresh_from_db()
    return message


@transaction.atomic
def messages_replay(
    *, actor: User, endpoint: WebhookEndpoint, since: datetime, now: datetime
) -> int:
    """Send again all that was made since then and was not delivered; how many."""
    _require(actor, endpoint)
    missed = endpoint.messages.filter(created_at__gte=since, status=Status.DEAD)
    return _again(endpoint, list(missed.values_list("pk", flat=True)), actor, now)


def _again(endpoint: WebhookEndpoint, ids: list[int], actor: User, now: datetime) -> int:
    count = 0
    for start in range(0, len(ids), BATCH):
        rows = WebhookMessage.objects.filter(free(now), pk__in=ids[start : start + BATCH])
        count += rows.update(status=Status.WAITING, attempts=0, not_before=now)
    audit_record(
        actor=actor,
        action="webhook.replay",
        target=endpoint,
        before=None,
        after={"messages": count},
        now=now,
    )
    for pk in ids[:BATCH]:
        nudge_on_commit(SEND, pk)
    return count


def _require(actor: User, endpoint: WebhookEndpoint) -> None:
    if not may_manage(actor, endpoint):
        raise Denied(f"You may not send by the webhook {endpoint}.")
