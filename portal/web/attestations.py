import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Denied
from accounts.days import day_begins, day_ends
from accounts.roles import Permission
from findings.catalogue.best_practices import best_practices
from findings.checks.base import built_in
from findings.models import Attestation
from findings.selectors.attestations import attestations_seen, practices_attested
from findings.selectors.scopes import organizations_permitted
from findings.services.attestations import AttestationIsOver
from findings.services.attestations import attestation_make as make
from findings.services.attestations import attestation_withdraw as withdraw
from portal.people import person_of
from portal.web.forms import saved
from portal.web.placed_form import PlacedForm


class AttestationForm(PlacedForm):
    """Days are those of the organization's time zone: it ends with its last day."""

    permission = Permission.APPROVE

    best_practice = forms.ChoiceField(label=gettext_lazy("Best practice"))
    starts_at = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: now. It counts fully on this day."),
    )
    ends_at = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("At most a year after the first day."),
    )
    field_order = ("organization", "best_practice", "statement", "link", "ou", "account")

    class Meta:
        model = Attestation
        fields = (
            "organization",
            "best_practice",
            "statement",
            "link",
            "ou",
            "account",
            "owner_team",
            "owner",
            "starts_at",
            "ends_at",
            "half_life_days",
        )
        labels = {
            "owner_team": gettext_lazy("Owner: a team"),
            "owner": gettext_lazy("or a person"),
        }
        widgets = {
            "statement": forms.Textarea(attrs={"rows": 3}),
            "link": forms.URLInput(),
        }

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, user=user, **fields)
        practices = best_practices().values()
        chosen = [(found.id, f"{found.id} {found.title}") for found in practices]
        self.fields["best_practice"].choices = chosen  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        organization = given.get("organization")
        zone = ZoneInfo(organization.time_zone if organization else "UTC")
        first, last = given.get("starts_at"), given.get("ends_at")
        given["starts_at"] = day_begins(first, zone) if first else None
        given["ends_at"] = day_ends(last, zone) if last else None
        return given


@require_safe
def attestation_list(request: HttpRequest) -> HttpResponse:
    return _list(request, AttestationForm(user=person_of(request)))


@require_POST
def attestation_make(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    form = AttestationForm(request.POST, user=user)
    if not organizations_permitted(user, Permission.APPROVE).exists():
        raise Denied(_("Attestations are made by approvers."))
    if form.is_valid() and _save(form, user):
        messages.success(request, _("The attestation is made; it lapses by itself at its end."))
        return redirect("attestation-list")
    return _list(request, form, status=422)


def _save(form: AttestationForm, user: User) -> bool:
    return saved(form, lambda: make(actor=user, attestation=form.instance, now=timezone.now()))


@require_POST
def attestation_withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = person_of(request)
    attestation = get_object_or_404(attestations_seen(user), uid=uid)
    try:
        withdraw(actor=user, attestation=attestation, now=timezone.now())
    except AttestationIsOver as over:
        messages.warning(request, str(over))
    else:
        messages.success(request, _("The attestation is withdrawn; it counts no more."))
    return redirect("attestation-list")


def _list(request: HttpRequest, form: AttestationForm, status: int = 200) -> HttpResponse:
    context = {
        "groups": practices_attested(person_of(request), built_in(), timezone.now()),
        "form": form,
        "may_make": form.fields["organization"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "attestations/list.html", context, status=status)
