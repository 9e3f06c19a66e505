import uuid
from typing import Any

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
from accounts.roles import Permission
from findings.checks.base import built_in
from findings.models import DeclaredTool
from findings.selectors.declared_tools import tool_lines, tools_seen
from findings.selectors.scopes import organizations_permitted
from findings.services.declared_tools import ToolIsOver
from findings.services.declared_tools import tool_declare as declare
from findings.services.declared_tools import tool_end as end
from portal.people import person_of
from portal.web.forms import saved
from portal.web.placed_form import PlacedForm


class ToolForm(PlacedForm):
    permission = Permission.ADMINISTER

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

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, user=user, **fields)
        self.fields["starts_on"].required = False
        self.fields["starts_on"].help_text = _("Empty: today.")


@require_safe
def tool_list(request: HttpRequest) -> HttpResponse:
    return _list(request, ToolForm(user=person_of(request)))


@require_POST
def tool_declare(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    form = ToolForm(request.POST, user=user)
    if not organizations_permitted(user, Permission.ADMINISTER).exists():
        raise Denied(_("Tools are declared by administrators."))
    if form.is_valid() and _save(form, user):
        messages.success(request, _("The tool is declared; what it stands in for is judged anew."))
        return redirect("tool-list")
    return _list(request, form, status=422)


def _save(form: ToolForm, user: User) -> bool:
    return saved(form, lambda: declare(actor=user, tool=form.instance, now=timezone.now()))


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
