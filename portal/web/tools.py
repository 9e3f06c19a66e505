import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Denied
from accounts.models import Account, Team
from findings.checks.base import built_in
from findings.models import DeclaredTool
from findings.selectors.declared_tools import (
    organizations_declared_in,
    people_of,
    tool_lines,
    tools_seen,
    units_declared_in,
)
from findings.services.declared_tools import ToolIsOver
from findings.services.declared_tools import tool_declare as declare
from findings.services.declared_tools import tool_end as end
from portal.people import person_of


class ToolForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    account = forms.CharField(
        label=gettext_lazy("Account id"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Without OU and account it counts in the whole organization."),
    )

    class Meta:
        model = DeclaredTool
        fields = (
            "organization",
            "kind",
            "name",
            "ou",
            "account",
            "owner_team",
            "owner",
            "reason",
            "starts_on",
            "ends_on",
        )
        labels = {
            "owner_team": gettext_lazy("Owner: a team"),
            "owner": gettext_lazy("or a person"),
        }
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3}),
            "starts_on": forms.DateInput(attrs={"type": "date"}),
            "ends_on": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *arguments: object, user: User, **fields: object) -> None:
        super().__init__(*arguments, **fields)  # type: ignore[arg-type]
        organizations = organizations_declared_in(user)
        self._offer("organization", organizations)
        self._offer("ou", units_declared_in(user))
        self._offer("owner_team", Team.objects.filter(organization__in=organizations))
        self._offer("owner", people_of(organizations, timezone.now()))
        self.fields["organization"].empty_label = None  # type: ignore[attr-defined]
        self.fields["starts_on"].required = False
        self.fields["starts_on"].help_text = _("Empty: today.")

    def _offer(self, name: str, rows: object) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_account(self) -> Account | None:
        wanted = self.cleaned_data["account"]
        if not wanted:
            return None
        organization = self.cleaned_data.get("organization")
        found = Account.objects.filter(organization=organization, account_id=wanted).first()
        if found is None:
            raise ValidationError(_("The organization has no account of this id."))
        return found


@require_safe
def tool_list(request: HttpRequest) -> HttpResponse:
    return _list(request, ToolForm(user=person_of(request)))


@require_POST
def tool_declare(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    form = ToolForm(request.POST, user=user)
    if not organizations_declared_in(user).exists():
        raise Denied(_("Tools are declared by administrators."))
    if form.is_valid() and _save(form, user):
        messages.success(request, _("The tool is declared; what it stands in for is judged anew."))
        return redirect("tool-list")
    return _list(request, form, status=422)


def _save(form: ToolForm, user: User) -> bool:
    """Save what the form says, or have it show why not."""
    try:
        declare(actor=user, tool=form.instance, now=timezone.now())
    except Denied as denied:
        form.add_error(None, str(denied))
    except ValidationError as error:
        form.add_error(None, error)
    return not form.errors


@require_POST
def tool_end(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    tool = get_object_or_404(tools_seen(person_of(request)), uid=uid)
    try:
        end(actor=person_of(request), tool=tool, now=timezone.now())
    except ToolIsOver as over:
        messages.warning(request, str(over))
    else:
        messages.success(request, _("The tool is ended; its checks apply again."))
    return redirect("tool-list")


def _list(request: HttpRequest, form: ToolForm, status: int = 200) -> HttpResponse:
    context = {
        "lines": tool_lines(person_of(request), built_in(), timezone.now()),
        "form": form,
        "may_declare": form.fields["organization"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "tools/list.html", context, status=status)
