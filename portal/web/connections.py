import json
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Denied, Permission, can, reach_of, require
from accounts.models import Organization
from findings.models import Connection, ConnectionKind, ConnectionTrial
from findings.selectors.connection_uses import connection_uses
from findings.selectors.scopes import organizations_administered
from findings.services import connection_upkeep
from findings.services.connection_trials import TrialRefused, trial_ask
from findings.services.connections import connection_save, credential_names
from portal.people import person_of
from portal.web.connection_forms import OFFERED, ConnectionForm, TrialForm
from portal.web.forms import errors_add, organization_chosen

SHOWN_TRIALS = 5


@require_safe
def connection_list(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    reach = reach_of(user, Permission.ADMINISTER)
    seen = Connection.objects.visible_to(user).select_related("organization")
    context = {
        "lines": [
            (connection, reach.covers_organization(connection.organization)) for connection in seen
        ],
        "organizations": organizations_administered(user).order_by("name", "pk"),
    }
    return render(request, "connections/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def connection_create(request: HttpRequest) -> HttpResponse:
    """First asks for the kind, then for what such a connection needs."""
    offered = organizations_administered(person_of(request))
    organization = organization_chosen(request, offered)
    kinds = _kinds(organization)
    kind = request.GET.get("kind", "")
    if not kind:
        context = {"kinds": kinds, "organization": organization}
        return render(request, "connections/kinds.html", context)
    if kind not in [one for one, _told in kinds]:
        raise BadRequest(_("A connection of this kind cannot be set up here."))
    return _edit(request, Connection(organization=organization, kind=kind))


def _kinds(organization: Organization) -> list[tuple[ConnectionKind, Any]]:
    """An organization has one built-in board."""
    boards = organization.connections.filter(kind=ConnectionKind.BUILTIN)
    taken = {ConnectionKind.BUILTIN} if boards.exists() else set()
    return [(kind, told) for kind, told in OFFERED if kind not in taken]


@require_http_methods(["GET", "HEAD", "POST"])
def connection_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _edit(request, _administered(request, uid))


def _edit(request: HttpRequest, connection: Connection) -> HttpResponse:
    name, stored = connection.name, credential_names(connection)
    posted = request.POST if request.method == "POST" else None
    form = ConnectionForm(posted, connection=connection, stored=stored)
    if posted is not None and form.is_valid() and _save(form, person_of(request)):
        messages.success(request, _("The connection is saved."))
        return redirect("connection-detail", uid=connection.uid)
    context = {"form": form, "name": name, "connection": connection}
    status = 422 if form.errors else 200
    return render(request, "connections/edit.html", context, status=status)


def _save(form: ConnectionForm, user: User) -> bool:
    """Save what the form says, or have it show why not."""
    try:
        connection_save(
            actor=user,
            connection=form.instance,
            credentials=form.cleaned_data["credentials"],
            keeps_others=True,
            now=timezone.now(),
        )
    except ValidationError as error:
        errors_add(form, error)
    return not form.errors


@require_safe
def connection_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    connection, user = _connection(request, uid), person_of(request)
    latest = ConnectionTrial.objects.visible_to(user).filter(connection=connection).first()
    initial = {
        "project": latest.project if latest else "",
        "issue_type": latest.issue_type if latest else "",
        "route": request.GET.get("route", ""),
    }
    if initial["route"]:
        initial |= {"project": "", "issue_type": ""}
    form = TrialForm(connection=connection, user=user, initial=initial)
    return _detail(request, connection, form)


def _detail(
    request: HttpRequest, connection: Connection, form: TrialForm, status: int = 200
) -> HttpResponse:
    user = person_of(request)
    trials = ConnectionTrial.objects.visible_to(user).filter(connection=connection)
    found = list(trials.select_related("asked_by", "finding")[:SHOWN_TRIALS])
    may_change = can(user, Permission.ADMINISTER, connection.organization)
    context = {
        "connection": connection,
        "may_change": may_change,
        "stored": sorted(credential_names(connection)) if may_change else [],
        "projects": connection.projects.all() if may_change else [],
        "last_delivery": connection.deliveries.first() if may_change else None,
        "hook": request.build_absolute_uri(reverse("hook", args=[connection.uid])),
        "form": form,
        "trial": found[0] if found else None,
        "body": _body(found[0]) if found else "",
        "older": found[1:],
        "now": timezone.now(),
    }
    return render(request, "connections/detail.html", context, status=status)


def _body(trial: ConnectionTrial) -> str:
    if not trial.request:
        return ""
    return json.dumps(trial.request["body"], indent=2, ensure_ascii=False)


@require_POST
def connection_switch(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Switch it off, or on again."""
    connection, user = _administered(request, uid), person_of(request)
    connection.is_active = not connection.is_active
    try:
        connection_save(actor=user, connection=connection, credentials=None, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        told = _("switched on") if connection.is_active else _("switched off; nothing is sent")
        messages.success(request, _("The connection is %(told)s.") % {"told": told})
    return redirect("connection-detail", uid=uid)


@require_http_methods(["GET", "HEAD", "POST"])
def connection_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What hangs on it, and whether it may go."""
    connection, refused = _administered(request, uid), ""
    if connection.kind == ConnectionKind.BUILTIN:
        raise BadRequest(_("The built-in board stays."))
    if request.method == "POST":
        try:
            connection_upkeep.connection_delete(
                actor=person_of(request), connection=connection, now=timezone.now()
            )
        except connection_upkeep.ConnectionRefused as error:
            refused = str(error)
        else:
            messages.success(request, _("The connection is deleted."))
            return redirect("connection-list")
    context = {"connection": connection, "uses": connection_uses(connection), "refused": refused}
    return render(request, "connections/delete.html", context, status=409 if refused else 200)


@require_POST
def connection_test(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    connection, user = _administered(request, uid), person_of(request)
    form = TrialForm(request.POST, connection=connection, user=user)
    if form.is_valid():
        try:
            trial_ask(actor=user, connection=connection, now=timezone.now(), **form.cleaned_data)
        except (TrialRefused, Denied) as refused:
            form.add_error(None, str(refused))
        except ValidationError as error:
            errors_add(form, error)
        else:
            return redirect("connection-detail", uid=uid)
    return _detail(request, connection, form, status=422)


def _connection(request: HttpRequest, uid: uuid.UUID) -> Connection:
    seen = Connection.objects.visible_to(person_of(request)).select_related("organization")
    return get_object_or_404(seen, uid=uid)


def _administered(request: HttpRequest, uid: uuid.UUID) -> Connection:
    connection = _connection(request, uid)
    require(person_of(request), Permission.ADMINISTER, on=connection.organization)
    return connection
