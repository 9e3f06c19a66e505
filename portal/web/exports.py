import uuid
from dataclasses import fields

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Denied
from accounts.models import Organization
from findings.models import Export, ExportFormat, ExportKind
from findings.selectors.finding_list import FindingFilter
from findings.services import exports
from findings.services.exports import ExportRefused
from portal.downloads import download
from portal.people import person_of

PAGE = 50
FILTERS = tuple(field.name for field in fields(FindingFilter))


class ExportForm(forms.Form):
    """What to export; the filter of the findings list comes beside it, in fields of its names."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=gettext_lazy("Organization"), empty_label=None
    )
    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=ExportKind.choices)
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=ExportFormat.choices)

    def __init__(self, *arguments: object, user: User, **given: object) -> None:
        super().__init__(*arguments, **given)  # type: ignore[arg-type]  # passed on as they are
        seen = Organization.objects.visible_to(user).order_by("name", "pk")
        self.fields["organization"].queryset = seen  # type: ignore[attr-defined]


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    wanted = {"kind": request.GET.get("kind")}
    return _list(request, ExportForm(user=person_of(request), initial=wanted))


@require_POST
def export_ask(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    form = ExportForm(request.POST, user=user)
    if form.is_valid() and _ask(form, user, _filters(request)):
        messages.success(request, _("The export is being written; its file will be offered here."))
        return redirect("export-list")
    return _list(request, form, status=422)


def _filters(request: HttpRequest) -> dict[str, str]:
    given = {name: request.POST.get(name, "").replace("\0", "") for name in FILTERS}
    return {name: value for name, value in given.items() if value}


def _ask(form: ExportForm, user: User, filters: dict[str, str]) -> bool:
    """Queue what the form says, or have it show why not."""
    try:
        exports.export_request(actor=user, filters=filters, now=timezone.now(), **form.cleaned_data)
    except (Denied, ExportRefused) as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        form.add_error(None, forms.ValidationError(error.messages))
    return not form.errors


@require_POST
def export_cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    try:
        exports.export_cancel(
            actor=person_of(request), export=_export(request, uid), now=timezone.now()
        )
    except ExportRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The export is cancelled."))
    return redirect("export-list")


@require_safe
def export_download(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    export = _export(request, uid)
    try:
        path = exports.export_open(
            actor=person_of(request),
            export=export,
            directory=settings.HOME / "exports",
            now=timezone.now(),
        )
    except ExportRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("export-list")
    found: FileResponse = download(path, name=export.file_name, sha256=export.sha256)
    return found


def _export(request: HttpRequest, uid: uuid.UUID) -> Export:
    seen = Export.objects.visible_to(person_of(request)).select_related("organization")
    return get_object_or_404(seen, uid=uid)


def _list(request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    user = person_of(request)
    related = ("organization", "asked_by", "limited_by")
    seen = Export.objects.visible_to(user).select_related(*related)
    before = request.GET.get("before")
    if before:
        seen = seen.filter(pk__lt=_place(user, before))
    found = list(seen[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "exports": shown,
        "is_moving": any(export.is_live for export in shown),
        "before": before or "",
        "last": shown[-1] if len(found) > PAGE else None,
        "form": form,
        "may_ask": form.fields["organization"].queryset.exists(),  # type: ignore[attr-defined]
        "days": settings.RETENTION_DAYS["export"],
    }
    return render(request, "exports/list.html", context, status=status)


def _place(user: User, before: str) -> int:
    try:
        return Export.objects.visible_to(user).get(uid=uuid.UUID(before)).pk
    except (ValueError, Export.DoesNotExist) as error:
        raise BadRequest(_("This is not a place in the list of exports.")) from error
