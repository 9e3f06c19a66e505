import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import can
from accounts.models import Organization, OrganizationalUnit
from accounts.roles import Permission
from findings.catalogue.pillar import Row
from findings.models import Scan
from findings.planning import Selection, SelectionError
from findings.selectors.coverage import gaps_of_scan
from findings.selectors.progress import progress_of
from findings.services import scans
from findings.services.scans import ScanRefused


class ScanForm(forms.Form):
    """What to scan; everything left empty scans the whole organization."""

    organization = forms.ModelChoiceField(Organization.objects.none(), empty_label=None)
    ous = forms.MultipleChoiceField(label=gettext_lazy("OUs"), required=False)
    accounts = forms.CharField(
        required=False, help_text=gettext_lazy("Account ids, separated by spaces or commas.")
    )
    regions = forms.CharField(
        required=False, help_text=gettext_lazy("Region names, separated by spaces or commas.")
    )
    rows = forms.MultipleChoiceField(
        required=False, choices=[(row.value, f"{row.value} {row.label}") for row in Row]
    )

    def __init__(self, *arguments: object, user: object, **fields: object) -> None:
        super().__init__(*arguments, **fields)  # type: ignore[arg-type]
        self.fields["organization"].queryset = Organization.objects.visible_to(user)  # type: ignore
        units = OrganizationalUnit.objects.visible_to(user).present()  # type: ignore[arg-type]
        self.fields["ous"].choices = [(unit.path, unit.path) for unit in units]  # type: ignore

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = {
            "ous": given.get("ous", []),
            "accounts": _names(given.get("accounts", "")),
            "regions": _names(given.get("regions", "")),
            "rows": given.get("rows", []),
        }
        try:
            return {**given, "selection": Selection.parse(chosen)}
        except SelectionError as error:
            raise forms.ValidationError(str(error)) from error


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


def scan_list(request: HttpRequest) -> HttpResponse:
    seen = Scan.objects.visible_to(request.user)
    context = {
        "scans": seen.select_related("organization", "requested_by")[:50],
        "form": ScanForm(user=request.user),
    }
    return render(request, "scans/list.html", context)


@require_POST
def scan_start(request: HttpRequest) -> HttpResponse:
    form = ScanForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            scan = scans.scan_request(
                actor=request.user,
                organization=form.cleaned_data["organization"],
                selection=form.cleaned_data["selection"],
                trigger=Scan.Trigger.PERSON,
                now=timezone.now(),
            )
        except (ScanRefused, SelectionError) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("scan-detail", uid=scan.uid)
    context = {"form": form, "scans": Scan.objects.visible_to(request.user)[:50]}
    return render(request, "scans/list.html", context, status=422)


def scan_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The page of a scan, or only its moving part when the page itself asks again."""
    scan = _scan(request, uid)
    context = {
        "scan": scan,
        "progress": progress_of(scan, request.user),
        "gaps": [] if scan.is_live else gaps_of_scan(scan, request.user),
        "may_change": can(request.user, Permission.CONTRIBUTE, on=scan.organization),
    }
    template = "scans/_progress.html" if request.htmx else "scans/detail.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
def scan_cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    scan = _scan(request, uid)
    try:
        scans.scan_cancel(actor=request.user, scan=scan, now=timezone.now())
    except ScanRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The scan is cancelled; what was collected is kept."))
    return redirect("scan-detail", uid=uid)


@require_POST
def scan_retry(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    scan = _scan(request, uid)
    try:
        again = scans.scan_retry(actor=request.user, scan=scan, now=timezone.now())
    except ScanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("scan-detail", uid=uid)
    return redirect("scan-detail", uid=again.uid)


def _scan(request: HttpRequest, uid: uuid.UUID) -> Scan:
    seen = Scan.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("organization", "requested_by"), uid=uid)
