"""The form in which suppressions are asked for, filled in from a finding or a list's filter."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.days import day_begins, day_ends
from accounts.models import OrganizationalUnit
from accounts.roles import Permission
from findings.checks.base import built_in
from findings.models import Finding, Suppression
from findings.selectors.finding_list import FindingFilter
from findings.selectors.scopes import organizations_permitted
from findings.services.suppressions import longest_days
from portal.web.placed_form import PlacedForm

DAY = timedelta(days=1)


def may_ask(user: User) -> bool:
    """Whether the person may ask for a suppression of anything."""
    return organizations_permitted(user, Permission.CONTRIBUTE).exists()


def ask_query(wanted: FindingFilter) -> str:
    """The query of a form that selects what a list is narrowed to; empty where it is to nothing."""
    names = ("check", "account", "ou", "region")
    return urlencode({name: value for name in names if (value := getattr(wanted, name))})


class SuppressionForm(PlacedForm):
    """Days are those of the organization's time zone: it ends with its last day."""

    permission: ClassVar[Permission] = Permission.CONTRIBUTE

    starts_at = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: from its approval on."),
    )
    ends_at = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Each failure is covered for as long as its severity allows."),
    )

    class Meta:
        model = Suppression
        fields = (
            "organization",
            "kind",
            "check_id",
            "ou",
            "account",
            "tag_key",
            "tag_value",
            "region",
            "resource",
            "maximum",
            "reason",
            "starts_at",
            "ends_at",
            "compensating_check",
        )
        labels = {"check_id": gettext_lazy("Check")}
        widgets = {"reason": forms.Textarea(attrs={"rows": 3}), "resource": forms.TextInput()}

    def __init__(self, *arguments: Any, user: User, finding: Finding | None, **fields: Any) -> None:
        super().__init__(*arguments, user=user, **fields)
        self.finding = finding
        if finding is not None:
            for name in ("check_id", "ou", "account", "tag_key", "tag_value", "region"):
                del self.fields[name]
            for name in ("organization", "resource", "maximum"):
                del self.fields[name]
            self.instance.organization = finding.organization
            self.instance.finding = finding

    def _offer(self, name: str, rows: object) -> None:
        if name in self.fields:
            super()._offer(name, rows)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        organization = given.get("organization") or getattr(self.finding, "organization", None)
        zone = ZoneInfo(organization.time_zone if organization else "UTC")
        first, last = given.get("starts_at"), given.get("ends_at")
        given["starts_at"] = day_begins(first, zone) if first else None
        given["ends_at"] = day_ends(last, zone) if last else None
        if last and organization:
            self._end_within_cap(given, organization)
        return given

    def _end_within_cap(self, given: dict[str, Any], organization: Any) -> None:
        """A last day that the longest end cuts is cut: "30 days from now" is not a midnight."""
        check = self.finding.check_id if self.finding else given.get("check_id") or ""
        told = Suppression(organization=organization, finding=self.finding, check_id=check)
        now = timezone.now()
        start = max(given["starts_at"] or now, now)
        over = given["ends_at"] - start - timedelta(days=longest_days(told, built_in()))
        if timedelta() < over < DAY:
            given["ends_at"] -= over

    def _post_clean(self) -> None:
        """The service fills in what follows from the rest, and checks the whole."""
        self._validate_unique = False
        given = self.cleaned_data
        for name in self._meta.fields or ():
            if name in given:
                setattr(self.instance, name, given[name])


def initial_of(query: dict[str, str], user: User) -> dict[str, Any]:
    """What a list's filter fills in."""
    units = OrganizationalUnit.objects.visible_to(user).present()
    unit = units.filter(path=query["ou"]).first() if query.get("ou") else None
    return {
        "check_id": query.get("check", ""),
        "account": query.get("account", ""),
        "region": query.get("region", ""),
        "ou": unit,
        "kind": Suppression.Kind.ACCEPTED_RISK,
    }
