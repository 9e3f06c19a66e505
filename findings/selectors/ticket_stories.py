"""How the findings of a ticket stand, and what there is to tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from findings.checks.base import built_in
from findings.models import CloseCause, Episode, Ticket, Workflow
from findings.ticketing.content import Line, Story


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The newest episode of each finding of a ticket, and what they say together."""

    episodes: Sequence[Episode]

    @property
    def open(self) -> list[Episode]:
        return [episode for episode in self.episodes if episode.closed_at is None]

    @property
    def claimed(self) -> list[Episode]:
        return [e for e in self.open if e.workflow == Workflow.FIX_CLAIMED]

    @property
    def verified(self) -> int:
        return sum(e.close_cause == CloseCause.VERIFIED for e in self.episodes)

    @property
    def worst(self) -> Episode:
        """That of the most severe finding, open ones before closed ones."""
        return min(self.open or self.episodes, key=lambda e: e.finding.severity_rank)


def standing_of(ticket: Ticket) -> Standing:
    rows = ticket.ticket_findings.select_related("episode__finding__account").order_by("id")
    newest = {row.finding_id: row.episode for row in rows}
    return Standing(episodes=list(newest.values()))


def story_of(ticket: Ticket, episodes: Sequence[Episode]) -> Story:
    """What the ticket tells of these episodes; at least one."""
    worst = Standing(episodes=episodes).worst
    definition = built_in().get(worst.finding.check_id)
    return Story(
        check_title=definition.check.title if definition else worst.finding.check_id,
        checks=len({episode.finding.check_id for episode in episodes}),
        severity=ticket.severity or worst.finding.severity,
        team=ticket.team.name if ticket.team else "",
        remediation=definition.check.remediation if definition else "",
        note=ticket.note,
        due=ticket.due_on,
        lines=[line_of(episode) for episode in episodes],
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
