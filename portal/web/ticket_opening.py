"""From a finding, or a selection of them, to a ticket: one page, one button."""

import uuid
from dataclasses import asdict
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Denied
from accounts.roles import Permission
from findings.models import Finding, Ticket
from findings.selectors.finding_list import FindingFilter, findings_matching
from findings.selectors.scopes import organizations_permitted
from findings.selectors.ticket_openings import (
    BOARD,
    Destination,
    Opening,
    destinations,
    live_alike,
    opening_of,
)
from findings.services.ticket_openings import route_of, ticket_open_along
from findings.services.tickets import MANY, TicketRefused, ticket_open
from portal.people import person_of
from portal.web.ticket_forms import OpenForm, words_of

SHOWN = 20


def may_open(user: User) -> bool:
    """Whether the person may open a ticket about anything."""
    return organizations_permitted(user, Permission.CONTRIBUTE).exists()


def open_query(wanted: FindingFilter) -> str:
    """The query of a form for all that a list is narrowed to; empty where it is to nothing."""
    if wanted.state not in ("open", "unverified") or not wanted.is_narrowed:
        return ""
    return urlencode({name: value for name, value in asdict(wanted).items() if value})


def findings_selected(request: HttpRequest) -> QuerySet[Finding]:
    """The findings named in the form or the address, as far as the person sees them."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        uids = [uuid.UUID(text) for text in given.getlist("finding")[: MANY + 1]]
    except ValueError:
        raise BadRequest(_("This is no address of a finding.")) from None
    return Finding.objects.visible_to(person_of(request)).filter(uid__in=uids)


@require_http_methods(["GET", "HEAD", "POST"])
def ticket_open_page(request: HttpRequest) -> HttpResponse:
    """Findings come by name, or as the filter of a list; what cannot be is told and left out."""
    user = person_of(request)
    if not may_open(user):
        raise Denied(_("Tickets are opened by contributors."))
    opening = opening_of(user, _selected(request, user), most=MANY)
    if not opening.findings:
        return _page(request, opening, None, status=422 if request.method == "POST" else 200)
    places = destinations(user, opening.organization)
    if request.method != "POST":
        initial = {"destination": _likely(opening, places)}
        return _page(request, opening, OpenForm(initial=initial, destinations=places))
    form = OpenForm(request.POST, destinations=places)
    if form.is_valid() and (ticket := _opened(form, opening, user)):
        told = _("The ticket is opened; %(number)d of what you selected is left out.")
        left = opening.left_out
        messages.success(request, told % {"number": left} if left else _("The ticket is opened."))
        return redirect("ticket-detail", uid=ticket.uid)
    return _page(request, opening, form, status=422)


def _selected(request: HttpRequest, user: User) -> QuerySet[Finding]:
    if request.method == "POST" or "finding" in request.GET:
        return findings_selected(request)
    wanted = FindingFilter.of(request.GET)
    if not wanted.is_narrowed:
        return Finding.objects.none()
    return findings_matching(user, wanted, timezone.now())


def _likely(opening: Opening, places: list[Destination]) -> str:
    """The route that takes all of them; else the only tracker; else the board."""
    route = route_of(opening.findings)
    of_route = f"route:{route.uid}" if route else ""
    keys = [place.key for place in places]
    trackers = [key for key in keys if key.startswith("connection:")]
    if of_route in keys:
        return of_route
    return trackers[0] if len(trackers) == 1 else BOARD


def _opened(form: OpenForm, opening: Opening, user: User) -> Ticket | None:
    """The ticket that the form asks for; or have the form show why not."""
    place, given, now = form.chosen, form.cleaned_data, timezone.now()
    words = {"title": given["title"], "note": given["note"]}
    try:
        if place.route:
            return ticket_open_along(
                actor=user, route=place.route, findings=opening.findings, now=now, **words
            )
        return ticket_open(
            actor=user,
            findings=opening.findings,
            connection=place.connection,
            project=given["project"] if place.asks_project else "",
            now=now,
            **words,
        )
    except TicketRefused as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        form.add_error(None, words_of(error))
    return None


def _page(
    request: HttpRequest, opening: Opening, form: OpenForm | None, status: int = 200
) -> HttpResponse:
    context = {
        "opening": opening,
        "shown": opening.findings[:SHOWN],
        "number": len(opening.findings),
        "alike": live_alike(person_of(request), opening.findings),
        "form": form,
    }
    return render(request, "tickets/open.html", context, status=status)
