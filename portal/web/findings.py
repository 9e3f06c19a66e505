import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import can
from accounts.roles import Permission
from findings.catalogue.best_practices import best_practices
from findings.catalogue.pillar import Row, Severity
from findings.checks.base import built_in
from findings.models import Episode, Finding, FindingEvent, Scan
from findings.planning import SelectionError
from findings.selectors.evidence import evidence_of_finding
from findings.selectors.finding_list import (
    STATES,
    FindingFilter,
    findings_by_check,
    findings_matching,
    page_of,
)
from findings.services.rechecks import finding_recheck as recheck
from findings.services.scans import ScanRefused
from workers.collectors.base import collectors


def finding_list(request: HttpRequest) -> HttpResponse:
    wanted = FindingFilter.of(request.GET)
    found = findings_matching(request.user, wanted)
    grouped = request.GET.get("group") != "none"
    context = {
        "wanted": wanted,
        "grouped": grouped,
        "severities": list(Severity),
        "rows": list(Row),
        "states": STATES,
        "has_scans": Scan.objects.visible_to(request.user).ended().exists(),
    }
    if grouped:
        context["groups"] = findings_by_check(found)
        return render(request, "findings/list.html", context)
    try:
        page = page_of(found, request.GET.get("after", ""))
    except ValueError as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    context |= {"findings": page.findings, "next_key": page.next_key}
    return render(request, "findings/list.html", context)


def finding_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    finding = _finding(request, uid)
    definition = built_in().get(finding.check_id)
    if definition is None:
        raise Http404(_("This check is no longer part of the catalogue."))
    practices = best_practices()
    context = {
        "finding": finding,
        "check": definition.check,
        "practices": [practices[name] for name in definition.check.best_practices],
        "evidence": evidence_of_finding(
            finding,
            definition,
            request.user,
            shows_personal=can(request.user, Permission.VIEW_PERSONAL, on=finding.account),
            operations={kind: found.operations for kind, found in collectors().items()},
        ),
        "events": FindingEvent.objects.filter(finding=finding)
        .select_related("scan", "actor")
        .order_by("-number")[:50],
        "episodes": Episode.objects.filter(finding=finding),
        "may_recheck": can(request.user, Permission.CONTRIBUTE, on=finding.account),
    }
    return render(request, "findings/detail.html", context)


@require_POST
def finding_recheck(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    finding = _finding(request, uid)
    try:
        scan = recheck(actor=request.user, finding=finding, now=timezone.now())
    except (ScanRefused, SelectionError) as refusal:
        messages.error(request, str(refusal))
        return redirect("finding-detail", uid=uid)
    messages.success(request, _("The re-check is under way; this finding follows its outcome."))
    return redirect("scan-detail", uid=scan.uid)


def _finding(request: HttpRequest, uid: uuid.UUID) -> Finding:
    seen = Finding.objects.visible_to(request.user)
    return get_object_or_404(
        seen.select_related("account__ou", "account__organization", "shard"), uid=uid
    )
