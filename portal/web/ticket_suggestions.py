"""Tickets that routes would open: a person looks at them, and accepts some."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Denied
from accounts.models import Team
from accounts.roles import Permission
from findings.models import Finding, Route
from findings.selectors.scopes import organizations_permitted
from findings.services.routes import suggestions, suggestions_open
from findings.services.routing import grouped
from portal.people import person_of

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A ticket that a route would open."""

    key: str
    team: Team | None
    findings: Sequence[Finding]
    """The most severe first."""

    @property
    def worst(self) -> Finding:
        return self.findings[0]

    @property
    def accounts(self) -> int:
        return len({finding.account_id for finding in self.findings})


@require_safe
def suggestion_list(request: HttpRequest) -> HttpResponse:
    """Of one route at a time, chosen by its address; those that are off suggest nothing."""
    user = person_of(request)
    on = Route.objects.visible_to(user).exclude(mode=Route.Mode.OFF)
    routes = list(on.select_related("connection", "organization"))
    wanted = request.GET.get("route", "")
    route = next((one for one in routes if str(one.uid) == wanted), None)
    if wanted and route is None:
        raise BadRequest(_("There is no such route, or it is off."))
    route = route or next(iter(routes), None)
    found = list(_suggested(route)) if route else []
    context = {
        "routes": routes,
        "route": route,
        "suggestions": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "may_accept": route and _may_accept(user, route),
    }
    return render(request, "tickets/suggestions.html", context)


def _may_accept(user: User, route: Route) -> bool:
    """At least some of them: the service asks for each account."""
    permitted = organizations_permitted(user, Permission.CONTRIBUTE)
    return permitted.filter(pk=route.organization_id).exists()


def _suggested(route: Route) -> Iterator[Suggestion]:
    for (_pk, key), placed in grouped(suggestions(route)).items():
        yield Suggestion(key=key, team=placed[0].team, findings=[one.finding for one in placed])


@require_POST
def suggestion_accept(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = person_of(request)
    route = get_object_or_404(Route.objects.visible_to(user), uid=uid)
    if not _may_accept(user, route):
        raise Denied(_("Tickets are opened by contributors."))
    keys = request.POST.getlist("key")[:SHOWN]
    number = suggestions_open(actor=user, route=route, keys=keys, now=timezone.now())
    told = ngettext("%(n)d ticket is opened.", "%(n)d tickets are opened.", number)
    if keys:
        messages.success(request, told % {"n": number})
    else:
        messages.warning(request, _("Choose at least one of them."))
    return redirect(f"{reverse('suggestion-list')}?route={uid}")
