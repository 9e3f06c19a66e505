"""Tickets about findings: ours, whether they live on the built-in board or in a tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Account, Organization, Team
from accounts.models.base import Identified, require_same_organization
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models.connection import Connection
from findings.models.finding import Episode, Finding
from findings.models.route import Route
from findings.models.scan import Scan
from findings.models.visibility import sees_all_of

if TYPE_CHECKING:
    from typing import Self


class TicketStatus(models.TextChoices):
    """The categories of ``ticketing.state.StatusCategory``."""

    TODO = "todo", "To do"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def live(self) -> Self:
        return self.filter(closed_at=None)

    def pushable(self) -> Self:
        """Those of which a tracker is told."""
        with_adapter = Connection.objects.active().with_adapter()
        return self.filter(connection__in=with_adapter, detached_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who sees the account of one of its findings sees that there is a ticket.

        Its words may tell of other accounts: these are for ``whole_to``. One that is about places
        is seen by nobody but who sees all of them.
        """
        condition = sees_all_of(user, TicketPlace, "ticket")
        if not reach_of(user).is_undivided:
            named = TicketFinding.objects.filter(ticket=OuterRef("pk"))
            condition |= Q(Exists(named.visible_to(user)))
        return self.filter(condition)

    def whole_to(
        self, user: User | AnonymousUser, permission: Permission = Permission.VIEW
    ) -> Self:
        """Those all of whose accounts the person sees: all that is written in them is for them.

        With another permission: those that the person has it on as a whole.
        """
        reach = reach_of(user, permission)
        whole = reach.on_whole_organizations("organization")
        if reach.is_undivided:
            return self.visible_to(user).filter(whole)
        accounts = Account.objects.visible_to(user, permission)
        hidden = TicketFinding.objects.filter(ticket=OuterRef("pk")).exclude(
            finding__account__in=accounts
        )
        places = TicketPlace.objects.filter(ticket=OuterRef("pk")).exclude(account__in=accounts)
        return self.visible_to(user).filter(whole | ~Exists(hidden) & ~Exists(places))


class Ticket(Identified):
    """What is to be done, and how both sides of it stand.

    It is about one or more findings, or about a check that has to pass in some accounts, its
    places; ``findings_total`` and what follows then count these.

    ``desired`` is what we want of its issue, ``base`` how both stood when last compared (see
    ``ticketing.codec``). The row exists before its issue does. ``status`` and what follows is what
    people say, on the board or in the tracker; it closes by evidence alone.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="tickets")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="tickets")
    route = models.ForeignKey(Route, models.SET_NULL, null=True, blank=True, related_name="tickets")
    group_key = models.CharField(
        max_length=300, blank=True, help_text="What its findings share; empty: chosen by hand."
    )
    project = models.CharField(max_length=255, blank=True)
    predecessor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="successors"
    )
    title = models.CharField(max_length=255)
    has_own_title = models.BooleanField(
        default=False, help_text="Given by a person; otherwise it follows the findings."
    )
    note = models.TextField(blank=True, help_text="What the person who opened it says of it.")
    check_id = models.CharField(
        "guard", max_length=128, blank=True, help_text="The check that has to pass at its places."
    )
    severity = models.CharField(max_length=16)
    severity_rank = models.PositiveSmallIntegerField(default=0, help_text="0 for critical.")
    due_on = models.DateField(null=True, blank=True)
    findings_total = models.PositiveIntegerField(default=0)
    findings_open = models.PositiveIntegerField(default=0)
    findings_verified = models.PositiveIntegerField(default=0)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="tickets")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_in = models.ForeignKey(
        Scan, models.SET_NULL, null=True, blank=True, related_name="opened_tickets"
    )
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="When evidence had closed the last of its findings."
    )
    status = models.CharField(
        max_length=16, choices=TicketStatus.choices, default=TicketStatus.TODO
    )
    status_name = models.CharField(max_length=255, blank=True)
    wont_do = models.BooleanField(
        "will not be done", default=False, help_text="Said by people; it asks for a suppression."
    )
    assignee = models.CharField(max_length=255, blank=True)

    # --- Its issue ---
    external_id = models.CharField(max_length=255, blank=True)
    key = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    desired = models.JSONField(default=dict, blank=True)
    desired_version = models.PositiveIntegerField(default=0)
    pushed_version = models.PositiveIntegerField(default=0)
    base = models.JSONField(null=True, blank=True)
    remote_version = models.CharField(max_length=255, blank=True)
    remote_status_at = models.DateTimeField(null=True, blank=True, help_text="By their clock.")
    demands = models.PositiveIntegerField(
        default=0, help_text="How many moves evidence has asked for."
    )
    drift = models.JSONField(
        default=dict, blank=True, help_text="Fields of ours that others insist on, as they are."
    )
    blocked_reason = models.TextField(blank=True)
    create_sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When an issue was asked for whose answer is not known."
    )
    lookups = models.PositiveSmallIntegerField(
        default=0, help_text="Times that its issue was looked for since, and not found."
    )
    times_gone = models.PositiveSmallIntegerField(default=0)
    detached_at = models.DateTimeField(
        null=True, blank=True, help_text="Its issue is gone; it is never made again by itself."
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=~Q(external_id=""),
                name="ticket_issue_unique",
                violation_error_message="Another ticket has this issue already.",
            ),
            models.UniqueConstraint(
                fields=["route", "group_key"],
                condition=Q(closed_at=None) & ~Q(group_key=""),
                name="ticket_one_live_for_a_group",
            ),
            models.CheckConstraint(
                condition=Q(lease_token=None, lease_until=None)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="ticket_claimed_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TicketStatus.values), name="ticket_status_known"
            ),
            models.CheckConstraint(
                condition=Q(wont_do=False) | Q(status="done"), name="ticket_wont_do_is_done"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-changed_at"], name="ticket_by_change"),
            models.Index(
                fields=["organization", "status", "severity_rank"],
                condition=Q(closed_at=None),
                name="ticket_live_by_status",
            ),
            models.Index(fields=["connection", "checked_at"], name="ticket_by_check"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        require_same_organization(self, ("connection", "route", "team"))

    @property
    def name(self) -> str:
        """What people call it: the tracker's key, or the number on our board."""
        return self.key or f"#{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.closed_at is None


class TicketFindingQuerySet(models.QuerySet["TicketFinding"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(finding__account__in=Account.objects.visible_to(user))


class TicketFinding(models.Model):
    """An episode of a finding that a ticket is about."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ticket_findings")
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="ticket_findings")
    episode = models.ForeignKey(Episode, models.CASCADE, related_name="ticket_findings")
    added_at = models.DateTimeField()
    is_live = models.BooleanField(
        default=True, help_text="While the ticket is live, or the episode the last of it there."
    )

    objects = TicketFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-ticket_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "episode"], name="ticket_finding_episode_unique"
            ),
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(is_live=True),
                name="ticket_finding_in_one_live_ticket",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding} in {self.ticket}"


class TicketPlaceQuerySet(models.QuerySet["TicketPlace"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class TicketPlace(models.Model):
    """An account in which a scan has to see the guard of a ticket hold, or that it merely names.

    No account: it names the organization as a whole. Who the ticket belongs to writes ``state``
    from evidence; that people say done makes open ones claimed.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        VERIFIED = "verified"
        NAMED = "named", "Named: nothing is to be verified here"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="places")
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="ticket_places"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    message = models.CharField(max_length=500, blank=True, help_text="What evidence said last.")

    objects = TicketPlaceQuerySet.as_manager()

    class Meta:
        ordering = ["-ticket_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "account"], name="ticket_place_once"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(state="named"),
                name="ticket_place_verified_in_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account or 'the organization'} in {self.ticket}"


class TicketPartQuerySet(models.QuerySet["TicketComment"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(ticket__in=Ticket.objects.whole_to(user))


class TicketComment(Identified):
    """A comment, only ever added: ours to send once, theirs as it was read."""

    class Origin(models.TextChoices):
        PERSON = "person", "A person here"
        EVIDENCE = "evidence", "Cairn"
        TRACKER = "tracker", "The tracker"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="comments")
    origin = models.CharField(max_length=16, choices=Origin.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(max_length=255, blank=True)
    body = models.TextField(help_text="Markdown.")
    external_id = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    objects = TicketPartQuerySet.as_manager()

    class Meta:
        ordering = ["-ticket_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "external_id"],
                condition=~Q(external_id=""),
                name="ticket_comment_of_theirs_once",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="ticket_comment_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} on {self.ticket}"
