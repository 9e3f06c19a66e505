"""Tickets that routes would open: a person looks at them, accepts some and dismisses others."""

import uuid
from collections.abc import Callable

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
from accounts.roles import Permission
from findings.models import Route
from findings.selectors.scopes import organizations_permitted
from findings.services.suggestions import (
    suggestions_accept,
    suggestions_dismiss,
    suggestions_of,
    suggestions_restore,
)
from portal.people import person_of

SHOWN = 50
DISMISSED = "dismissed"


@require_safe
def suggestion_list(request: HttpRequest) -> HttpResponse:
    """Of one route at a time, chosen by its address; those that are off suggest nothing."""
    user = person_of(request)
    on = Route.objects.visible_to(user).exclude(mode=Route.Mode.OFF)
    routes = list(on.select_related("connection", "organization"))
    wanted, shown = request.GET.get("route", ""), request.GET.get("show", "")
    route = next((one for one in routes if str(one.uid) == wanted), None)
    if (wanted and route is None) or shown not in ("", DISMISSED):
        raise BadRequest(_("There is no such route, or it is off."))
    route = route or next(iter(routes), None)
    found = suggestions_of(route, dismissed=shown == DISMISSED) if route else []
    context = {
        "routes": routes,
        "route": route,
        "shown": shown,
        "suggestions": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "may_accept": route and _may_accept(user, route),
    }
    return render(request, "tickets/suggestions.html", context)


def _may_accept(user: User, route: Route) -> bool:
    """At least some of them: the service asks for each account."""
    permitted = organizations_permitted(user, Permission.CONTRIBUTE)
    return permitted.filter(pk=route.organization_id).exists()


@require_POST
def suggestion_accept(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _with_those_chosen(request, uid, suggestions_accept, _accepted)


@require_POST
def suggestion_dismiss(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _with_those_chosen(request, uid, suggestions_dismiss, _dismissed)


@require_POST
def suggestion_restore(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _with_those_chosen(request, uid, suggestions_restore, _restored, shown=DISMISSED)


def _with_those_chosen(
    request: HttpRequest,
    uid: uuid.UUID,
    act: Callable[..., int],
    told: Callable[[int], str],
    shown: str = "",
) -> HttpResponse:
    user = person_of(request)
    route = get_object_or_404(Route.objects.visible_to(user), uid=uid)
    if not _may_accept(user, route):
        raise Denied(_("Tickets are opened by contributors."))
    keys = set(request.POST.getlist("key")[:SHOWN])
    found = suggestions_of(route, dismissed=bool(shown)) if keys else []
    chosen = [one for one in found if one.key in keys]
    number = act(actor=user, route=route, suggestions=chosen, now=timezone.now())
    if keys:
        messages.success(request, told(number))
    else:
        messages.warning(request, _("Choose at least one of them."))
    show = f"&show={shown}" if shown else ""
    return redirect(f"{reverse('suggestion-list')}?route={uid}{show}")


def _accepted(number: int) -> str:
    told = ngettext("%(n)d ticket is opened.", "%(n)d tickets are opened.", number)
    return told % {"n": number}


def _dismissed(number: int) -> str:
    told = ngettext(
        "%(n)d finding is suggested no more, while it stays open.",
        "%(n)d findings are suggested no more, while they stay open.",
        number,
    )
    return told % {"n": number}


def _restored(number: int) -> str:
    told = ngettext(
        "%(n)d finding is suggested again.", "%(n)d findings are suggested again.", number
    )
    return told % {"n": number}
