"""Forms that several pages share."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounts.access import Denied, Permission, reach_of
from accounts.models import Organization, OrganizationalUnit
from findings.catalogue.pillar import Row
from findings.planning import Selection, SelectionError

PARTS = ("ous", "accounts", "regions", "rows")


def errors_add(form: forms.BaseForm, error: ValidationError) -> None:
    """Have a form show what a service found wrong, each beside its field where it has that.

    ``fields_for`` of a form names those that are called otherwise by the service.
    """
    names: dict[str, str] = getattr(form, "fields_for", {})
    for field, told in getattr(error, "message_dict", {"": error.messages}).items():
        name = names.get(field, field)
        form.add_error(name if name in form.fields else None, told)


def saved(form: forms.BaseForm, save: Callable[[], object]) -> bool:
    """Save what a form says, or have it show why not."""
    try:
        save()
    except Denied as denied:
        form.add_error(None, str(denied))
    except ValidationError as error:
        errors_add(form, error)
    return not form.errors


def organization_chosen(request: HttpRequest, offered: QuerySet[Organization]) -> Organization:
    """The one that ``?organization=`` names, else the first. Raises Denied, 400 or 404."""
    first = offered.order_by("name", "pk").first()
    if first is None:
        raise Denied(_("You may not do this in any organization. Ask an administrator."))
    wanted = request.GET.get("organization")
    if not wanted:
        return first
    try:
        return get_object_or_404(offered, uid=uuid.UUID(wanted))
    except ValueError:
        raise BadRequest(_("This names no organization.")) from None


class Checkboxes(forms.CheckboxSelectMultiple):
    """Each choice is drawn by ``_choices.html``."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": "form-check-input"})


class SelectionForm(forms.Form):
    """What a scan is limited to; everything left empty is no limit.

    ``selection`` of the cleaned values is the :class:`Selection`.
    """

    ous = forms.MultipleChoiceField(label=_("OUs"), required=False, widget=Checkboxes)
    accounts = forms.CharField(
        label=_("Account ids"), required=False, help_text=_("Separated by spaces or commas.")
    )
    regions = forms.CharField(
        label=_("Regions"), required=False, help_text=_("Names such as eu-west-1 us-east-1.")
    )
    rows = forms.MultipleChoiceField(
        label=_("Rows"),
        required=False,
        choices=[(row.value, f"{row.value} {row.label}") for row in Row],
        widget=Checkboxes,
    )

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        chosen = self.initial.get("ous", ())
        self.fields["ous"].choices = _units(user, chosen)  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, selection: dict[str, list[str]], *, user: User) -> "SelectionForm":
        """The form filled in with a stored selection."""
        return cls(initial=initial_of(selection), user=user)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        parts = {
            "ous": given.get("ous", []),
            "accounts": names_in(given.get("accounts", "")),
            "regions": names_in(given.get("regions", "")),
            "rows": given.get("rows", []),
        }
        for name, values in parts.items():
            try:
                Selection.parse({name: values})
            except SelectionError as error:
                self.add_error(name, str(error))
        if not self.errors:
            given["selection"] = Selection.parse(parts)
        return given


def initial_of(selection: dict[str, list[str]]) -> dict[str, Any]:
    """A stored selection as the form shows it."""
    texts = {name: " ".join(selection.get(name, [])) for name in ("accounts", "regions")}
    return {**texts, **{name: selection.get(name, []) for name in ("ous", "rows")}}


def names_in(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _units(user: User, chosen: Iterable[str]) -> list[tuple[str, str]]:
    """OUs that the person may scan, by path, and those that are chosen already."""
    units = OrganizationalUnit.objects.present()
    permitted = units.filter(reach_of(user, Permission.CONTRIBUTE).on_units())
    paths = dict.fromkeys(permitted.order_by("path").values_list("path", flat=True))
    return [(path, path) for path in (*paths, *(path for path in chosen if path not in paths))]
