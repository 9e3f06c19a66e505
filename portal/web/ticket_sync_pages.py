"""How tickets and their issues are kept level: the Sync tab, the outbox, deliveries and drift."""

import uuid

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from findings.models import InboundDelivery, OutboxMessage, Ticket
from findings.selectors import ticket_exchanges, ticket_lists, tickets
from findings.selectors.keysets import PAGE, newest_page
from findings.services.outbox import outbox_replay
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_drift import Side, drift_resolve
from findings.services.tickets import TicketRefused
from portal.people import person_of
from portal.web.tickets import head_context, ticket_of

EXCHANGES = 25
OUTBOX = {
    "dead": gettext_lazy("Given up"),
    "failing": gettext_lazy("Failing"),
    "waiting": gettext_lazy("Waiting"),
}
DELIVERIES = {"": gettext_lazy("All"), **dict(InboundDelivery.Status.choices)}


@require_safe
def ticket_sync(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Who told what to whom, and why; with what waits and what differs now."""
    user, ticket = person_of(request), ticket_of(request, uid)
    is_whole = Ticket.objects.whole_to(user).filter(pk=ticket.pk).exists()
    try:
        log = newest_page(
            tickets.sync_log(user, ticket), request.GET.get("after", ""), size=EXCHANGES
        )
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        **head_context(user, ticket, tickets.titles_told(user, [ticket])[ticket.pk]),
        "is_whole": is_whole,
        "log": log,
        "message": OutboxMessage.objects.visible_to(user).filter(ticket=ticket).first(),
        "lines": tickets.drift_of([ticket]) if is_whole else [],
        "changeable": ticket_lists.changeable(user, [ticket]),
        "back": "sync",
    }
    return render(request, "tickets/sync.html", context)


@require_safe
def ticket_outbox(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    counts = ticket_exchanges.outbox_counts(user)
    first = next((name for name in OUTBOX if counts[name]), "dead")
    shown = request.GET.get("show") or first
    if shown not in OUTBOX:
        raise BadRequest(_("There is no such list."))
    try:
        page = newest_page(
            ticket_exchanges.outbox_in(user, shown), request.GET.get("after", ""), size=PAGE
        )
    except ValueError as error:
        raise BadRequest(str(error)) from error
    held = [message.ticket for message in page.rows]
    context = {
        "shown": shown,
        "lists": [(name, label, counts[name]) for name, label in OUTBOX.items()],
        "page": page,
        "titles": tickets.titles_told(user, held),
        "replayable": ticket_lists.changeable(user, held),
    }
    return render(request, "tickets/outbox.html", context)


@require_POST
def outbox_replay_these(request: HttpRequest) -> HttpResponse:
    """One message by its button, or all that were shown."""
    user, now = person_of(request), timezone.now()
    given = request.POST.getlist("ticket") or request.POST.getlist("shown")
    try:
        uids = [uuid.UUID(text) for text in given[:PAGE]]
    except ValueError:
        raise BadRequest(_("This is no ticket.")) from None
    seen = OutboxMessage.objects.visible_to(user).filter(ticket__uid__in=uids)
    found = list(seen.select_related("ticket__organization"))
    for message in found:
        outbox_replay(actor=user, message=message, now=now)
    told = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", len(found))
    if found:
        messages.success(request, told % {"n": len(found)})
    else:
        messages.warning(request, _("There is nothing any more to be sent again."))
    if request.POST.get("back") == "sync" and found:
        return redirect("ticket-sync", uid=found[0].ticket.uid)
    return redirect("ticket-outbox")


@require_safe
def ticket_drift(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    try:
        page = tickets.page_of(tickets.drifting(user), request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "lines": tickets.drift_of(page.tickets),
        "next_key": page.next_key,
        "titles": tickets.titles_told(user, page.tickets),
        "changeable": ticket_lists.changeable(user, page.tickets),
    }
    return render(request, "tickets/drift.html", context)


@require_POST
def ticket_drift_settle(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user, ticket = person_of(request), ticket_of(request, uid)
    require_on_ticket(user, ticket)
    try:
        side = Side(request.POST.get("side", ""))
    except ValueError:
        raise BadRequest(_("Choose ours or theirs.")) from None
    try:
        drift_resolve(actor=user, ticket=ticket, side=side, now=timezone.now())
    except TicketRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        told = {
            Side.OURS: _("%(ticket)s: ours is put there once more."),
            Side.THEIRS: _("%(ticket)s: theirs stands."),
        }
        messages.success(request, told[side] % {"ticket": ticket.name})
    if request.POST.get("back") == "sync":
        return redirect("ticket-sync", uid=uid)
    return redirect("ticket-drift")


@require_safe
def delivery_list(request: HttpRequest) -> HttpResponse:
    user, shown = person_of(request), request.GET.get("show", "")
    if shown not in DELIVERIES:
        raise BadRequest(_("There is no such list."))
    try:
        page = newest_page(
            ticket_exchanges.deliveries_seen(user, shown), request.GET.get("after", ""), size=PAGE
        )
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "shown": shown,
        "lists": [(name, label, None) for name, label in DELIVERIES.items()],
        "page": page,
        "tickets": _tickets_named(user, page.rows),
        "refused": ticket_exchanges.connections_that_refused(user),
        "is_permitted": ticket_exchanges.sees_deliveries(user),
    }
    return render(request, "tickets/deliveries.html", context)


def _tickets_named(user: User, deliveries: list[InboundDelivery]) -> dict[int, list[Ticket]]:
    """Pk of a delivery -> the tickets whose issues it names."""
    named = {name for one in deliveries for name in one.external_ids}
    connections = {one.connection_id for one in deliveries}
    found = Ticket.objects.visible_to(user).filter(
        connection__in=connections, external_id__in=list(named)[: 10 * PAGE]
    )
    by_issue = {(ticket.connection_id, ticket.external_id): ticket for ticket in found}
    return {
        one.pk: [
            by_issue[one.connection_id, name]
            for name in one.external_ids
            if (one.connection_id, name) in by_issue
        ]
        for one in deliveries
    }


@require_safe
def delivery_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What was sent, as it was sent; of a long one the beginning."""
    user = person_of(request)
    seen = InboundDelivery.objects.visible_to(user).select_related("connection")
    delivery = get_object_or_404(seen, uid=uid)
    body = bytes(delivery.body)
    context = {
        "delivery": delivery,
        "tickets": _tickets_named(user, [delivery])[delivery.pk],
        "size": len(body),
        "body": body[:BODY_SHOWN]
        .decode(errors="replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}"),
        "is_cut": len(body) > BODY_SHOWN,
    }
    return render(request, "tickets/delivery.html", context)


BODY_SHOWN = 20_000
"""Bytes."""
