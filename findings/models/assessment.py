from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from accounts.models import Account, Organization, OrganizationalUnit
from accounts.models.base import Identified
from findings.models.evidence import CheckSet

if TYPE_CHECKING:
    from typing import Self


class Evaluation(models.Model):
    """The last evaluation of a stage at a place: what it depended on, and until when it holds."""

    class Stage(models.TextChoices):
        REGION = "region"
        ACCOUNT = "account"
        ORGANIZATION = "organization"

    account = models.ForeignKey(Account, models.CASCADE, related_name="evaluations")
    region = models.CharField(max_length=32)
    stage = models.CharField(max_length=16, choices=Stage.choices)
    key = models.CharField(
        max_length=64, help_text="Digest of evidence, parameters, check versions and account."
    )
    context = models.CharField(max_length=64, help_text="Digest of the account's context alone.")
    check_set = models.ForeignKey(CheckSet, models.PROTECT, related_name="evaluations")
    not_yet_known = models.JSONField(
        default=list, blank=True, help_text="Checks that have never had complete facts here."
    )
    evaluated_at = models.DateTimeField()
    valid_until = models.DateTimeField(
        null=True, blank=True, help_text="When stable facts give another outcome at the earliest."
    )
    volatile_until = models.DateTimeField(
        null=True, blank=True, help_text="The same for checks that read volatile fields."
    )

    class Meta:
        ordering = ["account_id", "region", "stage"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "stage"], name="evaluation_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], name="evaluation_valid_until"),
            models.Index(fields=["volatile_until"], name="evaluation_volatile_until"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.region}, {self.get_stage_display()} checks"


class CheckStatusQuerySet(models.QuerySet["CheckStatus"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class CheckStatus(models.Model):
    """How the results of one check count in one region of an account; no row, nothing to judge."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="check_statuses")
    region = models.CharField(max_length=32)
    check_id = models.CharField(max_length=128)
    row = models.CharField(max_length=2)
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)
    gaps = models.JSONField(default=list, blank=True, help_text="Why results are unknown.")
    changed_at = models.DateTimeField()

    objects = CheckStatusQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "region", "check_id"]
        verbose_name_plural = "check statuses"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "check_id"], name="check_status_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["check_id", "account"], name="check_status_check"),
            models.Index(fields=["row", "account"], name="check_status_row"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} in {self.account} {self.region}"


class ParameterOverrideQuerySet(models.QuerySet["ParameterOverride"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of accounts and OUs that the person sees, and those of the whole organization."""
        of_account = Q(account__in=Account.objects.visible_to(user))
        of_ou = Q(ou__in=OrganizationalUnit.objects.visible_to(user))
        of_all = Q(ou=None, account=None, organization__in=Organization.objects.visible_to(user))
        return self.filter(of_account | of_ou | of_all)


class ParameterOverride(Identified):
    """A value of a check's parameter for an organization, an OU with all below, or an account.

    The nearest to an account wins: its own, then its OU's, those above, the organization's. Without
    a check it is a rule for all that have the parameter, such as what counts as production; in the
    same scope the value for one check goes before it.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="overrides")
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        verbose_name="OU",
    )
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    check_id = models.CharField(
        "check",
        max_length=128,
        blank=True,
        help_text="Empty: every check; for parameters that mean the same in all of them.",
    )
    parameter = models.CharField(max_length=64)
    value = models.JSONField()
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()

    objects = ParameterOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "check_id", "parameter"]
        verbose_name = "parameter override"
        constraints = [
            models.CheckConstraint(
                condition=Q(ou=None) | Q(account=None),
                name="override_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or an account, not both.",
            ),
            models.UniqueConstraint(
                F("organization"),
                Coalesce(F("ou"), Value(0)),
                Coalesce(F("account"), Value(0)),
                F("check_id"),
                F("parameter"),
                name="override_unique_in_scope",
                violation_error_message="This parameter has a value for this scope already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_id or 'every check'}.{self.parameter} for {self.scope_name}"

    @property
    def scope_name(self) -> str:
        return str(self.account or self.ou or self.organization)
