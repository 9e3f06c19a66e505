from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Organization, OrganizationalUnit
from accounts.models.base import Identified, require_same_organization
from accounts.models.reach import NOTHING, reach_of
from accounts.roles import Permission
from findings.models.finding import Episode, Finding

if TYPE_CHECKING:
    from typing import Self


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of accounts and OUs that the person sees, and those of the whole organization."""
        of_account = Q(account__in=Account.objects.visible_to(user))
        of_ou = Q(ou__in=OrganizationalUnit.objects.visible_to(user))
        of_all = Q(ou=None, account=None, organization__in=Organization.objects.visible_to(user))
        return self.filter(of_account | of_ou | of_all)

    def decidable_by(self, user: User | AnonymousUser) -> Self:
        """Those on all of whose scope the person may approve."""
        reach = reach_of(user, Permission.APPROVE)
        if reach == NOTHING:
            return self.none()
        of_account = Q(account__in=Account.objects.visible_to(user, Permission.APPROVE))
        of_ou = Q(ou__in=OrganizationalUnit.objects.filter(reach.on_units()))
        of_all = Q(ou=None, account=None) & reach.on_whole_organizations("organization")
        return self.filter(of_account | of_ou | of_all)

    def asked(self, now: datetime) -> Self:
        """Those that wait for a decision."""
        return self.filter(is_approved=None, revoked_at=None, ends_at__gt=now)

    def standing(self, now: datetime) -> Self:
        """Those that were approved and cover something now, or will."""
        return self.filter(is_approved=True, revoked_at=None, tripped_at=None, ends_at__gt=now)

    def active(self, now: datetime) -> Self:
        return self.standing(now).filter(starts_at__lte=now)

    def in_state(self, state: Suppression.State, now: datetime) -> Self:
        """The same as ``state`` says of a row."""
        of = Suppression.State
        undecided = {"is_approved": None, "revoked_at": None}
        not_tripped = {"revoked_at": None, "tripped_at": None}
        match state:
            case of.ASKED:
                return self.asked(now)
            case of.APPROVED:
                return self.standing(now).filter(starts_at__gt=now)
            case of.ACTIVE:
                return self.active(now)
            case of.REFUSED:
                return self.filter(is_approved=False)
            case of.REVOKED:
                return self.filter(revoked_at__isnull=False)
            case of.TRIPPED:
                return self.filter(tripped_at__isnull=False, revoked_at=None)
            case of.EXPIRED:
                over = Q(**undecided) | Q(is_approved=True, **not_tripped)
                return self.filter(over, ends_at__lte=now)


class Suppression(Identified):
    """A decision that failures are an accepted risk or false positives: who, why, until when.

    Its selector is what is set of check, OU, account, tag, region, resource; or one finding. It
    never changes a finding: what is suppressed is derived, see :class:`SuppressedFinding`. Its
    state follows from its instants, so that it ends by itself.
    """

    class Kind(models.TextChoices):
        ACCEPTED_RISK = "accepted_risk"
        FALSE_POSITIVE = "false_positive"

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved", "Approved, not begun"
        ACTIVE = "active"
        EXPIRED = "expired"
        REFUSED = "refused"
        REVOKED = "revoked"
        TRIPPED = "tripped"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="suppressions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    episode = models.ForeignKey(
        Episode,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The one that an accepted risk of one finding covers.",
    )
    check_id = models.CharField("check", max_length=128, blank=True)
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name="OU",
        help_text="With everything below it.",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="suppressions"
    )
    tag_key = models.CharField(
        "tag", max_length=128, blank=True, help_text="Key of a tag of the account."
    )
    tag_value = models.CharField(
        "value of the tag", max_length=256, blank=True, help_text="Empty: any value."
    )
    region = models.CharField(max_length=32, blank=True)
    resource = models.CharField(
        max_length=2048, blank=True, help_text="Its key; a * at the end stands for any rest."
    )
    reason = models.TextField(help_text="Why this failure is accepted, or is none.")
    origin = models.CharField(
        max_length=256, blank=True, help_text="Where a request comes from that no person made."
    )
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    maximum = models.PositiveIntegerField(
        "most findings",
        null=True,
        blank=True,
        help_text="When more match, it covers nothing more and is asked for again.",
    )
    compensating_check = models.CharField(
        max_length=128,
        blank=True,
        help_text="A check that must not fail in the accounts of what is covered.",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    is_approved = models.BooleanField(null=True, blank=True, help_text="Empty: not decided.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    tripped_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the compensating check is not known."
    )
    renews = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewed_by",
        help_text="The one that tripped and is asked for again by this.",
    )

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ou=None) | Q(account=None),
                name="suppression_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or an account, not both.",
            ),
            models.CheckConstraint(
                condition=~Q(
                    finding=None,
                    check_id="",
                    ou=None,
                    account=None,
                    tag_key="",
                    region="",
                    resource="",
                ),
                name="suppression_selects_something",
                violation_error_message="Say what it is for: it would cover every finding.",
            ),
            models.CheckConstraint(
                condition=Q(finding=None) | Q(account__isnull=False),
                name="suppression_of_finding_has_its_account",
            ),
            models.CheckConstraint(
                condition=Q(finding=None, episode=None)
                | Q(finding__isnull=False, kind="false_positive", episode=None)
                | Q(finding__isnull=False, kind="accepted_risk", episode__isnull=False),
                name="suppression_accepts_one_episode",
            ),
            models.CheckConstraint(
                condition=Q(finding__isnull=False, maximum=None)
                | Q(finding=None, maximum__isnull=False, maximum__gte=1),
                name="suppression_of_selector_has_a_maximum",
                violation_error_message="Say how many findings it may cover at most.",
            ),
            models.CheckConstraint(
                condition=Q(tag_value="") | ~Q(tag_key=""),
                name="suppression_value_has_its_tag",
                violation_error_message="Name the tag of this value.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="suppression_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="suppression_ends_after_it_starts",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(is_approved=None, decided_at=None, decided_by=None)
                | Q(is_approved__isnull=False, decided_at__isnull=False),
                name="suppression_decided_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="suppression_revoked_by_only_when_revoked",
            ),
            models.CheckConstraint(
                condition=Q(tripped_at=None) | Q(is_approved=True),
                name="suppression_trips_only_when_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ends_at"], name="suppression_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.selector_name}"[:200]

    def clean(self) -> None:
        require_same_organization(self, ("finding", "ou", "account"))
        if "*" in self.resource[:-1] or self.resource == "*":
            raise ValidationError({"resource": "A * may only stand at the end of a name."})

    @property
    def target(self) -> Account | OrganizationalUnit | Organization:
        """On all of this a person needs the permission to ask and to decide."""
        return self.account or self.ou or self.organization

    @property
    def selector_name(self) -> str:
        """What it selects, in words: ``check in OU Prod, eu-west-1``."""
        tag = f"tag {self.tag_key}" + (f"={self.tag_value}" if self.tag_value else "")
        narrower = [self.resource, tag if self.tag_key else "", self.region]
        told = ", ".join(text for text in (str(self.target), *narrower) if text)
        return f"{self.check_id or 'every check'} in {told}"

    @property
    def is_of_one_finding(self) -> bool:
        return self.finding_id is not None

    @property
    def is_decided_by_its_asker(self) -> bool:
        """Approved by the person who asked, because nobody else could."""
        return bool(self.is_approved) and self.decided_by_id == self.asked_by_id is not None

    def end_for(self, severity: str, days: Mapping[str, int]) -> datetime:
        """Until when it may cover failures of a severity; ``days`` as SUPPRESSION_DAYS."""
        return min(self.ends_at, self.starts_at + timedelta(days=days[severity]))

    def state(self, now: datetime) -> Suppression.State:
        if self.is_approved is False:
            return self.State.REFUSED
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.tripped_at is not None:
            return self.State.TRIPPED
        if now >= self.ends_at:
            return self.State.EXPIRED
        if self.is_approved is None:
            return self.State.ASKED
        return self.State.ACTIVE if now >= self.starts_at else self.State.APPROVED
