from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q

from accounts.models.base import Identified
from accounts.models.organization import Organization, OrganizationalUnit
from accounts.models.reach import reach_of
from accounts.roles import Permission
from accounts.states import AccountEventKind, AccountState, RoleHealth
from accounts.validators import ACCOUNT_ID_PATTERN, validate_account_id, validate_tags

if TYPE_CHECKING:
    from typing import Self


class AccountQuerySet(models.QuerySet["Account"]):
    def active(self) -> Self:
        return self.filter(state=AccountState.ACTIVE)

    def members(self) -> Self:
        """In the organization now, whatever their state."""
        return self.exclude(state=AccountState.LEFT)

    def scannable(self) -> Self:
        return self.active().filter(excluded=False)

    def within(self, ou: OrganizationalUnit) -> Self:
        """Accounts in the OU or anywhere below it."""
        return self.filter(ou__lineage__startswith=ou.lineage)

    def visible_to(
        self, user: User | AnonymousUser, permission: Permission = Permission.VIEW
    ) -> Self:
        """Accounts on which the person has the permission."""
        return self.filter(reach_of(user, permission).on_accounts())


class AccountSource(models.TextChoices):
    ORGANIZATIONS = "organizations", "AWS Organizations"
    IMPORT = "import", "Import"


class Account(Identified):
    """An AWS account in an organization. It is never deleted: when it leaves, its state is LEFT.

    The same AWS account in two organizations is two rows: history is not shown across.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="accounts")
    account_id = models.CharField("account id", max_length=12, validators=[validate_account_id])
    name = models.CharField(max_length=128)
    email = models.CharField(max_length=254, blank=True, help_text="Personal: shown by permission.")
    state = models.CharField(
        max_length=20,
        choices=[(state.value, state.label) for state in AccountState],
        default=AccountState.ACTIVE,
    )
    source = models.CharField(
        max_length=16, choices=AccountSource.choices, default=AccountSource.ORGANIZATIONS
    )
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="OU",
        help_text="Empty: at the root.",
    )
    tags = models.JSONField(
        null=True,
        blank=True,
        validators=[validate_tags],
        help_text="Null: not collected, which is not the same as no tags.",
    )
    environment = models.CharField(max_length=64, blank=True)
    owner_team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="owned_accounts"
    )
    excluded = models.BooleanField(default=False, help_text="Excluded accounts are not scanned.")
    excluded_reason = models.TextField(blank=True)
    role_health = models.CharField(
        max_length=20,
        choices=[(health.value, health.label) for health in RoleHealth],
        default=RoleHealth.UNTESTED,
    )
    role_health_message = models.TextField(blank=True)
    role_tested_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "account_id"]
        indexes = [
            models.Index(fields=["organization", "state"], name="account_organization_state")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "account_id"], name="account_unique_in_organization"
            ),
            models.CheckConstraint(
                condition=Q(account_id__regex=ACCOUNT_ID_PATTERN),
                name="account_id_is_12_digits",
                violation_error_message=str(validate_account_id.message),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AccountState]),
                name="account_state_known",
            ),
            models.CheckConstraint(
                condition=Q(role_health__in=[health.value for health in RoleHealth]),
                name="account_role_health_known",
            ),
            models.CheckConstraint(
                condition=Q(state=AccountState.LEFT.value, left_at__isnull=False)
                | (~Q(state=AccountState.LEFT.value) & Q(left_at=None)),
                name="account_left_at_exactly_when_left",
            ),
            models.CheckConstraint(
                condition=Q(excluded=False, excluded_reason="")
                | (Q(excluded=True) & ~Q(excluded_reason="")),
                name="account_excluded_exactly_with_a_reason",
                violation_error_message="Give a reason exactly when the account is excluded.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def ou_path(self) -> str:
        """Names from the top, "Workloads/Prod"; "" at the root."""
        return self.ou.path if self.ou else ""

    @property
    def is_management(self) -> bool:
        return self.account_id == self.organization.management_account_id


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class Membership(models.Model):
    """From when to when an account was in an OU of its organization; the open one has no end."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships")
    ou = models.ForeignKey(
        OrganizationalUnit, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(ended_at=None),
                name="membership_one_open_for_an_account",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="membership_does_not_end_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} in {self.ou or 'the root'} from {self.started_at:%Y-%m-%d}"


class AccountEventQuerySet(models.QuerySet["AccountEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class AccountEvent(models.Model):
    """Something that happened to an account; rows are only added, and read in order of their id."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="events")
    kind = models.CharField(
        max_length=24, choices=[(kind.value, kind.label) for kind in AccountEventKind]
    )
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["account", "id"], name="account_event_by_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in AccountEventKind]),
                name="account_event_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_kind_display()}"
