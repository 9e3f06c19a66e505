"""Trials of connections: what was tried and what would be sent; a worker does them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models.base import Identified
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models.connection import Connection
from findings.models.finding import Finding
from findings.models.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self


class ConnectionTrialQuerySet(models.QuerySet["ConnectionTrial"]):
    def under_way(self) -> Self:
        return self.filter(finished_at=None)

    def claimable(self, now: datetime) -> Self:
        """Waiting, or left behind by a worker whose lease has run out."""
        return self.under_way().filter(Q(lease_until=None) | Q(lease_until__lte=now))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What would be sent tells of findings: for administrators of the organization."""
        reach = reach_of(user, Permission.ADMINISTER)
        return self.filter(reach.on_whole_organizations("connection__organization"))


class ConnectionTrial(Identified):
    """One test of a connection, with a dry run where a finding or a ticket is named.

    ``steps`` are ``workers.trackers.base.ProbeStep`` as JSON: name, is_ok (null: not known), detail
    and is_needed (false: tickets do without). ``request`` is the call that would make the issue:
    method, path and body, without the headers that hold the credential.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="trials")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    project = models.CharField(max_length=255, blank=True)
    issue_type = models.CharField(max_length=128, blank=True)
    fields = models.JSONField(default=dict, blank=True)
    finding = models.ForeignKey(
        Finding, models.CASCADE, null=True, blank=True, related_name="connection_trials"
    )
    ticket = models.ForeignKey(
        Ticket, models.CASCADE, null=True, blank=True, related_name="connection_trials"
    )
    desired = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Of which ticket the call is shown."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)
    request = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why there is no answer, or no dry run.")

    objects = ConnectionTrialQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(finished_at=None),
                name="connection_trial_one_at_a_time",
                violation_error_message="A test of this connection is under way already.",
            ),
            models.CheckConstraint(
                condition=Q(finding=None) | Q(ticket=None),
                name="connection_trial_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Test of {self.connection}, {self.asked_at:%F %H:%M}"

    @property
    def state(self) -> State:
        if self.finished_at is not None:
            return self.State.DONE
        return self.State.RUNNING if self.started_at else self.State.WAITING

    @property
    def is_passed(self) -> bool | None:
        """Whether a ticket's life will do; None while that is not known."""
        if self.finished_at is None:
            return None
        if self.error or any(step["is_ok"] is False for step in self.steps):
            return False
        needed = [step["is_ok"] for step in self.steps if step.get("is_needed", True)]
        return True if needed and all(needed) else None
