"""How the findings or places of a ticket stand, and what there is to tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from findings.checks.base import built_in
from findings.models import CloseCause, Episode, Ticket, TicketFinding, TicketPlace, Workflow
from findings.ticketing.content import Line, Story

CLAIMED, VERIFIED = TicketPlace.State.CLAIMED, TicketPlace.State.VERIFIED


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The newest episode of each finding of a ticket, its places, and what they say together."""

    episodes: Sequence[Episode]
    places: Sequence[TicketPlace] = ()

    @property
    def is_over(self) -> bool:
        """Whether evidence has closed all of it."""
        return not self.open and all(place.state == VERIFIED for place in self.places)

    @property
    def is_claimed(self) -> bool:
        """Whether a scan is still to look at something that is said to be done."""
        return bool(self.claimed) or any(place.state == CLAIMED for place in self.places)

    @property
    def total(self) -> int:
        return len(self.episodes) + len(self.places)

    @property
    def lines(self) -> list[Line]:
        told = [line_of(episode) for episode in self.episodes]
        return [*told, *(line_of_place(place) for place in self.places)]

    @property
    def open(self) -> list[Episode]:
        return [episode for episode in self.episodes if episode.closed_at is None]

    @property
    def claimed(self) -> list[Episode]:
        return [e for e in self.open if e.workflow == Workflow.FIX_CLAIMED]

    @property
    def verified(self) -> int:
        seen = sum(e.close_cause == CloseCause.VERIFIED for e in self.episodes)
        return seen + sum(place.state == VERIFIED for place in self.places)

    @property
    def worst(self) -> Episode | None:
        """That of the most severe finding, open ones before closed ones; None without findings."""
        found = self.open or self.episodes
        return min(found, key=lambda e: e.finding.severity_rank, default=None)


def standing_of(ticket: Ticket) -> Standing:
    newest = _newest_of(TicketFinding.objects.filter(ticket=ticket)).get(ticket.pk, ())
    places = ticket.places.exclude(state=TicketPlace.State.NAMED).select_related("account")
    return Standing(episodes=newest, places=list(places.order_by("account__account_id")))


def standings_of(rows: QuerySet[TicketFinding]) -> dict[int, Standing]:
    """How these rows stand by ticket, all read at once; a ticket without any is left out."""
    return {pk: Standing(episodes=found) for pk, found in _newest_of(rows).items()}


def _newest_of(rows: QuerySet[TicketFinding]) -> dict[int, list[Episode]]:
    newest: dict[int, dict[int, Episode]] = {}
    for row in rows.select_related("episode__finding__account").order_by("id"):
        newest.setdefault(row.ticket_id, {})[row.finding_id] = row.episode
    return {pk: list(found.values()) for pk, found in newest.items()}


def story_of(ticket: Ticket, standing: Standing) -> Story:
    """What the ticket tells of these findings or places; at least one."""
    worst, episodes = standing.worst, standing.episodes
    check = worst.finding.check_id if worst else ticket.check_id
    definition = built_in().get(check)
    return Story(
        check_title=definition.check.title if definition else check,
        checks=len({episode.finding.check_id for episode in episodes}),
        severity=ticket.severity or (worst.finding.severity if worst else ""),
        team=ticket.team.name if ticket.team else "",
        remediation=definition.check.remediation if definition else "",
        note=ticket.note,
        due=ticket.due_on,
        lines=standing.lines,
        predecessor=ticket.predecessor.name if ticket.predecessor else "",
    )


def line_of(episode: Episode) -> Line:
    finding = episode.finding
    if episode.closed_at is not None:
        state = episode.close_cause
    else:
        state = "claimed" if episode.workflow == Workflow.FIX_CLAIMED else "open"
    return Line(
        account=str(finding.account),
        region=finding.region,
        resource=finding.resource,
        message=finding.message,
        state=state,
        url=f"{settings.PUBLIC_URL}/findings/{finding.uid}/" if settings.PUBLIC_URL else "",
    )


def line_of_place(place: TicketPlace) -> Line:
    return Line(
        account=str(place.account),
        region="",
        resource="",
        message=place.message,
        state=place.state,
    )
