"""Endpoints of other people's programs that are told what happened, and what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from accounts.models.base import Identified
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models.delivery import Delivery
from findings.models.finding import Finding
from findings.models.incident import Incident
from findings.models.incident_learning import ActionItem
from findings.models.scan import Scan
from findings.models.ticket import Ticket

if TYPE_CHECKING:
    from typing import Self


class WebhookType(models.TextChoices):
    FINDING_OPENED = "finding.opened", "A finding was opened, or came back into scope"
    FINDING_RESOLVED = "finding.resolved", "A finding was closed; its cause says how"
    TICKET_CHANGED = "ticket.changed", "Something happened to a ticket"
    SCAN_FINISHED = "scan.finished", "A scan has ended"
    INCIDENT_RECORDED = "incident.recorded", "An incident was recorded"
    INCIDENT_PUBLISHED = "incident.published", "The analysis of an incident was published"
    LEARNING_REGRESSED = "learning.regressed", "What guards a learning fails again"
    ACTION_ITEM_VERIFIED = "action_item.verified", "A scan verified an action item"
    ACTION_ITEM_REJECTED = "action_item.rejected", "A scan contradicted a claim"
    ACTION_ITEM_REGRESSED = "action_item.regressed", "What guards an action item fails again"
    ACTION_ITEM_OVERDUE = "action_item.overdue", "An action item is overdue"


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def active(self) -> Self:
        return self.filter(is_active=True, owner__is_active=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and those of the organizations that one administers.

        None by a limited token: they tell of all that their owner sees.
        """
        if reach_of(user).limit:
            return self.none()
        mine = Q(owner=user.pk, organization__in=Organization.objects.visible_to(user))
        administered = reach_of(user, Permission.ADMINISTER).on_whole_organizations("organization")
        return self.filter(mine | administered)


class WebhookEndpoint(Identified):
    """A URL that is told of events of an organization: those of accounts that its owner sees.

    ``secret`` is encrypted, see ``findings.services.credentials``; so is ``previous_secret``,
    which signs too until ``previous_until``. ``failing_since`` is the first failure after the last
    success.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="webhooks")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks", editable=False
    )
    name = models.CharField(max_length=128)
    url = models.CharField("URL", max_length=2000)
    event_types = models.JSONField(default=list, help_text="Which events it is told of.")
    selector = models.JSONField(
        default=dict, blank=True, help_text="Which findings, as routes of tickets say it."
    )
    secret = models.BinaryField(editable=False)
    previous_secret = models.BinaryField(default=bytes, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=255, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "owner", "name"],
                name="webhook_name_unique",
                violation_error_message="There is one of this name already.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="webhook_has_a_name"),
            models.CheckConstraint(
                condition=Q(previous_secret=b"") | Q(previous_until__isnull=False),
                name="webhook_previous_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def waiting(self) -> Self:
        return self.filter(status=WebhookMessage.Status.WAITING)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(endpoint__in=WebhookEndpoint.objects.visible_to(user))


class WebhookMessage(Delivery):
    """One event for one endpoint; its ``uid`` is the webhook-id of every attempt.

    ``body`` is what is signed, the same bytes each time. Finding, ticket, scan, incident, action
    item or what a notification tells is what the owner has to see when it is sent; a ping has none.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="messages")
    event = models.CharField(max_length=64, help_text="Which event, once for each endpoint.")
    type = models.CharField(max_length=32)
    body = models.TextField()
    finding = models.ForeignKey(
        Finding, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    ticket = models.ForeignKey(
        Ticket, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    scan = models.ForeignKey(
        Scan, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    notification = models.OneToOneField(
        "findings.NotificationMessage",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="webhook_message",
        editable=False,
    )
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    action_item = models.ForeignKey(
        ActionItem, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField()

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_event_once"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(status="waiting"), name="webhook_message_due"
            ),
            models.Index(fields=["created_at"], name="webhook_message_created"),
        ]

    def __str__(self) -> str:
        return f"{self.type} for {self.endpoint}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(message__endpoint__in=WebhookEndpoint.objects.visible_to(user))


class WebhookDelivery(models.Model):
    """One attempt, append-only. No ``answer_status``: no answer came, and ``error`` says why."""

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="deliveries")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField()
    error = models.TextField(blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Attempt {self.attempt} of {self.message}"


class WebhookFeed(models.Model):
    """Up to which events of an organization messages were made."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    finding_event = models.PositiveBigIntegerField(default=0)
    ticket_event = models.PositiveBigIntegerField(default=0)
    incident_event = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization}: {self.finding_event}, {self.ticket_event}"
