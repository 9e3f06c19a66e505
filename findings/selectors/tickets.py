"""Tickets as pages and the API tell of them, each person what they may know.

Who sees one account of a ticket sees that it exists, how it stands, and its own findings. Title by
a person, note, comments, and what was exchanged with the tracker may tell of resources in other
accounts: these are for who sees every account of the ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, Q, QuerySet

from accounts.models import Account
from findings.models import (
    Episode,
    OutboxMessage,
    SyncEvent,
    Ticket,
    TicketComment,
    TicketFinding,
    TicketPlace,
    TicketStatus,
)
from findings.selectors.keysets import newest_page
from findings.selectors.ticket_stories import Standing, standing_of, standings_of, story_of
from findings.ticketing import sla
from findings.ticketing.content import block_of, title_of

Person = User | AnonymousUser
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """What a list is narrowed to; an empty text narrows nothing. Values come from a URL."""

    state: str = "live"
    status: str = ""
    severity: str = ""
    connection: str = ""
    team: str = ""
    check: str = ""
    account: str = ""
    search: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> TicketFilter:
        # PostgreSQL refuses texts with a NUL, and nothing here holds one.
        given = {f.name: values.get(f.name, "").replace("\0", "").strip() for f in fields(cls)}
        return cls(**{**given, "state": given["state"] or "live"})

    @property
    def is_narrowed(self) -> bool:
        return self != TicketFilter()


_STATES = {
    "live": Q(closed_at=None),
    "closed": Q(closed_at__isnull=False),
    "waiting": Q(closed_at=None, status=TicketStatus.DONE),
    "all": Q(),
}
STATES = tuple(_STATES)
"""*waiting*: people say it is done, or will not be; evidence or a decision is waited for."""


def tickets_seen(user: Person) -> QuerySet[Ticket]:
    related = ("organization", "connection", "route", "team", "predecessor")
    return Ticket.objects.visible_to(user).select_related(*related)


def tickets_matching(user: Person, wanted: TicketFilter) -> QuerySet[Ticket]:
    """The tickets a person may see that match, the newest first."""
    exact = {
        "status": wanted.status,
        "severity": wanted.severity,
        "connection__name": wanted.connection,
        "team__name": wanted.team,
    }
    found = tickets_seen(user).filter(**{name: value for name, value in exact.items() if value})
    found = found.filter(_STATES.get(wanted.state, Q(pk__in=())))
    if wanted.check or wanted.account:
        found = found.filter(_about(user, wanted)).distinct()
    if wanted.search:
        by_title = Q(title__icontains=wanted.search, pk__in=Ticket.objects.whole_to(user))
        found = found.filter(Q(key__iexact=wanted.search) | by_title)
    return found.order_by("-id")


def _about(user: Person, wanted: TicketFilter) -> Q:
    """Tickets about a check, an account, or both, as far as the person sees it."""
    findings = Q(ticket_findings__finding__account__in=Account.objects.visible_to(user))
    places = ~Q(check_id="")
    if wanted.check:
        findings &= Q(ticket_findings__finding__check_id=wanted.check)
        places &= Q(check_id=wanted.check)
    if wanted.account:
        findings &= Q(ticket_findings__finding__account__account_id=wanted.account)
        places &= Q(places__account__account_id=wanted.account)
    return findings | places


@dataclass(frozen=True, slots=True)
class TicketPage:
    tickets: list[Ticket]
    next_key: str


def page_of(tickets: QuerySet[Ticket], after: str = "") -> TicketPage:
    """One page, the newest first, after the key of another's end. Raises ValueError."""
    page = newest_page(tickets, after, size=PAGE)
    return TicketPage(page.rows, page.next_key)


def board(user: Person, wanted: TicketFilter) -> dict[TicketStatus, list[Ticket]]:
    """The columns of the board, the most severe and the soonest due first in each."""
    columns: dict[TicketStatus, list[Ticket]] = {}
    for status in TicketStatus:
        found = tickets_matching(user, wanted).filter(status=status)
        due_first = F("due_on").asc(nulls_last=True)
        columns[status] = list(found.order_by("severity_rank", due_first, "id")[:PAGE])
    return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTold:
    """A ticket as one person may know it."""

    ticket: Ticket
    is_whole: bool
    """Whether the person sees every account that it is about."""
    title: str
    note: str
    body: str
    """Markdown; of the findings the person sees."""
    episodes: Sequence[Episode]
    places: Sequence[TicketPlace]
    """Accounts in which its guard has to hold, of a ticket that is about no findings."""
    hidden_findings: int
    comments: QuerySet[TicketComment]
    """The oldest first; read when asked for, as there may be many."""

    @property
    def findings_total(self) -> int:
        return len(self.episodes)

    @property
    def findings_open(self) -> int:
        return len(Standing(episodes=self.episodes).open)

    @property
    def findings_verified(self) -> int:
        return Standing(episodes=self.episodes).verified


def ticket_told(user: Person, ticket: Ticket) -> TicketTold:
    """A visible ticket in the words that are for the person."""
    is_whole = Ticket.objects.whole_to(user).filter(pk=ticket.pk).exists()
    standing = standing_of(ticket)
    every = standing.episodes
    own = set(Account.objects.visible_to(user).values_list("pk", flat=True)) if not is_whole else ()
    seen = [e for e in every if is_whole or e.finding.account_id in own]
    shown = Standing(episodes=seen, places=standing.places if is_whole else ())
    told = ticket if is_whole else _without_words(ticket)
    story = story_of(told, shown) if shown.total else None
    return TicketTold(
        ticket=ticket,
        is_whole=is_whole,
        title=ticket.title if is_whole else (title_of(story) if story else ticket.name),
        note=ticket.note if is_whole else "",
        body=block_of(story) if story else "",
        episodes=seen,
        places=shown.places,
        hidden_findings=len(every) - len(seen),
        comments=TicketComment.objects.visible_to(user).filter(ticket=ticket),
    )


def ticket_standing(ticket: Ticket, now: datetime) -> sla.Standing:
    """How a ticket stands by its due date. It is met where scans verified all of it in time."""
    return sla.standing(
        ticket.due_on,
        time_zone=ticket.organization.time_zone,
        now=now,
        closed_at=ticket.closed_at,
        is_verified=ticket.findings_verified == ticket.findings_total,
    )


def titles_told(user: Person, tickets: Sequence[Ticket]) -> dict[int, str]:
    """Pk -> the title that the person may read, for a list."""
    whole = Ticket.objects.whole_to(user).filter(pk__in=[ticket.pk for ticket in tickets])
    known = set(whole.values_list("pk", flat=True))
    others = [ticket for ticket in tickets if ticket.pk not in known]
    seen = TicketFinding.objects.visible_to(user).filter(ticket__in=others)
    parts = standings_of(seen) if others else {}
    return {
        ticket.pk: ticket.title if ticket.pk in known else _title(ticket, parts.get(ticket.pk))
        for ticket in tickets
    }


def _title(ticket: Ticket, part: Standing | None) -> str:
    return title_of(story_of(_without_words(ticket), part)) if part else ticket.name


def _without_words(ticket: Ticket) -> Ticket:
    told = copy(ticket)
    told.note = ""
    return told


def sync_log(user: Person, ticket: Ticket) -> QuerySet[SyncEvent]:
    """What was exchanged about a ticket, the newest first."""
    return SyncEvent.objects.visible_to(user).filter(ticket=ticket).order_by("-id")


def outbox_seen(user: Person) -> QuerySet[OutboxMessage]:
    """What waits and what was given up, the dead letters first."""
    messages = OutboxMessage.objects.visible_to(user)
    return messages.select_related("ticket__connection").order_by("status", "not_before", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLine:
    """Where a ticket and its issue differ and nothing settles it by itself."""

    ticket: Ticket
    what: str
    ours: str
    theirs: str
    can_take_theirs: bool = False


def drift(user: Person) -> list[DriftLine]:
    """Theirs against ours, for the tickets that a person sees as a whole; the newest of them."""
    return drift_of(drifting(user)[: 4 * PAGE])


def drifting(user: Person) -> QuerySet[Ticket]:
    """The tickets that there are lines of drift about, the newest first."""
    tickets = Ticket.objects.whole_to(user).select_related("connection", "outbox")
    differs = (
        ~Q(drift={})
        | ~Q(blocked_reason="")
        | Q(detached_at__isnull=False)
        | Q(outbox__status=OutboxMessage.Status.DEAD)
        | _OPENED_BY_THEM
    )
    return tickets.filter(differs).order_by("-id")


def drift_of(tickets: Iterable[Ticket]) -> list[DriftLine]:
    return [line for ticket in tickets for line in drift_lines(ticket)]


_OPENED_BY_THEM = (
    Q(closed_at__isnull=False, base__isnull=False, outbox=None)
    & ~Q(status=TicketStatus.DONE)
    & Q(pushed_version=F("desired_version"))
)


def drift_lines(ticket: Ticket) -> list[DriftLine]:
    if ticket.detached_at:
        return [DriftLine(ticket=ticket, what="issue", ours=ticket.name, theirs="gone")]
    lines = [
        DriftLine(
            ticket=ticket,
            what=name,
            ours=str(ticket.desired.get(name, "")),
            theirs=str(value),
            can_take_theirs=True,
        )
        for name, value in ticket.drift.items()
    ]
    if ticket.blocked_reason:
        lines.append(
            DriftLine(ticket=ticket, what="blocked", ours="", theirs=ticket.blocked_reason)
        )
    message = getattr(ticket, "outbox", None)
    if message and message.status == OutboxMessage.Status.DEAD:
        lines.append(DriftLine(ticket=ticket, what="not sent", ours="", theirs=message.last_error))
    if not ticket.is_live and ticket.status != TicketStatus.DONE and ticket.base and not message:
        theirs = ticket.status_name or ticket.status
        lines.append(DriftLine(ticket=ticket, what="status", ours="done", theirs=theirs))
    return lines
