"""Webhooks and what they were told."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery

from findings.models import WebhookDelivery, WebhookEndpoint, WebhookMessage


def webhooks_seen(user: User) -> QuerySet[WebhookEndpoint]:
    """With ``last_delivered_at``, the last attempt that was answered with success."""
    arrived = WebhookDelivery.objects.filter(
        message__endpoint=OuterRef("pk"), answer_status__gte=200, answer_status__lt=300
    )
    seen = WebhookEndpoint.objects.visible_to(user).select_related("organization", "owner")
    return seen.annotate(last_delivered_at=Subquery(arrived.order_by("-id").values("at")[:1]))


def messages_of(endpoint: WebhookEndpoint, *, status: str) -> QuerySet[WebhookMessage]:
    """The newest first, each with how its last attempt went; an empty status is any."""
    attempts = WebhookDelivery.objects.filter(message=OuterRef("pk")).order_by("-id")
    rows = endpoint.messages.filter(status=status) if status else endpoint.messages.all()
    return rows.order_by("-id").annotate(
        last_at=Subquery(attempts.values("at")[:1]),
        last_answer=Subquery(attempts.values("answer_status")[:1]),
        last_error=Subquery(attempts.values("error")[:1]),
    )
