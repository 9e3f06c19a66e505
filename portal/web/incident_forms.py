"""What people fill in about incidents; services say what is right."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Organization, Team
from accounts.roles import Permission
from findings.catalogue.best_practices import best_practices
from findings.models import (
    ActionItem,
    ContributingFactor,
    Incident,
    IncidentRole,
    Learning,
    TimelineEntry,
)
from findings.models.incident import TIMES
from findings.selectors.scopes import organizations_permitted
from portal.instants import InstantField
from portal.web.forms import names_in

_WORDS = forms.Textarea(attrs={"rows": 3})
_SEPARATED = _("Separated by spaces or commas.")
_CHECKS = _("Ids as in the catalogue, separated by spaces or commas.")


def instant(**fields: Any) -> InstantField:
    """Date and time in UTC, to the second."""
    attrs = {"type": "datetime-local", "step": "1"}
    widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")
    return InstantField(widget=widget, **fields)


def accounts_of(user: User, organization: Organization | None, text: str) -> list[Account]:
    """The accounts of these ids or names; the person has to see each of them."""
    wanted = list(dict.fromkeys(names_in(text)))
    seen = Account.objects.visible_to(user).filter(organization=organization)
    found: defaultdict[str, list[Account]] = defaultdict(list)
    for account in seen.filter(Q(account_id__in=wanted) | Q(name__in=wanted)):
        for name in {account.account_id, account.name}:
            found[name].append(account)
    for name in wanted:
        if len(found[name]) != 1:
            raise ValidationError({"accounts": _not_one(name, len(found[name]))})
    return list(dict.fromkeys(found[name][0] for name in wanted))


def _not_one(name: str, number: int) -> str:
    if number:
        return f"{number} accounts are called {name[:64]!r}: give the id of the one that you mean."
    return f"You see no account {name[:64]!r} there. Give ids of 12 digits, or names as they are."


class IncidentForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    fields_for = {"accounts": "account_ids", "services": "service_names", "checks": "check_ids"}
    account_ids = forms.CharField(
        label=_("Accounts"),
        required=False,
        max_length=8000,
        help_text=_(
            "Ids or names, separated by spaces or commas. Who sees all of them sees the incident."
            " Without any it is of the whole organization."
        ),
    )
    service_names = forms.CharField(
        label=_("Services"), required=False, max_length=4000, help_text=_("Separated by commas.")
    )
    check_ids = forms.CharField(
        label=_("Related checks"),
        required=False,
        max_length=8000,
        help_text=_(
            "Ids as in the catalogue, separated by spaces or commas. Of these the page of the"
            " incident proposes what was known when it began."
        ),
    )
    started_at = instant(label=_("Started (UTC)"))
    detected_at = instant(label=_("Detected (UTC)"), required=False)
    acknowledged_at = instant(label=_("Acknowledged (UTC)"), required=False)
    mitigated_at = instant(label=_("Mitigated (UTC)"), required=False)
    resolved_at = instant(label=_("Resolved (UTC)"), required=False)

    class Meta:
        model = Incident
        fields = (
            "organization",
            "title",
            "severity",
            "summary",
            "users_affected",
            "requests_failed",
            "downtime_minutes",
            *TIMES,
            "external_reference",
            "external_url",
        )
        widgets = {"summary": _WORDS, "external_url": forms.URLInput()}
        labels = {
            "downtime_minutes": _("Minutes down"),
            "external_reference": _("Reference"),
            "external_url": _("Address of the reference"),
        }

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        self.user, incident = user, self.instance
        if incident.pk:
            del self.fields["organization"]
            ids = incident.accounts.values_list("account_id", flat=True)
            self.initial = {
                **self.initial,
                "account_ids": " ".join(ids),
                "service_names": ", ".join(incident.services),
                "check_ids": " ".join(incident.checks),
            }
        else:
            choices = organizations_permitted(user, Permission.CONTRIBUTE)
            self.fields["organization"].queryset = choices  # type: ignore[attr-defined]
            self.fields["organization"].empty_label = None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        organization = given.get("organization") or (
            self.instance.organization if self.instance.pk else None
        )
        self._keep_fractions(given)
        names = given.get("service_names", "").split(",")
        self.instance.services = [name.strip() for name in names if name.strip()]
        self.instance.checks = names_in(given.get("check_ids", ""))
        try:
            text = given.get("account_ids", "")
            given["accounts"] = accounts_of(self.user, organization, text)
        except ValidationError as error:
            self.add_error("account_ids", error.messages)
        return given

    def _keep_fractions(self, given: dict[str, Any]) -> None:
        """An instant that was left as it is shown keeps the fraction of its second."""
        for name in TIMES if self.instance.pk else ():
            stored = getattr(self.instance, name)
            if stored is not None and given.get(name) == stored.replace(microsecond=0):
                given[name] = stored

    def _post_clean(self) -> None:
        """The service says what is right; here the fields only go to the incident."""
        for name in self.cleaned_data:
            if name in self._meta.fields:  # type: ignore[operator]
                setattr(self.instance, name, self.cleaned_data[name])


class TimelineForm(forms.ModelForm):  # type: ignore[type-arg]
    prefix = "timeline"
    at = instant(label=_("When (UTC)"))

    class Meta:
        model = TimelineEntry
        fields = ("at", "text", "is_starred")
        widgets = {"text": _WORDS}
        labels = {"is_starred": _("Publish it with the analysis")}


class FactorForm(forms.ModelForm):  # type: ignore[type-arg]
    prefix = "factor"

    class Meta:
        model = ContributingFactor
        fields = ("kind", "text")
        widgets = {"text": _WORDS}


class LearningForm(forms.ModelForm):  # type: ignore[type-arg]
    prefix = "learning"
    practices = forms.MultipleChoiceField(label=_("Best practices"), required=False)
    services = forms.CharField(label=_("Services"), required=False, max_length=2000)
    tags = forms.CharField(required=False, max_length=2000, help_text=_SEPARATED)
    checks = forms.CharField(required=False, max_length=4000, help_text=_CHECKS)

    class Meta:
        model = Learning
        fields = ("when", "then", "guard")
        widgets = {"when": _WORDS, "then": _WORDS, "guard": _WORDS}

    def __init__(self, *arguments: Any, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        known = [(one.id, f"{one.id} {one.title}") for one in best_practices().values()]
        self.fields["practices"].choices = known  # type: ignore[attr-defined]


class _PartForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of a part of an incident; the service says what is right, once that is known."""

    def _offer(self, name: str, rows: object) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        for name, value in self.cleaned_data.items():
            setattr(self.instance, name, value)


class RoleForm(_PartForm):
    prefix = "role"

    class Meta:
        model = IncidentRole
        fields = ("role", "user")
        labels = {"user": _("Person")}

    def __init__(self, *arguments: Any, people: QuerySet[User], **fields: Any) -> None:
        """``people`` are those who see the incident."""
        super().__init__(*arguments, **fields)
        self._offer("user", people)


class ActionItemChangeForm(_PartForm):
    due_at = instant(label=_("Due (UTC)"))

    class Meta:
        model = ActionItem
        fields = ("title", "text", "owner_team", "owner", "due_at")
        widgets = {"text": _WORDS}
        labels = {"owner_team": _("Owner: a team"), "owner": _("or a person")}

    def __init__(self, *arguments: Any, people: QuerySet[User], **fields: Any) -> None:
        """``people`` are those who see the incident; who has it now may keep it."""
        super().__init__(*arguments, **fields)
        kept = User.objects.filter(pk=self.instance.owner_id)
        self._offer("owner", people | kept)
        teams = Team.objects.filter(organization=self.instance.organization)
        self._offer("owner_team", teams)

    def clean(self) -> dict[str, Any]:
        """An instant that was left as it is shown keeps the fraction of its second."""
        given, due_at = super().clean() or {}, self.instance.due_at
        if given.get("due_at") == due_at.replace(microsecond=0):
            given["due_at"] = due_at
        return given


class ActionItemForm(_PartForm):
    prefix = "action"
    fields_for = {"accounts": "account_ids"}
    account_ids = forms.CharField(
        label=_("Accounts"),
        max_length=8000,
        help_text=_("Where the guard must pass: ids or names, separated by spaces or commas."),
    )
    due_at = instant(
        label=_("Due (UTC)"), required=False, help_text=_("Empty: by the severity of the incident.")
    )

    class Meta:
        model = ActionItem
        fields = ("title", "check_id", "learning", "owner_team", "owner", "needed_passes", "due_at")
        labels = {"owner_team": _("Owner: a team"), "owner": _("or a person")}
        help_texts = {
            "check_id": _("The id of the check, as in the catalogue, that must pass to close it."),
            "needed_passes": _("So many scans after the claim have to see it pass."),
        }

    def __init__(
        self, *arguments: Any, incident: Incident, people: QuerySet[User], **fields: Any
    ) -> None:
        super().__init__(*arguments, **fields)
        organization = incident.organization
        self._offer("learning", incident.learnings.all())
        self._offer("owner_team", Team.objects.filter(organization=organization))
        self._offer("owner", people)
