import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Denied, Permission
from findings.checks.base import built_in
from findings.foresight import Foresight
from findings.incident_times import IncidentState
from findings.models import ActionItem, Connection, Incident, IncidentEvent, LearningLabel
from findings.selectors.foresight import foresight_of, foresight_report, foresight_with_findings
from findings.selectors.incident_events import incident_events_seen
from findings.selectors.incidents import (
    action_items_seen,
    incidents_matching,
    incidents_seen,
    learnings_seen,
    open_when_it_began,
    people_seeing_incident,
)
from findings.selectors.keysets import newest_page
from findings.selectors.scopes import organizations_permitted
from findings.services.action_items import action_item_add
from findings.services.foresight import foresight_confirm, foresight_propose
from findings.services.incident_access import require_on_incident
from findings.services.incident_parts import factor_add, part_remove, timeline_add, timeline_star
from findings.services.incident_roles import incident_role_end, incident_role_give
from findings.services.incidents import incident_change, incident_record
from findings.services.learnings import learning_add
from portal.people import person_of
from portal.web.forms import names_in, saved
from portal.web.incident_forms import (
    ActionItemForm,
    FactorForm,
    IncidentForm,
    LearningForm,
    RoleForm,
    TimelineForm,
    accounts_of,
)

SHOWN_EVENTS, LONGEST_SEARCH = 50, 200
FORMS: dict[str, Any] = {
    "timeline": TimelineForm,
    "factor": FactorForm,
    "learning": LearningForm,
    "action": ActionItemForm,
    "role": RoleForm,
}


@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    user, state = person_of(request), request.GET.get("state", "")
    search = request.GET.get("search", "").replace("\0", "")[:LONGEST_SEARCH]
    rows = incidents_matching(incidents_seen(user), search)
    if state in set(IncidentState):
        rows = rows.in_state(IncidentState(state))  # type: ignore[attr-defined]
    try:
        page = newest_page(rows.prefetch_related("foresight"), request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "page": page,
        "state": state,
        "search": search,
        "states": [one.value for one in IncidentState],
        "rate": foresight_of(user),
        "may_record": organizations_permitted(user, Permission.CONTRIBUTE).exists(),
    }
    return render(request, "incidents/list.html", context)


@require_safe
def foresight_page(request: HttpRequest) -> HttpResponse:
    """How much was foreseen of what the person sees, by OU and by check."""
    report = foresight_report(person_of(request))
    return render(request, "incidents/foresight.html", {"report": report})


@require_http_methods(["GET", "HEAD", "POST"])
def incident_record_page(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    if not organizations_permitted(user, Permission.CONTRIBUTE).exists():
        raise Denied(_("Incidents are recorded by contributors."))
    form = IncidentForm(request.POST or None, user=user)
    if form.is_valid() and saved(
        form,
        lambda: incident_record(
            actor=user,
            incident=form.instance,
            accounts=form.cleaned_data["accounts"],
            now=timezone.now(),
        ),
    ):
        return redirect("incident-detail", uid=form.instance.uid)
    context = {"form": form, "incident": None}
    return render(request, "incidents/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def incident_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user, incident = person_of(request), incident_of(request, uid)
    require_on_incident(user, Permission.CONTRIBUTE, incident)
    form = IncidentForm(request.POST or None, user=user, instance=incident)
    if form.is_valid() and saved(
        form,
        lambda: incident_change(
            actor=user,
            incident=form.instance,
            accounts=form.cleaned_data["accounts"],
            now=timezone.now(),
        ),
    ):
        return redirect("incident-detail", uid=uid)
    context = {"form": form, "incident": incident}
    return render(request, "incidents/edit.html", context, status=422 if form.errors else 200)


@require_safe
def incident_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _detail(request, incident_of(request, uid))


def incident_of(request: HttpRequest, uid: uuid.UUID) -> Incident:
    return get_object_or_404(incidents_seen(person_of(request)), uid=uid)


def _detail(
    request: HttpRequest, incident: Incident, status: int = 200, **bound: BaseForm
) -> HttpResponse:
    user = person_of(request)
    contributed = Incident.objects.visible_to(user, Permission.CONTRIBUTE)
    may_change = contributed.filter(pk=incident.pk).exists()
    fresh = _forms(incident, FORMS) if may_change else {}
    items = list(action_items_seen(user).filter(incident=incident))
    context = {
        "incident": incident,
        "times": incident.times,
        "accounts": incident.accounts.all(),
        "roles": incident.roles.select_related("user"),
        "timeline": incident.timeline.select_related("author"),
        "factors": incident.factors.all(),
        "foresight": foresight_with_findings(user, incident),
        "classes": list(Foresight),
        "open_then": open_when_it_began(incident),
        "learnings": learnings_seen(user).filter(incident=incident),
        "items": items,
        "history": _history(user, incident, items),
        "connections": Connection.objects.visible_to(user)
        .active()
        .with_adapter()
        .filter(organization=incident.organization),
        "now": timezone.now(),
        "may_change": may_change,
        "changeable": [incident.pk] if may_change else [],
        "forms": {**fresh, **bound},
    }
    return render(request, "incidents/detail.html", context, status=status)


def _history(
    user: User, incident: Incident, items: list[ActionItem]
) -> list[tuple[IncidentEvent, str]]:
    """What happened to it, the newest first, each with the action item that it is about."""
    titles: dict[uuid.UUID | None, str] = {item.uid: item.title for item in items}
    told = incident_events_seen(user).exclude(kind=IncidentEvent.Kind.TIMELINE)
    events = told.filter(incident=incident).select_related("actor").order_by("-number")
    return [(event, titles.get(event.subject, "")) for event in events[:SHOWN_EVENTS]]


def _forms(incident: Incident, names: Iterable[str], posted: Any = None) -> dict[str, Any]:
    people = people_seeing_incident(incident, timezone.now())
    needed: dict[str, dict[str, Any]] = {
        "role": {"people": people},
        "action": {"people": people, "incident": incident},
    }
    return {name: FORMS[name](posted, **needed.get(name, {})) for name in names}


@require_POST
def incident_add(request: HttpRequest, uid: uuid.UUID, part: str) -> HttpResponse:
    """Add an entry of the timeline, a factor, a learning, an action item or somebody's role."""
    incident = incident_of(request, uid)
    require_on_incident(person_of(request), Permission.CONTRIBUTE, incident)
    form = _forms(incident, [part], request.POST)[part]
    if form.is_valid():
        form.instance.incident = incident
        if saved(form, lambda: _ADDED[part](request, form)):
            messages.success(request, _("It is added."))
            return redirect("incident-detail", uid=uid)
    return _detail(request, incident, 422, **{part: form})


def _add_timeline(request: HttpRequest, form: Any) -> None:
    timeline_add(actor=person_of(request), entry=form.instance, now=timezone.now())


def _add_factor(request: HttpRequest, form: Any) -> None:
    factor_add(actor=person_of(request), factor=form.instance, now=timezone.now())


def _add_learning(request: HttpRequest, form: Any) -> None:
    given, kind = form.cleaned_data, LearningLabel.Kind
    labels = {
        kind.PRACTICE: given["practices"],
        kind.SERVICE: given["services"].split(","),
        kind.TAG: names_in(given["tags"]),
        kind.CHECK: names_in(given["checks"]),
    }
    learning_add(
        actor=person_of(request), learning=form.instance, labels=labels, now=timezone.now()
    )


def _add_action(request: HttpRequest, form: Any) -> None:
    user, item = person_of(request), form.instance
    ids = form.cleaned_data["account_ids"]
    accounts = accounts_of(user, item.incident.organization, ids)
    action_item_add(actor=user, item=item, accounts=accounts, now=timezone.now())


def _add_role(request: HttpRequest, form: Any) -> None:
    incident_role_give(actor=person_of(request), row=form.instance, now=timezone.now())


_ADDED: dict[str, Callable[[HttpRequest, Any], None]] = {
    "timeline": _add_timeline,
    "factor": _add_factor,
    "learning": _add_learning,
    "action": _add_action,
    "role": _add_role,
}


@require_POST
def incident_role_end_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Somebody has a role no longer."""
    roles, posted = incident_of(request, uid).roles.select_related("user"), request.POST
    row = get_object_or_404(
        roles, role=posted.get("role", "")[:16], user__username=posted.get("person", "")[:150]
    )
    incident_role_end(actor=person_of(request), row=row, now=timezone.now())
    messages.success(request, _("The role is ended."))
    return redirect("incident-detail", uid=uid)


@require_POST
def timeline_entry_star(request: HttpRequest, uid: uuid.UUID, entry: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(incident_of(request, uid).timeline, uid=entry)
    is_starred, user = not found.is_starred, person_of(request)
    try:
        timeline_star(actor=user, entry=found, is_starred=is_starred, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("incident-detail", uid=uid)


@require_POST
def incident_part_remove(request: HttpRequest, uid: uuid.UUID, part: uuid.UUID) -> HttpResponse:
    """Take back an entry of the timeline or a factor that was told by mistake."""
    incident = incident_of(request, uid)
    found = incident.timeline.filter(uid=part).first() or get_object_or_404(
        incident.factors, uid=part
    )
    try:
        part_remove(actor=person_of(request), part=found, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, _("It is removed; the audit log keeps its words."))
    return redirect("incident-detail", uid=uid)


@require_POST
def incident_foresight(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Propose what was known when it began, anew."""
    foresight_propose(
        actor=person_of(request),
        incident=incident_of(request, uid),
        registry=built_in(),
        now=timezone.now(),
    )
    return redirect("incident-detail", uid=uid)


@require_POST
def foresight_confirm_page(request: HttpRequest, uid: uuid.UUID, entry: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(incident_of(request, uid).foresight, uid=entry)
    chosen = request.POST.get("foresight", found.proposed)
    if chosen not in set(Foresight):
        raise BadRequest("There is no such class.")
    foresight_confirm(
        actor=person_of(request), entry=found, foresight=Foresight(chosen), now=timezone.now()
    )
    return redirect("incident-detail", uid=uid)
