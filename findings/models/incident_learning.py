"""What incidents taught, and what is done so that it stays true."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models import Account, Organization, Team
from accounts.models.base import Identified
from findings.models.incident import PROSE, Incident, PartQuerySet
from findings.models.scan import Scan
from findings.models.ticket import Ticket
from findings.models.visibility import sees_all_of

if TYPE_CHECKING:
    from typing import Self


class Learning(Identified):
    """One statement: when X, Y happens; guard Z. Evidence alone says that it is guarded."""

    class State(models.TextChoices):
        OPEN = "open"
        GUARDED = "guarded"
        REGRESSED = "regressed"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="learnings")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="learnings")
    when = models.TextField(validators=PROSE, help_text="When this is so, …")
    then = models.TextField(validators=PROSE, help_text="… this happens.")
    guard = models.TextField(validators=PROSE, help_text="What keeps it from happening.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    state_since = models.DateTimeField()
    learnt_at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PartQuerySet["Learning"].as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(when="") & ~Q(then="") & ~Q(guard=""), name="learning_is_a_statement"
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="learning_by_state")]

    def __str__(self) -> str:
        return f"When {self.when}, {self.then}"[:200]

    def labelled(self, kind: LearningLabel.Kind) -> list[str]:
        return [label.name for label in self.labels.all() if label.kind == kind]


class LearningLabelQuerySet(models.QuerySet["LearningLabel"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(learning__in=Learning.objects.visible_to(user))


class LearningLabel(models.Model):
    """What a learning is found by: a best practice, a tag, a service, or a check linked to it."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Best practice"
        TAG = "tag"
        SERVICE = "service"
        CHECK = "check"

    learning = models.ForeignKey(Learning, models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=128)

    objects = LearningLabelQuerySet.as_manager()

    class Meta:
        ordering = ["learning", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["learning", "kind", "name"], name="learning_label_unique"
            ),
        ]
        indexes = [models.Index(fields=["kind", "name"], name="learning_label_by_name")]

    def __str__(self) -> str:
        return self.name


class ActionItemQuerySet(models.QuerySet["ActionItem"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of incidents that the person sees, if they see all its guarded accounts as well."""
        of_seen = Q(incident__in=Incident.objects.visible_to(user))
        through = ActionItem.accounts.through
        return self.filter(of_seen & sees_all_of(user, through, "actionitem"))

    def unfinished(self) -> Self:
        return self.exclude(state=ActionItem.State.VERIFIED)

    def overdue(self, now: datetime) -> Self:
        return self.unfinished().filter(due_at__lt=now)

    def of(self, user: User) -> Self:
        """Those that a person answers for, by themselves or in a team."""
        return self.filter(Q(owner=user) | Q(owner_team__in=user.teams.all()))


class ActionItem(Identified):
    """Something to do, and the check that must pass on the accounts named before it is done.

    People claim that it is done; ``passes`` counts scans since the claim that saw the guard hold
    everywhere, and ``needed_passes`` of them verify it. ``decided_by`` is the newest of the facts
    that last counted, so that the same scan never counts twice.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed", "Claimed done"
        VERIFIED = "verified"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="action_items")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="action_items")
    learning = models.ForeignKey(
        Learning, models.PROTECT, null=True, blank=True, related_name="action_items"
    )
    title = models.CharField(max_length=200, validators=PROSE[1:])
    text = models.TextField(blank=True, validators=PROSE, help_text="Markdown.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="action_items",
    )
    owner_team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="action_items"
    )
    due_at = models.DateTimeField("due")
    check_id = models.CharField("guard", max_length=128, help_text="The check that must pass.")
    accounts = models.ManyToManyField(Account, related_name="action_items")
    needed_passes = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claim_scan = models.ForeignKey(
        Scan,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="That was asked for by the last claim.",
    )
    ticket = models.OneToOneField(
        Ticket,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="action_item",
        help_text="In which the work is followed; evidence alone closes both.",
    )
    rejected_claims = models.PositiveIntegerField(default=0)
    regressions = models.PositiveIntegerField(default=0)
    passes = models.PositiveSmallIntegerField(default=0)
    decided_by = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was told that it is overdue."
    )
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(check_id=""), name="action_item_has_title_and_guard"
            ),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(owner_team=None),
                name="action_item_has_at_most_one_owner",
                violation_error_message="Give it to a team or to a person, not to both.",
            ),
            models.CheckConstraint(
                condition=Q(needed_passes__gte=1),
                name="action_item_needs_at_least_a_pass",
                violation_error_message="At least one scan has to see that the guard holds.",
            ),
            models.CheckConstraint(
                condition=Q(state="open", claimed_at=None, verified_at=None)
                | Q(state="claimed", claimed_at__isnull=False, verified_at=None)
                | Q(
                    state="verified",
                    claimed_at__isnull=False,
                    verified_at__isnull=False,
                    decided_by__isnull=False,
                    decided_by__gt=models.F("claimed_at"),
                    passes__gte=models.F("needed_passes"),
                ),
                name="action_item_verified_only_by_newer_evidence",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_at"], name="action_item_by_due"),
        ]

    def __str__(self) -> str:
        return self.title
