import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import Permission, reach_of
from accounts.models import Organization
from findings.models import Scan
from findings.planning import SelectionError
from findings.selectors.coverage import GapGroup, gaps_of_scan
from findings.selectors.differences import difference_of
from findings.selectors.progress import grid_of
from findings.selectors.selections import selection_seen
from findings.selectors.tallies import tallies_of
from findings.services import scans
from findings.services.scans import ScanRefused, scan_may_be_changed
from portal.gap_advice import advice_on
from portal.people import person_of
from portal.web.forms import SelectionForm

PAGE = 50


class ScanForm(SelectionForm):
    """What to scan; everything left empty scans the whole organization."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=gettext_lazy("Organization"), empty_label=None
    )

    def __init__(self, *arguments: object, user: User, **fields: object) -> None:
        super().__init__(*arguments, user=user, **fields)
        self.fields["organization"].queryset = _scannable(user)  # type: ignore[attr-defined]


def _scannable(user: User) -> QuerySet[Organization]:
    """Organizations of which the person may scan at least a part."""
    reach = reach_of(user, Permission.CONTRIBUTE)
    return Organization.objects.filter(reach.on_organizations())


@require_GET
def scan_list(request: HttpRequest) -> HttpResponse:
    return _list(request, ScanForm(user=person_of(request)))


@require_POST
def scan_start(request: HttpRequest) -> HttpResponse:
    form = ScanForm(request.POST, user=person_of(request))
    if form.is_valid():
        try:
            scan = scans.scan_request(
                actor=person_of(request),
                organization=form.cleaned_data["organization"],
                selection=form.cleaned_data["selection"],
                trigger=Scan.Trigger.PERSON,
                now=timezone.now(),
            )
        except (ScanRefused, SelectionError) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("scan-detail", uid=scan.uid)
    return _list(request, form, status=422)


def _list(request: HttpRequest, form: ScanForm, status: int = 200) -> HttpResponse:
    user = person_of(request)
    seen = Scan.objects.visible_to(user).select_related("organization", "requested_by")
    if before := request.GET.get("before"):
        seen = seen.filter(pk__lt=_place(seen, before))
    found = list(seen[: PAGE + 1])
    tallies = tallies_of(found, user)
    context = {
        "lines": [(s, tallies[s.pk], selection_seen(s, user)) for s in found[:PAGE]],
        "last": found[PAGE - 1] if len(found) > PAGE else None,
        "form": form,
        "may_scan": form.fields["organization"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "scans/list.html", context, status=status)


def _place(seen: QuerySet[Scan], before: str) -> int:
    try:
        return seen.get(uid=uuid.UUID(before)).pk
    except (ValueError, Scan.DoesNotExist) as error:
        raise BadRequest(_("This is not a place in the list of scans.")) from error


@require_GET
def scan_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user, scan = person_of(request), _scan(request, uid)
    gaps = [] if scan.is_live else gaps_of_scan(scan, user)
    narrowed = next((gap for gap in gaps if gap.key == request.GET.get("gap")), None)
    context = _progress(request, scan, narrowed) | {
        "gaps": [(gap, advice_on(gap)) for gap in gaps],
        "changes": [] if scan.is_live else difference_of(scan, user),
        "selection": selection_seen(scan, user),
        "may_change": scan_may_be_changed(actor=user, scan=scan),
    }
    return render(request, "scans/detail.html", context)


@require_GET
def scan_progress(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The moving part of the page of a scan; once it has ended, the whole page is to be loaded."""
    scan = _scan(request, uid)
    if not scan.is_live:
        return HttpResponseClientRefresh()
    return render(request, "scans/_progress.html", _progress(request, scan, None))


def _progress(request: HttpRequest, scan: Scan, narrowed: GapGroup | None) -> dict[str, object]:
    user = person_of(request)
    try:
        start = int(request.GET.get("start", 0))
    except ValueError as error:
        raise BadRequest(_("start takes a number.")) from error
    only = narrowed.account_ids if narrowed else None
    return {
        "scan": scan,
        "tally": tallies_of([scan], user)[scan.pk],
        "grid": grid_of(scan, user, start=start, only=only),
        "start": start,
        "narrowed": narrowed,
    }


@require_POST
def scan_cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    scan = _scan(request, uid)
    try:
        scans.scan_cancel(actor=person_of(request), scan=scan, now=timezone.now())
    except ScanRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The scan is cancelled; what was collected is kept."))
    return redirect("scan-detail", uid=uid)


@require_POST
def scan_retry(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    scan = _scan(request, uid)
    try:
        again = scans.scan_retry(actor=person_of(request), scan=scan, now=timezone.now())
    except ScanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("scan-detail", uid=uid)
    return redirect("scan-detail", uid=again.uid)


def _scan(request: HttpRequest, uid: uuid.UUID) -> Scan:
    seen = Scan.objects.visible_to(person_of(request))
    return get_object_or_404(seen.select_related("organization", "requested_by"), uid=uid)
