from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Organization, OrganizationalUnit, Team
from accounts.models.base import Identified, require_same_organization
from findings.catalogue.best_practices import best_practices
from findings.half_life import weight_at

if TYPE_CHECKING:
    from typing import Self

LONGEST = timedelta(days=366)
"""From start to end; a practice that is kept up is attested again."""
HALF_LIFE_DAYS = 90


class AttestationQuerySet(models.QuerySet["Attestation"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of accounts and OUs that the person sees, and those of the whole organization."""
        of_account = Q(account__in=Account.objects.visible_to(user))
        of_ou = Q(ou__in=OrganizationalUnit.objects.visible_to(user))
        of_all = Q(ou=None, account=None, organization__in=Organization.objects.visible_to(user))
        return self.filter(of_account | of_ou | of_all)

    def not_over(self, now: datetime) -> Self:
        """Those that count now, or will."""
        return self.filter(withdrawn_at=None, ends_at__gt=now)


class Attestation(Identified):
    """What a person states about a best practice that no API shows, with an owner and an end.

    It holds in an organization, an OU with all below it, or an account. It counts fully at its
    start, half after its half-life, and no more from its end on or once it is withdrawn. Rows are
    never changed otherwise, and never deleted. A document is linked to: files are not stored.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        ACTIVE = "active"
        LAPSED = "lapsed"
        WITHDRAWN = "withdrawn"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="attestations")
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attestations",
        verbose_name="OU",
        help_text="With everything below it.",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="attestations"
    )
    best_practice = models.CharField(max_length=16, help_text="Its id, such as OPS08-BP02.")
    statement = models.TextField(help_text="What is done, by whom, and how often.")
    link = models.CharField(
        max_length=2000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where it can be read: minutes, a page, a document.",
    )
    owner_team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="attestations"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end", help_text="At most a year after the start.")
    half_life_days = models.PositiveIntegerField(
        "half-life",
        default=HALF_LIFE_DAYS,
        help_text="Days after which it counts half as much.",
    )
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attested_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AttestationQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "best_practice", "-ends_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ou=None) | Q(account=None),
                name="attestation_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or an account, not both.",
            ),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(owner_team=None),
                name="attestation_has_at_most_one_owner",
                violation_error_message="Give it to a team or to a person, not to both.",
            ),
            models.CheckConstraint(
                condition=~Q(best_practice="") & ~Q(statement=""),
                name="attestation_has_a_practice_and_a_statement",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="attestation_ends_after_it_starts",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(half_life_days__gte=1),
                name="attestation_half_life_at_least_a_day",
                violation_error_message="A half-life is at least a day.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(withdrawn_at__isnull=False),
                name="attestation_withdrawn_by_only_when_withdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ends_at"], name="attestation_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.best_practice} for {self.scope_name}"

    def clean(self) -> None:
        require_same_organization(self, ("ou", "account", "owner_team"))
        if self.best_practice and self.best_practice not in best_practices():
            raise ValidationError({"best_practice": "The pillar has no such best practice."})
        if self.owner is None and self.owner_team is None:
            raise ValidationError("Name a team or a person who answers for it.")
        if self.starts_at and self.ends_at and self.ends_at - self.starts_at > LONGEST:
            raise ValidationError({"ends_at": "At most a year after the start."})

    @property
    def target(self) -> Account | OrganizationalUnit | Organization:
        return self.account or self.ou or self.organization

    @property
    def scope_name(self) -> str:
        return str(self.target)

    def state(self, now: datetime) -> Attestation.State:
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        if now >= self.ends_at:
            return self.State.LAPSED
        return self.State.ACTIVE if now >= self.starts_at else self.State.PLANNED

    def weight(self, now: datetime) -> float:
        """How much it counts, between 0 and 1."""
        return weight_at(
            now,
            starts_at=self.starts_at,
            ends_at=min(self.ends_at, self.withdrawn_at or self.ends_at),
            half_life=timedelta(days=self.half_life_days),
        )
