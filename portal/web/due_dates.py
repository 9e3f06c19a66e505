import uuid
from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Denied, Permission, reach_of
from accounts.models import Organization
from findings.catalogue.pillar import Severity
from findings.models import SlaRule
from findings.selectors.scopes import organizations_administered
from findings.services import due_dates as services
from findings.ticketing.sla import DEFAULT
from portal.people import person_of
from portal.web.forms import errors_add


class SlaRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """Sets the days of a severity in an environment, whether it has a rule or not."""

    class Meta:
        model = SlaRule
        fields = ("organization", "severity", "environment", "days")

    def __init__(self, posted: object = None, *, user: User) -> None:
        super().__init__(posted)  # type: ignore[arg-type]  # passed on as it is
        organization = self.fields["organization"]
        organization.queryset = organizations_administered(user)  # type: ignore[attr-defined]
        organization.empty_label = None  # type: ignore[attr-defined]
        order = [(severity.value, severity.value.title()) for severity in Severity]
        self.fields["severity"].choices = order  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The rule that is there already is changed; the service says what is right."""
        given = dict(self.cleaned_data)
        days = given.pop("days", None)
        if not self.errors:
            self.instance = SlaRule.objects.filter(**given).first() or SlaRule(**given)
            self.instance.days = days


@require_safe
def sla_rule_list(request: HttpRequest) -> HttpResponse:
    return _list(request, SlaRuleForm(user=person_of(request)))


@require_POST
def sla_rule_set(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    if not organizations_administered(user).exists():
        raise Denied(_("Due dates are set by administrators of an organization."))
    form = SlaRuleForm(request.POST, user=user)
    if form.is_valid() and _save(form, user):
        messages.success(request, _("The due dates are set; live tickets take them over soon."))
        return redirect("sla-rule-list")
    return _list(request, form, status=422)


def _save(form: SlaRuleForm, user: User) -> bool:
    """Save what the form says, or have it show why not."""
    try:
        services.sla_rule_save(actor=user, rule=form.instance, now=timezone.now())
    except ValidationError as error:
        errors_add(form, error)
    return not form.errors


@require_POST
def sla_rule_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = person_of(request)
    seen = SlaRule.objects.visible_to(user).select_related("organization")
    services.sla_rule_delete(actor=user, rule=get_object_or_404(seen, uid=uid), now=timezone.now())
    messages.success(request, _("The rule is deleted."))
    return redirect("sla-rule-list")


def _list(request: HttpRequest, form: SlaRuleForm, status: int = 200) -> HttpResponse:
    user = person_of(request)
    organizations = Organization.objects.visible_to(user).order_by("name", "pk")
    rules = list(SlaRule.objects.visible_to(user).order_by("environment"))
    reach = reach_of(user, Permission.ADMINISTER)
    groups = [
        (
            one,
            _lines([rule for rule in rules if rule.organization_id == one.pk]),
            reach.covers_organization(one),
        )
        for one in organizations
    ]
    context = {
        "groups": groups,
        "form": form,
        "may_set": form.fields["organization"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "due_dates/list.html", context, status=status)


def _lines(rules: Sequence[SlaRule]) -> list[tuple[str, int | None, list[SlaRule]]]:
    """For each severity the days that Cairn has for it, and the rules; that for all comes first."""
    return [
        (severity.value, DEFAULT[severity], [r for r in rules if r.severity == severity.value])
        for severity in Severity
    ]
