from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.environments import default_environment_rules
from accounts.models.base import Identified
from accounts.models.reach import reach_of
from accounts.validators import (
    ACCOUNT_ID_PATTERN,
    region_belongs_to,
    validate_account_id,
    validate_environment_rules,
    validate_external_id,
    validate_region,
    validate_regions,
    validate_role_name,
    validate_session_name,
    validate_session_tags,
    validate_time_zone,
)

if TYPE_CHECKING:
    from typing import Self


class Partition(models.TextChoices):
    """Groups of AWS regions that share nothing, the first part of every ARN."""

    AWS = "aws", "AWS"
    CHINA = "aws-cn", "AWS China"
    GOVCLOUD = "aws-us-gov", "AWS GovCloud (US)"
    EUROPE = "aws-eusc", "AWS European Sovereign Cloud"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Organizations in which the person may see at least something."""
        return self.filter(reach_of(user).on_organizations())


class Organization(Identified):
    """One AWS Organization, or a set of accounts without one, and how its accounts are entered."""

    name = models.CharField(max_length=128)
    partition = models.CharField(
        max_length=16, choices=Partition.choices, default=Partition.AWS, db_default=Partition.AWS
    )
    aws_organization_id = models.CharField(
        "AWS organization id", max_length=34, blank=True, help_text="Filled in by the first sync."
    )
    management_account_id = models.CharField(
        max_length=12,
        blank=True,
        validators=[validate_account_id],
        help_text="Empty: the accounts are imported, there is no AWS Organization to read.",
    )
    role_name = models.CharField(
        max_length=576, default="CairnScanner", validators=[validate_role_name]
    )
    external_id = models.CharField(
        "external ID", max_length=1224, blank=True, validators=[validate_external_id]
    )
    session_name = models.CharField(
        max_length=64, default="cairn", validators=[validate_session_name]
    )
    session_tags = models.JSONField(default=dict, blank=True, validators=[validate_session_tags])
    home_region = models.CharField(max_length=32, default="us-east-1", validators=[validate_region])
    regions = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_regions],
        help_text="Empty: every region enabled in an account.",
    )
    time_zone = models.CharField(
        max_length=64, default="UTC", db_default="UTC", validators=[validate_time_zone]
    )
    environment_rules = models.JSONField(
        default=default_environment_rules,
        blank=True,
        validators=[validate_environment_rules],
        help_text="In order, the first that matches decides: tag (with values) or ou.",
    )
    last_synced_at = models.DateTimeField(null=True, blank=True)
    last_sync_error = models.TextField(blank=True)
    last_sync_failed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="organization_name_unique"),
            models.UniqueConstraint(
                fields=["partition", "management_account_id"],
                condition=~Q(management_account_id=""),
                name="organization_management_account_unique",
                violation_error_message="Another organization has this management account.",
            ),
            models.CheckConstraint(
                condition=Q(management_account_id="")
                | Q(management_account_id__regex=ACCOUNT_ID_PATTERN),
                name="organization_management_account_id_is_12_digits",
                violation_error_message=str(validate_account_id.message),
            ),
            models.CheckConstraint(
                condition=Q(partition__in=Partition.values), name="organization_partition_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Regions belong to one partition each, and sharing them would fail at the first call."""
        chosen = self.regions if isinstance(self.regions, list) else []
        for field, regions in (("home_region", [self.home_region]), ("regions", chosen)):
            foreign = [r for r in regions if not region_belongs_to(self.partition, str(r))]
            if foreign:
                raise ValidationError(
                    {field: f"{', '.join(foreign)}: not in the partition {self.partition}."}
                )

    @property
    def scans_all_regions(self) -> bool:
        """No list of regions was chosen: every region enabled in an account is scanned."""
        return not self.regions


class OrganizationalUnitQuerySet(models.QuerySet["OrganizationalUnit"]):
    def present(self) -> Self:
        return self.filter(removed_at=None)

    def within(self, unit: OrganizationalUnit) -> Self:
        """The unit and everything below it."""
        return self.filter(lineage__startswith=unit.lineage)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Units inside a grant, and those that hold an account that is granted without its unit."""
        reach = reach_of(user)
        granted = Q(accounts__owner_team__in=reach.owner_teams) | Q(accounts__in=reach.accounts)
        holding = OrganizationalUnit.objects.filter(granted)
        return self.filter(reach.on_units() | Q(pk__in=holding.values("pk")))


class OrganizationalUnit(Identified):
    """An OU. The organization's root has no row: an account there has no OU and the path "".

    ``path`` holds the names ("Workloads/Prod") and is for people and for selectors. A name may hold
    a slash itself, so access is decided by ``lineage``, the ids from the top ("3/17/").
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="units")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    aws_id = models.CharField(
        "AWS id", max_length=68, blank=True, help_text="Empty for an imported OU."
    )
    name = models.CharField(max_length=128)
    path = models.CharField(max_length=1000)
    lineage = models.CharField(max_length=255, db_index=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OrganizationalUnitQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "path"]
        verbose_name = "organizational unit"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "aws_id"],
                condition=~Q(aws_id=""),
                name="unit_aws_id_unique_in_organization",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="unit_has_a_name"),
            # Every lineage begins with an empty one: a grant on it would reach everything.
            models.CheckConstraint(condition=~Q(lineage=""), name="unit_has_a_lineage"),
        ]

    def __str__(self) -> str:
        return self.path
