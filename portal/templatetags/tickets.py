"""Words of tickets: how they stand, by when they are due, and where their issue is."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.models import Episode, Ticket
from findings.selectors.ticket_exchanges import sees_deliveries
from findings.selectors.ticket_stories import line_of
from findings.ticketing.sla import Standing
from portal.people import person_of
from portal.templatetags.portal import NOTHING, icon

register = template.Library()

SECTIONS = (
    ("ticket-board", gettext_lazy("Board")),
    ("ticket-list", gettext_lazy("List")),
    ("suggestion-list", gettext_lazy("Suggestions")),
    ("ticket-outbox", gettext_lazy("Outbox")),
    ("ticket-drift", gettext_lazy("Drift")),
    ("delivery-list", gettext_lazy("Deliveries")),
)


@register.inclusion_tag("tickets/_sections.html", takes_context=True)
def ticket_sections(context: Mapping[str, Any]) -> dict[str, object]:
    """The pages about tickets; what trackers sent is for administrators alone."""
    request = context["request"]
    is_administrator = sees_deliveries(person_of(request))
    shown = [one for one in SECTIONS if one[0] != "delivery-list" or is_administrator]
    return {"sections": shown, "here": request.resolver_match.url_name}


STATES = {
    "todo": ("circle-dashed", "not_applicable", gettext_lazy("To do")),
    "in_progress": ("player-play", "suppressed", gettext_lazy("In progress")),
    "done": ("clock", "unknown", gettext_lazy("Done, waits for a scan")),
    "wont_do": ("ban", "unknown", gettext_lazy("Will not be done, waits for a decision")),
    "verified": ("circle-check", "pass", gettext_lazy("Closed, verified")),
    "closed": ("circle-check", "not_applicable", gettext_lazy("Closed")),
}


@register.simple_tag
def ticket_state(ticket: Ticket) -> SafeString:
    """How it stands: people claim, evidence closes."""
    if not ticket.is_live:
        is_verified = ticket.findings_verified == ticket.findings_total
        return _marked("verified" if is_verified else "closed")
    return _marked("wont_do" if ticket.wont_do else ticket.status)


@register.filter
def status_label(status: str) -> str:
    """A column of the board; on it, done needs no more words."""
    return _("Done") if status == "done" else str(STATES[status][2])


def _marked(state: str) -> SafeString:
    symbol, kind, label = STATES[state]
    return format_html('<span class="outcome outcome-{}">{}{}</span>', kind, icon(symbol), label)


DUE = {
    Standing.SOON: ("warning", gettext_lazy("due soon")),
    Standing.BREACHED: ("error", gettext_lazy("overdue")),
    Standing.MET: ("", gettext_lazy("met")),
    Standing.STOPPED: ("", gettext_lazy("stopped")),
    Standing.ON_TIME: ("", ""),
}


@register.simple_tag
def due(ticket: Ticket, standing: Standing | str) -> SafeString | str:
    """The last day in time, and how the ticket stands by it."""
    if ticket.due_on is None or standing not in DUE:
        return NOTHING
    kind, label = DUE[Standing(standing)]
    if standing is Standing.BREACHED and not ticket.is_live:
        label = gettext_lazy("too late")
    day = date_format(ticket.due_on, "Y-m-d")
    return format_html('<span class="text-nowrap {}">{} {}</span>', kind, day, label)


@register.filter
def verified_of(ticket: Ticket) -> str:
    numbers = {"verified": ticket.findings_verified, "total": ticket.findings_total}
    return _("%(verified)d of %(total)d verified") % numbers


FINDINGS = {
    "open": ("circle-x", "fail", gettext_lazy("Open")),
    "claimed": ("clock", "unknown", gettext_lazy("Claimed")),
    "verified": ("circle-check", "pass", gettext_lazy("Verified")),
    "resource_gone": ("ban", "gone", gettext_lazy("Gone")),
    "account_left": ("minus", "not_applicable", gettext_lazy("Account left")),
    "out_of_scope": ("minus", "not_applicable", gettext_lazy("Out of scope")),
    "check_changed": ("minus", "not_applicable", gettext_lazy("Check changed")),
}


@register.simple_tag
def finding_standing(episode: Episode) -> SafeString:
    """How a finding of a ticket stands."""
    return standing_of(line_of(episode).state)


@register.simple_tag
def standing_of(state: str) -> SafeString:
    symbol, kind, label = FINDINGS[state]
    return format_html('<span class="outcome outcome-{}">{}{}</span>', kind, icon(symbol), label)


@register.filter
def web_address(address: str) -> str:
    """An address that may be a link: of the web, whoever told it; else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname else ""
