import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Permission, reach_of, require
from accounts.models import Organization, Team
from findings.models import Route
from findings.selectors.scopes import organizations_administered
from findings.services import routes as services
from findings.services.connections import board_of
from findings.services.route_simulation import Simulation, route_simulate
from portal.people import person_of
from portal.web.forms import errors_add, organization_chosen
from portal.web.route_forms import RouteForm
from portal.web.selector_form import SelectorForm

LARGEST_GROUPS = 10
STEPS = {"up": -1, "down": 1}


@require_safe
def route_list(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    seen = Route.objects.visible_to(user).select_related("organization", "connection")
    administered = organizations_administered(user).order_by("name", "pk")
    by_organization: dict[Organization, list[Route]] = {one: [] for one in administered}
    for route in seen.order_by("organization__name", "position", "id"):
        by_organization.setdefault(route.organization, []).append(route)
    context = {
        "groups": [(one, routes, one in administered) for one, routes in by_organization.items()],
        "sees_whole": reach_of(user).is_on_whole_organizations,
    }
    return render(request, "routes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def route_create(request: HttpRequest) -> HttpResponse:
    offered = organizations_administered(person_of(request))
    return _edit(request, Route(organization=organization_chosen(request, offered)))


@require_http_methods(["GET", "HEAD", "POST"])
def route_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _edit(request, _administered(request, uid))


def _edit(request: HttpRequest, route: Route) -> HttpResponse:
    """The form; sent with ``simulate`` it shows what the route would have done, saving nothing."""
    user, name, simulation = person_of(request), route.name, None
    posted = request.POST if request.method == "POST" else None
    form = RouteForm(posted, route=route)
    part = SelectorForm(posted, selector=route.selector, user=user, organization=route.organization)
    if posted is not None and form.is_valid() & part.is_valid():
        route.selector = part.cleaned_data["selector"]
        if "simulate" in posted:
            simulation = route_simulate(actor=user, route=route, now=timezone.now())
        elif _save(form, user):
            messages.success(request, _("The route is saved."))
            return redirect("route-edit", uid=route.uid)
    context = {
        "form": form,
        "part": part,
        "name": name,
        "route": route,
        **_told(simulation),
        "waiting": services.placements_waiting(route) if route.held_at else [],
    }
    is_refused = bool(form.errors or part.errors)
    return render(request, "routes/edit.html", context, status=422 if is_refused else 200)


def _save(form: RouteForm, user: User) -> bool:
    """Save what the form says, or have it show why not."""
    route = form.instance
    try:
        if form.cleaned_data["connection"] is None:
            route.connection = board_of(route.organization)
        services.route_save(actor=user, route=route, now=timezone.now())
    except ValidationError as error:
        errors_add(form, error)
    return not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
def route_switch(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Asks with what the last days would have made, then switches the mode."""
    route, user = _administered(request, uid), person_of(request)
    mode = request.GET.get("mode", Route.Mode.AUTO.value)
    if request.method == "POST":
        mode = request.POST.get("mode", "")
    if mode not in Route.Mode.values:
        raise BadRequest(_("A route is off, suggests, or is automatic."))
    if request.method == "POST":
        route.mode = mode
        try:
            services.route_save(actor=user, route=route, now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            told = _("The route %(name)s is %(mode)s now.")
            label = Route.Mode(mode).label.lower()
            messages.success(request, told % {"name": route.name, "mode": label})
        return redirect("route-edit", uid=uid)
    simulation = route_simulate(actor=user, route=route, now=timezone.now())
    context = {"route": route, "mode": Route.Mode(mode), **_told(simulation)}
    return render(request, "routes/switch.html", context)


def _told(simulation: Simulation | None) -> dict[str, Any]:
    """With the largest groups: check, account, name of the team, findings."""
    found = list(simulation.by_key.items())[:LARGEST_GROUPS] if simulation else []
    groups = [(_parts(key), number) for key, number in found if not key.startswith("finding:")]
    uids = [parts["team"] for parts, _number in groups if parts.get("team", "-") != "-"]
    names = {
        str(uid): name for uid, name in Team.objects.filter(uid__in=uids).values_list("uid", "name")
    }
    largest = [
        (parts["check"], parts.get("account", ""), names.get(parts.get("team", ""), ""), number)
        for parts, number in groups
    ]
    return {"simulation": simulation, "largest": largest}


def _parts(key: str) -> dict[str, str]:
    """Of the key of a ticket's group: names and values in turn."""
    words = key.split(":")
    return dict(zip(words[::2], words[1::2], strict=True))


@require_POST
def route_move(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    route = _administered(request, uid)
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise BadRequest(_("A route is moved up or down."))
    routes = list(route.organization.routes.order_by("position", "id"))
    here = routes.index(route)
    if 0 <= here + step < len(routes):
        routes.insert(here + step, routes.pop(here))
        services.routes_order(
            actor=person_of(request),
            organization=route.organization,
            routes=routes,
            now=timezone.now(),
        )
    return redirect("route-list")


@require_POST
def route_release(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    opened = services.route_release(
        actor=person_of(request),
        route=_administered(request, uid),
        opens="opens" in request.POST,
        now=timezone.now(),
    )
    told = _("The route goes on; %(number)d tickets were opened.")
    messages.success(request, told % {"number": opened})
    return redirect("route-edit", uid=uid)


@require_POST
def route_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    services.route_delete(
        actor=person_of(request), route=_administered(request, uid), now=timezone.now()
    )
    messages.success(request, _("The route is deleted; its tickets stay as they are."))
    return redirect("route-list")


def _administered(request: HttpRequest, uid: uuid.UUID) -> Route:
    user = person_of(request)
    seen = Route.objects.visible_to(user).select_related("organization", "connection")
    route = get_object_or_404(seen, uid=uid)
    require(user, Permission.ADMINISTER, on=route.organization)
    return route
