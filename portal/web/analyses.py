import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import Permission
from findings.models import Analysis, AnalysisVersion, Incident
from findings.services.analyses import (
    AnalysisConflict,
    analysis_begin,
    analysis_move,
    analysis_restore,
    analysis_save,
)
from portal.people import person_of
from portal.web.incidents import incident_of
from portal.web.outline import outline_of, tree_of

SHOWN_VERSIONS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def analysis_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The editor: words are saved by a button, or by a script while somebody writes."""
    incident = incident_of(request, uid)
    analysis = Analysis.objects.filter(incident=incident).select_related("changed_by").first()
    if request.method != "POST":
        return _page(request, incident, analysis)
    try:
        saved = _act(request, incident, analysis)
    except (AnalysisConflict, ValidationError) as error:
        told = str(error) if isinstance(error, AnalysisConflict) else " ".join(error.messages)
        if request.POST.get("act") == "autosave":
            return JsonResponse({"told": told}, status=409)
        messages.error(request, told)
        return _page(request, incident, analysis, status=409)
    if request.POST.get("act") == "autosave":
        return JsonResponse({"version": saved.version})
    return redirect("incident-analysis", uid=uid)


def _act(request: HttpRequest, incident: Incident, analysis: Analysis | None) -> Analysis:
    """Begin, save, restore or move, as the button says."""
    user, now, act = person_of(request), timezone.now(), request.POST.get("act", "")
    if analysis is None:
        template = request.POST.get("template", "")
        return analysis_begin(actor=user, incident=incident, template=template, now=now)
    if act in set(Analysis.State):
        to = Analysis.State(act)
        return analysis_move(actor=user, analysis=analysis, to=to, now=now)
    if act == "restore":
        kept = get_object_or_404(analysis.versions, number=_number(request.POST.get("number")))
        return analysis_restore(
            actor=user, analysis=analysis, kept=kept, version=_version(request), now=now
        )
    keys = [key for key, _, _ in analysis.parts if f"section-{key}" in request.POST]
    return analysis_save(
        actor=user,
        analysis=analysis,
        version=_version(request),
        sections={key: request.POST[f"section-{key}"].replace("\r\n", "\n") for key in keys},
        whys=tree_of(request.POST["whys"]) if "whys" in request.POST else None,
        is_autosave=act == "autosave",
        now=now,
    )


def _version(request: HttpRequest) -> int:
    return _number(request.POST.get("version"))


def _number(given: str | None) -> int:
    if given is None or not given.isascii() or not given.isdigit() or len(given) > 9:
        raise BadRequest("This is no number of a version.")
    return int(given)


def _page(
    request: HttpRequest, incident: Incident, analysis: Analysis | None, status: int = 200
) -> HttpResponse:
    user = person_of(request)
    permitted = {
        permission: Incident.objects.visible_to(user, permission).filter(pk=incident.pk).exists()
        for permission in (Permission.CONTRIBUTE, Permission.APPROVE)
    }
    context: dict[str, Any] = {
        "incident": incident,
        "analysis": analysis,
        "templates": Analysis.Template.choices,
        "may_write": permitted[Permission.CONTRIBUTE],
        "may_publish": permitted[Permission.APPROVE],
    }
    if analysis is not None:
        context |= _words(request, analysis)
    return render(request, "incidents/analysis.html", context, status=status)


def _words(request: HttpRequest, analysis: Analysis) -> dict[str, Any]:
    """What stands in the editor: after a conflict, what the person had written."""
    kept: AnalysisVersion | None = None
    if wanted := request.GET.get("version"):
        kept = get_object_or_404(analysis.versions, number=_number(wanted))
    sections = kept.sections if kept else analysis.sections
    posted = request.POST
    starred = analysis.incident.timeline.filter(is_starred=True)
    return {
        "kept": kept,
        "starred": starred,
        "factors": analysis.incident.factors.all(),
        "parts": [
            (key, label, posted.get(f"section-{key}", sections.get(key, "")))
            for key, label, _ in analysis.parts
        ],
        "whys": posted.get("whys", outline_of(kept.whys if kept else analysis.whys)),
        "versions": analysis.versions.select_related("saved_by")[:SHOWN_VERSIONS],
        "is_editable": analysis.state != Analysis.State.PUBLISHED and kept is None,
    }
