import uuid
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
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
    analysis = (
        Analysis.objects.filter(incident=incident)
        .select_related("changed_by", "published_by")
        .first()
    )
    if request.method != "POST":
        return _page(request, incident, analysis)
    try:
        saved = _act(request, incident, analysis)
    except (AnalysisConflict, ValidationError) as error:
        told = str(error) if isinstance(error, AnalysisConflict) else " ".join(error.messages)
        if request.POST.get("act") == "autosave":
            return JsonResponse({"told": told}, status=409)
        messages.error(request, told)
        newest = (
            Analysis.objects.filter(incident=incident)
            .select_related("changed_by", "published_by")
            .first()
        )
        return _page(request, incident, newest, status=409)
    if request.POST.get("act") == "autosave":
        return JsonResponse({"version": saved.version})
    return redirect("incident-analysis", uid=uid)


@transaction.atomic
def _act(request: HttpRequest, incident: Incident, analysis: Analysis | None) -> Analysis:
    """Begin, or save what is written and then restore or move, as the button says."""
    user, now, act = person_of(request), timezone.now(), request.POST.get("act", "")
    if analysis is None:
        template = request.POST.get("template", "")
        return analysis_begin(actor=user, incident=incident, template=template, now=now)
    saved, version = analysis, _version(request)
    is_save = act not in (*Analysis.State, "restore")
    if is_save or _keys(request, analysis) or "whys" in request.POST:
        saved = _save(request, analysis, is_autosave=act == "autosave")
        version = saved.version
    if act in set(Analysis.State):
        to = Analysis.State(act)
        return analysis_move(actor=user, analysis=saved, to=to, version=version, now=now)
    if act == "restore":
        number = _number(request.POST.get("number") or request.GET.get("number"))
        kept = get_object_or_404(analysis.versions, number=number)
        return analysis_restore(actor=user, analysis=saved, kept=kept, version=version, now=now)
    return saved


def _save(request: HttpRequest, analysis: Analysis, *, is_autosave: bool) -> Analysis:
    keys, whys = _keys(request, analysis), request.POST.get("whys")
    return analysis_save(
        actor=person_of(request),
        analysis=analysis,
        version=_version(request),
        sections={key: _text(request.POST[f"section-{key}"]) for key in keys},
        whys=None if whys is None else tree_of(whys),
        is_autosave=is_autosave,
        now=timezone.now(),
    )


def _keys(request: HttpRequest, analysis: Analysis) -> list[str]:
    return [key for key, _, _ in analysis.parts if f"section-{key}" in request.POST]


def _text(posted: str) -> str:
    return posted.replace("\r\n", "\n")


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
        writes = context["is_editable"] and context["may_write"]
        context["buttons_of"] = "analysis-words" if writes else "analysis-move"
    return render(request, "incidents/analysis.html", context, status=status)


def _words(request: HttpRequest, analysis: Analysis) -> dict[str, Any]:
    """What stands in the editor: after a conflict, what the person wrote, beside what others did.

    A part that only one of them touched is that one's.
    """
    kept: AnalysisVersion | None = None
    if wanted := request.GET.get("version"):
        kept = get_object_or_404(analysis.versions, number=_number(wanted))
    sections = kept.sections if kept else analysis.sections
    base = _base(request, analysis)
    tree = kept.whys if kept else analysis.whys
    return {
        "kept": kept,
        "starred": analysis.incident.timeline.filter(is_starred=True),
        "factors": analysis.incident.factors.all(),
        "parts": [
            Part(
                key,
                label,
                *_both(
                    request.POST.get(f"section-{key}"),
                    sections.get(key, ""),
                    None if base is None else base.sections.get(key, ""),
                ),
            )
            for key, label, _ in analysis.parts
        ],
        "tree": tree,
        "whys": Part(
            "whys",
            "",
            *_both(
                request.POST.get("whys"),
                outline_of(tree),
                None if base is None else outline_of(base.whys),
            ),
        ),
        "versions": analysis.versions.select_related("saved_by")[:SHOWN_VERSIONS],
        "is_editable": analysis.state != Analysis.State.PUBLISHED and kept is None,
    }


class Part(NamedTuple):
    key: str
    label: str
    text: str
    theirs: str | None = None
    """What somebody else saved of it, where both changed it."""


def _base(request: HttpRequest, analysis: Analysis) -> AnalysisVersion | None:
    """The version that the person wrote from, where it is kept."""
    if "version" not in request.POST:
        return None
    return analysis.versions.filter(number=_version(request)).first()


def _both(posted: str | None, held: str, base: str | None) -> tuple[str, str | None]:
    """What is shown of a part, and theirs beside it where it takes a person to bring both together.

    Who did not touch it sees what the others wrote.
    """
    mine = held if posted is None else _text(posted)
    if mine in (held, base):
        return held, None
    return mine, None if held == base else held
