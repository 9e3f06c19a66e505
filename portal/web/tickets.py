import uuid
from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from findings.catalogue.pillar import Severity
from findings.models import Route, Ticket, TicketComment, TicketEvent, TicketStatus
from findings.selectors import ticket_lists, tickets
from findings.selectors.incidents import action_items_seen
from findings.selectors.keysets import newest_page
from findings.selectors.ticket_events import ticket_events_told
from findings.selectors.tickets import TicketFilter
from findings.services.ticket_access import require_on_ticket
from findings.services.tickets import TicketRefused, ticket_edit
from portal.people import person_of
from portal.web.ticket_forms import CommentForm, EditForm, words_of

SHOWN_COMMENTS, SHOWN_EVENTS = 20, 50


@require_safe
def ticket_board(request: HttpRequest) -> HttpResponse:
    """Live tickets by what people say of them; those of trackers are moved there."""
    user, wanted = person_of(request), TicketFilter.of({**request.GET.dict(), "state": "live"})
    columns = tickets.board(user, wanted)
    shown = [ticket for column in columns.values() for ticket in column]
    counts = ticket_lists.column_counts(user, wanted)
    context = {
        **_filter_context(user, wanted),
        "columns": [(status, counts[status], column) for status, column in columns.items()],
        "number": sum(counts.values()),
        **_lines_context(user, shown),
    }
    return render(request, "tickets/board.html", context)


@require_safe
def ticket_list(request: HttpRequest) -> HttpResponse:
    user, wanted = person_of(request), TicketFilter.of(request.GET)
    found = tickets.tickets_matching(user, wanted)
    try:
        page = tickets.page_of(found, request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        **_filter_context(user, wanted),
        "tickets": page.tickets,
        "next_key": page.next_key,
        "number": found.order_by().count(),
        "states": tickets.STATES,
        "statuses": TicketStatus.choices,
        **_lines_context(user, page.tickets),
    }
    return render(request, "tickets/list.html", context)


def _filter_context(user: User, wanted: TicketFilter) -> dict[str, object]:
    return {
        "wanted": wanted,
        "filters": {name: value for name, value in asdict(wanted).items() if value},
        "severities": list(Severity),
        "connections": ticket_lists.connections_of_tickets(user),
        "teams": ticket_lists.teams_of_tickets(user),
    }


def _lines_context(user: User, shown: list[Ticket]) -> dict[str, object]:
    now = timezone.now()
    return {
        "titles": tickets.titles_told(user, shown),
        "standings": {ticket.pk: tickets.ticket_standing(ticket, now) for ticket in shown},
        "changeable": ticket_lists.changeable(user, shown),
    }


def ticket_of(request: HttpRequest, uid: uuid.UUID) -> Ticket:
    return get_object_or_404(tickets.tickets_seen(person_of(request)), uid=uid)


@require_safe
def ticket_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return detail_page(request, ticket_of(request, uid), CommentForm())


def detail_page(
    request: HttpRequest, ticket: Ticket, form: CommentForm, status: int = 200
) -> HttpResponse:
    user = person_of(request)
    told = tickets.ticket_told(user, ticket)
    try:
        episodes, next_finding = ticket_lists.episodes_page(
            told.episodes, request.GET.get("findings_after", "")
        )
        comments = newest_page(
            told.comments.select_related("author"),
            request.GET.get("comments_after", ""),
            size=SHOWN_COMMENTS,
        )
    except ValueError as error:
        raise BadRequest(str(error)) from error
    events = TicketEvent.objects.visible_to(user).filter(ticket=ticket).select_related("actor")
    newest = events.order_by("-number")[:SHOWN_EVENTS]
    routes = Route.objects.visible_to(user).filter(tickets=ticket)
    may_change = ticket.pk in ticket_lists.changeable(user, [ticket])
    context = {
        **head_context(user, ticket, told.title),
        "told": told,
        "episodes": episodes,
        "next_finding": next_finding,
        "item": action_items_seen(user).filter(ticket=ticket).first() if ticket.check_id else None,
        "comments": comments,
        "events": ticket_events_told(user, list(newest)),
        "sees_route": routes.exists(),
        "successors": tickets.tickets_seen(user).filter(predecessor=ticket).order_by("id"),
        "may_change": may_change,
        "may_move": may_change and ticket.is_live and not ticket.connection.has_adapter,
        "may_return": may_change and ticket.is_live and ticket.status == TicketStatus.DONE,
        "form": form,
    }
    return render(request, "tickets/detail.html", context, status=status)


def head_context(user: User, ticket: Ticket, title: str) -> dict[str, object]:
    """What the head of each page of a ticket says."""
    return {
        "ticket": ticket,
        "title": title,
        "standing": tickets.ticket_standing(ticket, timezone.now()),
    }


@require_safe
def comment_detail(request: HttpRequest, uid: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    """All of a comment that the page of its ticket cuts."""
    ticket = ticket_of(request, uid)
    seen = TicketComment.objects.visible_to(person_of(request)).select_related("author")
    context = {
        "ticket": ticket,
        "comment": get_object_or_404(seen, ticket=ticket, uid=comment),
    }
    return render(request, "tickets/comment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ticket_edit_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user, ticket = person_of(request), ticket_of(request, uid)
    require_on_ticket(user, ticket)
    form = EditForm(request.POST or None, instance=ticket)
    if request.method == "POST" and form.is_valid():
        try:
            ticket_edit(actor=user, ticket=ticket, now=timezone.now(), **form.changes)
        except TicketRefused as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as error:
            form.add_error(None, words_of(error))
        else:
            messages.success(request, _("The ticket is changed."))
            return redirect("ticket-detail", uid=uid)
    status = 422 if form.errors else 200
    context = {"ticket": ticket, "form": form}
    return render(request, "tickets/edit.html", context, status=status)
