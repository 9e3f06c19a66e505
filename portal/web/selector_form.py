"""Which findings a route takes or a webhook tells of, as people choose it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Organization, OrganizationalUnit, Team
from findings.catalogue.pillar import Row, Severity
from findings.checks.base import built_in
from findings.ticketing.selector import RouteSelector, RouteSelectorError
from portal.web.forms import Checkboxes, names_in

CHOSEN = ("rows", "severities", "ous", "teams", "environments")


class SelectorForm(forms.Form):
    """Everything left empty is no limit. ``selector`` of the cleaned values is its JSON.

    Offered is what the person sees of the organization, and what is chosen already.
    """

    severities = forms.MultipleChoiceField(
        label=_("Severities"),
        required=False,
        choices=[(severity.value, severity.value.title()) for severity in Severity],
        widget=Checkboxes,
    )
    rows = forms.MultipleChoiceField(
        label=_("Rows"),
        required=False,
        choices=[(row.value, f"{row.value} {row.label}") for row in Row],
        widget=Checkboxes,
    )
    checks = forms.CharField(
        label=_("Checks"),
        required=False,
        max_length=8000,
        help_text=_("Ids as the catalogue has them, separated by spaces or commas."),
    )
    ous = forms.MultipleChoiceField(label=_("OUs"), required=False, widget=Checkboxes)
    teams = forms.MultipleChoiceField(label=_("Teams"), required=False, widget=Checkboxes)
    environments = forms.MultipleChoiceField(
        label=_("Environments"), required=False, widget=Checkboxes
    )

    def __init__(
        self,
        posted: Any = None,
        *,
        selector: Mapping[str, list[str]],
        user: User,
        organization: Organization,
    ) -> None:
        initial: dict[str, Any] = {name: selector.get(name, []) for name in CHOSEN}
        initial["checks"] = " ".join(selector.get("checks", []))
        super().__init__(posted, initial=initial)
        units = OrganizationalUnit.objects.visible_to(user).present()
        accounts = Account.objects.visible_to(user).exclude(environment="")
        offered: dict[str, Any] = {
            "ous": units.order_by("path").values_list("path", flat=True),
            "teams": Team.objects.visible_to(user).values_list("name", flat=True),
            "environments": accounts.order_by("environment").values_list("environment", flat=True),
        }
        for name, rows in offered.items():
            known = rows.filter(organization=organization).distinct()
            self.fields[name].choices = _choices(known, initial[name])  # type: ignore[attr-defined]

    def clean_checks(self) -> list[str]:
        named = list(dict.fromkeys(names_in(self.cleaned_data["checks"])))
        if unknown := [name for name in named if name not in built_in()]:
            told = _("The catalogue has no check %(names)s.") % {"names": ", ".join(unknown)[:200]}
            raise forms.ValidationError(told)
        return named

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                selector = RouteSelector.parse({name: given[name] for name in (*CHOSEN, "checks")})
            except RouteSelectorError as error:
                self.add_error(None, str(error))
            else:
                given["selector"] = selector.to_json()
        return given


def _choices(known: Iterable[str], chosen: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in dict.fromkeys([*known, *chosen])]
