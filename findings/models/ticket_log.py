"""What is still to be said about tickets, what was said, and what happened to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from findings.models.connection import Connection
from findings.models.ticket import Ticket

if TYPE_CHECKING:
    from typing import Self


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def waiting(self) -> Self:
        return self.filter(status=OutboxMessage.Status.WAITING)

    def dead(self) -> Self:
        return self.filter(status=OutboxMessage.Status.DEAD)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(ticket__in=Ticket.objects.whole_to(user))


class OutboxMessage(models.Model):
    """That both sides of a ticket are to be compared, and what differs is to be settled.

    One for a ticket: what is asked again while it waits is said by the state of the ticket. It is
    deleted once done, which a :class:`SyncEvent` tells.
    """

    class Kind(models.TextChoices):
        PUSH = "push", "Ours changed"
        LOOK = "look", "Theirs may have changed"

    class Status(models.TextChoices):
        WAITING = "waiting"
        DEAD = "dead", "Given up; may be replayed"

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="outbox")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    why = models.CharField(max_length=255, blank=True)
    times_asked = models.PositiveIntegerField(
        default=1, help_text="Grows while it is worked on, so that nothing asked is lost."
    )
    asked_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["not_before", "id"]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(status="waiting"), name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.ticket}"


class SyncEventQuerySet(models.QuerySet["SyncEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(ticket__in=Ticket.objects.whole_to(user))


class SyncEvent(models.Model):
    """One exchange about a ticket, append-only: who, what, old, new and why. It holds no secret."""

    class Direction(models.TextChoices):
        OUT = "out", "To the tracker"
        IN = "in", "From the tracker"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="sync_events")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="sync_events")
    at = models.DateTimeField()
    direction = models.CharField(max_length=4, choices=Direction.choices)
    operation = models.CharField(max_length=32)
    who = models.CharField(max_length=255, blank=True)
    field = models.CharField(max_length=32, blank=True)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    why = models.TextField(blank=True)
    error = models.TextField(blank=True)

    objects = SyncEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="sync_event_by_ticket"),
            models.Index(fields=["at"], name="sync_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} of {self.ticket}"


class TicketEventQuerySet(models.QuerySet["TicketEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class TicketEvent(models.Model):
    """What happened to a ticket, append-only. ``number`` grows with the order of the commits.

    ``before`` and ``after`` hold statuses, dates, counts and names of people, never of resources:
    who sees one account of a ticket reads its events, but for what counts (see
    ``selectors.ticket_events``).
    """

    class Kind(models.TextChoices):
        OPENED = "opened"
        FINDINGS_ADDED = "findings_added"
        CHANGED = "changed", "Title, severity or due date changed"
        MOVED = "moved"
        ASSIGNED = "assigned"
        COMMENTED = "commented"
        CLAIMED = "claimed", "Claimed to be done"
        CLAIM_REJECTED = "claim_rejected"
        REFUSED = "refused", "Said not to be done: asks for a suppression"
        VERIFIED = "verified", "More of its findings are verified"
        CLOSED = "closed"
        REOPENED = "reopened"
        RETURNED = "returned", "Sent back by a person"
        DETACHED = "detached"
        LINKED = "linked", "Its issue is known"
        UNLINKED = "unlinked", "Another issue is to be made for it"
        SYNC_FAILED = "sync_failed", "Its tracker refuses what is wanted, or it was given up"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="ticket_events")
    number = models.PositiveBigIntegerField()
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who = models.CharField(max_length=255, blank=True, help_text="A person of the tracker.")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    objects = TicketEventQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="ticket_event_number_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "number"], name="ticket_event_by_ticket"),
            models.Index(fields=["at"], name="ticket_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.ticket}"


class TicketSequence(models.Model):
    """The last number given to a ticket's event of an organization; its lock orders the commits."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization}: {self.last}"


class TicketFeed(models.Model):
    """How far tickets have followed the events of an organization's findings."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    finding_event = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization}: {self.finding_event}"
