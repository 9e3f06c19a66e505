"""Connections to trackers, their projects, and what trackers send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from accounts.models.base import Identified
from accounts.models.reach import reach_of
from accounts.roles import Permission

if TYPE_CHECKING:
    from typing import Self


class ConnectionKind(models.TextChoices):
    BUILTIN = "builtin", "Built-in board"
    API = "api", "Another tracker, through the API"
    JIRA_CLOUD = "jira_cloud", "Jira Cloud"
    JIRA_DATA_CENTER = "jira_data_center", "Jira Data Center"
    GITHUB = "github", "GitHub Issues"
    SERVICENOW = "servicenow", "ServiceNow"
    PAGERDUTY = "pagerduty", "PagerDuty"


WITHOUT_ADAPTER = (ConnectionKind.BUILTIN, ConnectionKind.API)
"""Nothing is sent to these: the board is ours, and a client of the API fetches by itself."""


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_adapter(self) -> Self:
        return self.exclude(kind__in=WITHOUT_ADAPTER)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of organizations in which the person sees something: tickets name them."""
        return self.filter(organization__in=Organization.objects.visible_to(user))


class Connection(Identified):
    """A tracker in which an organization keeps tickets. Each organization has its built-in board.

    ``credentials`` are encrypted, see ``findings.services.credentials``; nothing shows them again.
    """

    class Health(models.TextChoices):
        UNTESTED = "untested"
        HEALTHY = "healthy"
        FAILING = "failing"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="connections")
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=24, choices=ConnectionKind.choices)
    base_url = models.CharField(
        "address",
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Such as https://example.atlassian.net, without a user or a query.",
    )
    credentials = models.BinaryField(blank=True, default=b"", editable=False)
    bot_account = models.CharField(
        max_length=255, blank=True, help_text="The tracker's id of the account that Cairn is there."
    )
    allows_private = models.BooleanField(
        "may have a private address",
        default=False,
        help_text="Without this, addresses of private networks are refused.",
    )
    capabilities = models.JSONField(default=dict, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNTESTED)
    health_message = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    breaker_until = models.DateTimeField(
        null=True, blank=True, help_text="Nothing is sent to it before."
    )
    failures = models.PositiveIntegerField(
        default=0, help_text="In a row, of the connection as a whole."
    )
    refused_deliveries = models.PositiveIntegerField(
        default=0, help_text="Without a right signature; they are counted, not kept."
    )

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="connection_name_unique",
                violation_error_message="This organization has a connection of this name already.",
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(kind="builtin"),
                name="connection_one_board_for_an_organization",
                violation_error_message="An organization has one built-in board.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in WITHOUT_ADAPTER]) | ~Q(base_url=""),
                name="connection_to_a_tracker_has_an_address",
                violation_error_message="Give the address of the tracker.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ConnectionKind.values), name="connection_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_adapter(self) -> bool:
        return self.kind not in WITHOUT_ADAPTER


class ConnectionProjectQuerySet(models.QuerySet["ConnectionProject"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(connection__organization__in=Organization.objects.visible_to(user))


class ConnectionProject(models.Model):
    """A project of a tracker: how far its changes are read, and whether it may be written to."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="projects")
    project = models.CharField(max_length=255)
    cursor = models.TextField(blank=True, help_text="Opaque: where the next poll begins.")
    polled_at = models.DateTimeField(null=True, blank=True)
    breaker_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    objects = ConnectionProjectQuerySet.as_manager()

    class Meta:
        ordering = ["connection", "project"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "project"], name="connection_project_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} in {self.connection}"


class InboundDeliveryQuerySet(models.QuerySet["InboundDelivery"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Bodies tell what others write in the tracker: for administrators of the organization."""
        reach = reach_of(user, Permission.ADMINISTER)
        return self.filter(reach.on_whole_organizations("connection__organization"))


class InboundDelivery(Identified):
    """What a tracker sent, its signature being right. It only says which issues to fetch again."""

    class Status(models.TextChoices):
        RECEIVED = "received"
        PROCESSED = "processed"
        IGNORED = "ignored", "About nothing of ours"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=255)
    signature_ok = models.BooleanField(default=True)
    body_sha256 = models.CharField(max_length=64)
    body = models.BinaryField(blank=True, editable=False)
    external_ids = models.JSONField(default=list, blank=True)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    error = models.TextField(blank=True)

    objects = InboundDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "inbound deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "delivery_id"], name="inbound_delivery_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(status="received"),
                name="inbound_delivery_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} from {self.connection}"
