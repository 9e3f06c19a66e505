import uuid
from dataclasses import asdict
from functools import partial

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import can, require
from accounts.models import Organization
from accounts.roles import Permission
from findings.catalogue.pillar import Row, Severity
from findings.checks.base import Definition, built_in
from findings.models import Episode, ExportFormat, Finding, FindingEvent, Scan, Workflow
from findings.planning import SelectionError
from findings.selectors.claims import claim_standing
from findings.selectors.evidence import KindEvidence, evidence_of_finding
from findings.selectors.finding_list import (
    STATES,
    FindingFilter,
    findings_by_check,
    findings_matching,
    page_of,
)
from findings.selectors.suppressions import decisions_on, suppressions_seen
from findings.selectors.ticket_lists import live_tickets_of, tickets_of_finding
from findings.services.claims import finding_claim
from findings.services.rechecks import finding_recheck as recheck
from findings.services.scans import ScanRefused
from findings.services.workflow import WorkflowError, finding_move, moves_from
from portal.catalogue import CheckPage
from portal.people import person_of
from portal.web.suppression_forms import ask_query, may_ask
from portal.web.ticket_opening import open_query
from workers.collectors.base import collectors

SHOWN_EVENTS = 50
SHOWN_TICKETS = 10
MOVES = frozenset(Workflow.values) - {Workflow.RESOLVED.value}
LONGEST_NOTE = 10_000


@require_safe
def finding_list(request: HttpRequest) -> HttpResponse:
    user, wanted, now = person_of(request), FindingFilter.of(request.GET), timezone.now()
    found = findings_matching(user, wanted, now)
    contributes = may_ask(user)
    grouped = request.GET.get("group") != "none"
    context: dict[str, object] = {
        "wanted": wanted,
        "grouped": grouped,
        "severities": list(Severity),
        "rows": list(Row),
        "states": STATES,
        "ask_about": ask_query(wanted) if contributes else "",
        "open_about": open_query(wanted) if contributes else "",
        "filters": asdict(wanted),
        "organizations": list(Organization.objects.visible_to(user).order_by("name", "pk")),
        "formats": ExportFormat.choices,
        "has_scans": Scan.objects.visible_to(user).ended().exists(),
    }
    if grouped:
        groups = findings_by_check(found)
        context |= {"groups": groups, "number": sum(group.findings for group in groups)}
        return render(request, "findings/list.html", context)
    try:
        page = page_of(found, request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context |= {
        "findings": page.findings,
        "decisions": decisions_on(page.findings, now, user),
        "tickets": live_tickets_of(page.findings),
        "may_select": contributes,
        "next_key": page.next_key,
        "number": found.order_by().count(),
    }
    return render(request, "findings/list.html", context)


@require_safe
def finding_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The page of a finding; one of a check that the catalogue no longer has shows what is kept."""
    user, finding = person_of(request), _finding(request, uid)
    definition = built_in().get(finding.check_id)
    events = FindingEvent.objects.filter(finding=finding).select_related("scan", "actor")
    now = timezone.now()
    contributes = can(user, Permission.CONTRIBUTE, on=finding.account)
    tickets = list(tickets_of_finding(user, finding)[:SHOWN_TICKETS])
    has_ticket = bool(live_tickets_of([finding]))
    episodes = list(Episode.objects.filter(finding=finding).order_by("-number"))
    context = {
        "finding": finding,
        "tickets": tickets,
        "may_open_ticket": finding.is_open and contributes and not has_ticket,
        "decision": decisions_on([finding], now, user).get(finding.pk),
        "suppressions": suppressions_seen(user).filter(finding=finding)[:SHOWN_EVENTS],
        "may_suppress": finding.is_open and contributes,
        "page": CheckPage(definition) if definition else None,
        "evidence": _evidence(request, finding, definition),
        "events": events.order_by("-number")[:SHOWN_EVENTS],
        "episodes": episodes,
        "may_recheck": definition and contributes,
        "claim": claim_standing(user, finding),
        "moves": _moves(episodes) if contributes else [],
    }
    return render(request, "findings/detail.html", context)


def _evidence(
    request: HttpRequest, finding: Finding, definition: Definition | None
) -> list[KindEvidence]:
    if definition is None:
        return []
    user = person_of(request)
    return evidence_of_finding(
        finding,
        definition,
        user,
        shows_personal=can(user, Permission.VIEW_PERSONAL, on=finding.account),
        operations={kind: found.operations for kind, found in collectors().items()},
    )


def _moves(episodes: list[Episode]) -> list[Workflow]:
    """Where a person can move the finding now."""
    workflow = next((Workflow(one.workflow) for one in episodes if one.closed_at is None), None)
    return moves_from(workflow) if workflow else []


@require_POST
def finding_move_to(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Say what is done about it, or claim that it is fixed, which a scan then looks at."""
    finding, to = _finding(request, uid), request.POST.get("to", "")
    require(person_of(request), Permission.CONTRIBUTE, on=finding.account)
    note = request.POST.get("note", "").replace("\0", "").strip()
    if to not in MOVES or len(note) > LONGEST_NOTE:
        raise BadRequest(_("There is no such state, or the note is too long."))
    act = finding_claim if to == Workflow.FIX_CLAIMED else partial(finding_move, to=Workflow(to))
    try:
        episode = act(actor=person_of(request), finding=finding, note=note, now=timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _told(episode))
    return redirect("finding-detail", uid=uid)


def _told(episode: Episode) -> str:
    if episode.workflow != Workflow.FIX_CLAIMED:
        return _("It is %(state)s.") % {"state": episode.get_workflow_display().lower()}
    if episode.claim_scan:
        return _("The fix is claimed, and a scan looks whether it is there.")
    return _("The fix is claimed; the next scan that can look decides.")


@require_POST
def finding_recheck(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    finding = _finding(request, uid)
    try:
        scan = recheck(actor=person_of(request), finding=finding, now=timezone.now())
    except (ScanRefused, SelectionError) as refusal:
        messages.error(request, str(refusal))
        return redirect("finding-detail", uid=uid)
    messages.success(request, _("The re-check is under way; the finding follows its outcome."))
    return redirect("scan-detail", uid=scan.uid)


def _finding(request: HttpRequest, uid: uuid.UUID) -> Finding:
    seen = Finding.objects.visible_to(person_of(request))
    related = ("account__ou", "account__organization", "account__owner_team")
    return get_object_or_404(seen.select_related(*related), uid=uid)
