"""What boards, lists and the pages of findings tell of tickets besides their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Team
from accounts.roles import Permission
from findings.models import Connection, Episode, Finding, Ticket, TicketFinding, TicketStatus
from findings.selectors.ticket_stories import line_of
from findings.selectors.tickets import Person, TicketFilter, tickets_matching, tickets_seen

FINDINGS = 50


def column_counts(user: Person, wanted: TicketFilter) -> dict[TicketStatus, int]:
    """How many tickets each column of the board has in all."""
    found = tickets_matching(user, wanted).order_by().values("status")
    numbers = {row["status"]: row["number"] for row in found.annotate(number=Count("pk"))}
    return {status: numbers.get(status.value, 0) for status in TicketStatus}


def changeable(user: Person, tickets: Iterable[Ticket]) -> set[int]:
    """The pks of those that the person may change."""
    asked = [ticket.pk for ticket in tickets]
    whole = Ticket.objects.whole_to(user, Permission.CONTRIBUTE)
    return set(whole.filter(pk__in=asked).values_list("pk", flat=True))


def connections_of_tickets(user: Person) -> QuerySet[Connection]:
    """For a filter: those in which the person sees tickets."""
    seen = Ticket.objects.visible_to(user).filter(connection=OuterRef("pk"))
    return Connection.objects.filter(Exists(seen)).order_by("name", "pk")


def teams_of_tickets(user: Person) -> QuerySet[Team]:
    """For a filter: those that own tickets which the person sees."""
    seen = Ticket.objects.visible_to(user).filter(team=OuterRef("pk"))
    return Team.objects.filter(Exists(seen)).order_by("name", "pk")


def live_tickets_of(findings: Iterable[Finding]) -> dict[int, Ticket]:
    """Pk of a finding -> its live ticket. Who sees the finding sees that there is a ticket."""
    rows = TicketFinding.objects.filter(finding__in=findings, is_live=True)
    return {row.finding_id: row.ticket for row in rows.select_related("ticket")}


def tickets_of_finding(user: Person, finding: Finding) -> QuerySet[Ticket]:
    """Every ticket that is or was about a finding, the newest first."""
    about = TicketFinding.objects.filter(finding=finding)
    return tickets_seen(user).filter(pk__in=about.values("ticket")).order_by("-id")


def episodes_page(episodes: Sequence[Episode], after: str = "") -> tuple[list[Episode], str]:
    """Findings of a ticket, those first that are open, and the key of the next page.

    Raises ValueError for a key that no page gave.
    """
    ordered = sorted(episodes, key=_by_state)
    start = 0
    if after:
        keys = [str(episode.finding.uid) for episode in ordered]
        if after not in keys:
            raise ValueError("This is not a place in the list. Begin again at its first page.")
        start = keys.index(after) + 1
    found = ordered[start : start + FINDINGS]
    has_more = len(ordered) > start + FINDINGS
    return found, str(found[-1].finding.uid) if has_more else ""


def _by_state(episode: Episode) -> tuple[bool, bool, int, str, int]:
    state, finding = line_of(episode).state, episode.finding
    place = (finding.severity_rank, finding.account.name, finding.pk)
    return (state not in ("open", "claimed"), state != "open", *place)
