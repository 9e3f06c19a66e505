"""What people do with a ticket by the buttons of its page and of the board."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from findings.models import Finding, Ticket, TicketFinding, TicketStatus
from findings.selectors.finding_list import FindingFilter, findings_matching, page_of
from findings.selectors.tickets import titles_told
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_moves import SaidMove, ticket_move, ticket_return
from findings.services.tickets import (
    TicketRefused,
    ticket_add,
    ticket_comment,
)
from portal.people import person_of
from portal.web.ticket_forms import CommentForm, MoveForm, ReturnForm, words_of
from portal.web.ticket_opening import findings_selected
from portal.web.tickets import detail_page, ticket_of


@require_POST
def ticket_comment_add(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    ticket, form = ticket_of(request, uid), CommentForm(request.POST)
    require_on_ticket(person_of(request), ticket)
    if form.is_valid():
        try:
            ticket_comment(
                actor=person_of(request),
                ticket=ticket,
                body=form.cleaned_data["body"],
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error("body", words_of(error))
        else:
            return redirect(f"{reverse('ticket-detail', args=[uid])}#comments")
    return detail_page(request, ticket, form, status=422)


@require_POST
def ticket_move_to(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A card of the board is moved; the query is that of the board, which is shown again."""
    ticket, form = ticket_of(request, uid), MoveForm(request.POST)
    if not form.is_valid():
        require_on_ticket(person_of(request), ticket)
        if "status" in form.errors:
            raise BadRequest(_("A ticket is moved to do, in progress or done."))
        messages.error(request, " ".join(map(str, form.errors["reason"])))
        return _back(request, ticket)
    given = form.cleaned_data
    move = SaidMove(
        status=TicketStatus(given["status"]), wont_do=given["wont_do"], reason=given["reason"]
    )
    try:
        moved = ticket_move(actor=person_of(request), ticket=ticket, move=move, now=timezone.now())
    except TicketRefused as refusal:
        messages.error(request, str(refusal))
    except ValidationError as error:
        messages.error(request, words_of(error))
    else:
        messages.success(request, _told(moved))
    return _back(request, ticket)


def _told(ticket: Ticket) -> str:
    named = {"ticket": ticket.name}
    if ticket.wont_do:
        return _("%(ticket)s: a suppression is asked for; an approver decides.") % named
    if ticket.status == TicketStatus.DONE:
        return _("%(ticket)s is claimed to be done; a scan verifies it.") % named
    return _("%(ticket)s is moved.") % named


def _back(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    if request.POST.get("back") != "board":
        return redirect("ticket-detail", uid=ticket.uid)
    return redirect(f"{reverse('ticket-board')}?{urlencode(request.GET.dict())}".rstrip("?"))


@require_POST
def ticket_send_back(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    ticket, form = ticket_of(request, uid), ReturnForm(request.POST)
    if not form.is_valid():
        require_on_ticket(person_of(request), ticket)
        messages.error(request, " ".join(map(str, form.errors["note"])))
        return redirect("ticket-detail", uid=uid)
    note = form.cleaned_data["note"]
    try:
        ticket_return(actor=person_of(request), ticket=ticket, note=note, now=timezone.now())
    except TicketRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The ticket is sent back; its findings are open as before."))
    return redirect("ticket-detail", uid=uid)


@require_http_methods(["GET", "HEAD", "POST"])
def ticket_add_findings(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Open findings without a ticket to choose from, at first those of the ticket's checks."""
    ticket = ticket_of(request, uid)
    require_on_ticket(person_of(request), ticket)
    if request.method != "POST":
        return _choices(request, ticket)
    selected = list(findings_selected(request).select_related("organization"))
    try:
        ticket_add(actor=person_of(request), ticket=ticket, findings=selected, now=timezone.now())
    except TicketRefused as refusal:
        messages.error(request, str(refusal))
        return _choices(request, ticket, status=422)
    number = len(selected)
    told = ngettext("%(number)d finding is added.", "%(number)d findings are added.", number)
    messages.success(request, told % {"number": number})
    return redirect("ticket-detail", uid=uid)


def _choices(request: HttpRequest, ticket: Ticket, status: int = 200) -> HttpResponse:
    user, now = person_of(request), timezone.now()
    wanted = FindingFilter.of({**request.GET.dict(), "state": "open"})
    live = TicketFinding.objects.filter(is_live=True)
    found = findings_matching(user, wanted, now).filter(organization=ticket.organization)
    of_ticket = Finding.objects.filter(ticket_findings__ticket=ticket).values("check_id")
    if not wanted.search:
        found = found.filter(check_id__in=of_ticket)
    try:
        page = page_of(found.exclude(pk__in=live.values("finding")), request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "ticket": ticket,
        "title": titles_told(user, [ticket])[ticket.pk],
        "wanted": wanted,
        "findings": page.findings,
        "next_key": page.next_key,
    }
    return render(request, "tickets/add.html", context, status=status)
