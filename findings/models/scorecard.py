from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.access import reach_of
from accounts.models import Account, Organization, OrganizationalUnit, Team
from findings.catalogue.pillar import Row
from findings.scoring import Level

if TYPE_CHECKING:
    from typing import Self


class ScopeKind(models.TextChoices):
    """What a scorecard is of."""

    ORGANIZATION = "organization"
    OU = "ou", "OU"
    TEAM = "team"
    ACCOUNT = "account"


class ScoreSnapshotQuerySet(models.QuerySet["ScoreSnapshot"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of scopes that the person sees as a whole: a figure tells of all that is in it."""
        reach = reach_of(user)
        accounts = Account.objects.visible_to(user)
        units = OrganizationalUnit.objects.filter(reach.on_units())
        teams = Team.objects.filter(pk__in=reach.owner_teams)
        return self.filter(
            reach.on_whole_organizations("organization")
            | Q(scope_kind=ScopeKind.ACCOUNT, scope_uid__in=accounts.values("uid"))
            | Q(scope_kind=ScopeKind.OU, scope_uid__in=units.values("uid"))
            | Q(scope_kind=ScopeKind.TEAM, scope_uid__in=teams.values("uid"))
        )


class ScoreSnapshot(models.Model):
    """How a scope stood on a day: the state at its end, never counted again afterwards.

    While the day lasts, its snapshot follows what is judged. Days are those of the organization's
    time zone. ``row`` is empty for all rows together.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="score_snapshots")
    day = models.DateField()
    scope_kind = models.CharField(max_length=16, choices=ScopeKind.choices)
    scope_uid = models.UUIDField()
    scope_name = models.CharField(max_length=1000, help_text="As it was called on the day.")
    row = models.CharField(
        max_length=2, blank=True, choices=[(row.value, row.label) for row in Row]
    )
    score = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        help_text="Percent of what is known; null where nothing is.",
    )
    coverage = models.DecimalField(
        max_digits=4, decimal_places=1, null=True, blank=True, help_text="Percent that is known."
    )
    level = models.CharField(
        max_length=16, blank=True, choices=[(level.value, level.value.title()) for level in Level]
    )
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Results that fail and are suppressed; not in failed."
    )
    attested = models.PositiveIntegerField(default=0, help_text="Practices that are attested.")
    accounts = models.PositiveIntegerField(default=0)
    scanned_at = models.DateTimeField(
        null=True, blank=True, help_text="End of the last scan of any of its accounts."
    )

    objects = ScoreSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "-day", "scope_kind", "scope_name", "row"]
        verbose_name = "score snapshot"
        constraints = [
            models.UniqueConstraint(
                fields=["scope_uid", "scope_kind", "row", "day"], name="score_snapshot_unique"
            ),
            models.CheckConstraint(
                condition=Q(scope_kind__in=[kind.value for kind in ScopeKind]),
                name="score_snapshot_scope_known",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100),
                name="score_snapshot_score_is_percent",
            ),
            models.CheckConstraint(
                condition=Q(coverage=None) | Q(coverage__gte=0, coverage__lte=100),
                name="score_snapshot_coverage_is_percent",
            ),
        ]
        indexes = [models.Index(fields=["organization", "day"], name="score_snapshot_by_day")]

    def __str__(self) -> str:
        return f"{self.scope_name} {self.row} on {self.day:%Y-%m-%d}"
