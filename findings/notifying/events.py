"""What people and teams can be told of, by which channels and how often (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    EMAIL = "email"
    SLACK = "slack"
    WEBHOOK = "webhook"

    @property
    def label(self) -> str:
        return {"email": "E-mail", "slack": "Slack", "webhook": "Webhook"}[self.value]

    @property
    def modes(self) -> tuple[Mode, ...]:
        """A webhook is read by programs, which need no digest."""
        return (Mode.OFF, Mode.INSTANT) if self is Channel.WEBHOOK else tuple(Mode)


class Mode(StrEnum):
    OFF = "off"
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def label(self) -> str:
        return {"off": "Off", "instant": "At once", "daily": "Daily", "weekly": "Weekly"}[
            self.value
        ]


class NotificationEvent(StrEnum):
    FINDING_OPENED = "finding.opened"
    FINDING_RESOLVED = "finding.resolved"
    FINDING_REOPENED = "finding.reopened"
    CLAIM_REJECTED = "finding.claim_rejected"
    SCAN_INCOMPLETE = "scan.incomplete"
    SCAN_MISSED = "scan.missed"
    TICKET_STUCK = "ticket.stuck"
    ROUTE_HELD = "route.held"
    DELIVERY_FAILING = "delivery.failing"
    SUPPRESSION_ASKED = "suppression.asked"
    SUPPRESSION_DECIDED = "suppression.decided"
    SUPPRESSION_ENDING = "suppression.ending"
    SUPPRESSION_ENDED = "suppression.ended"
    ATTESTATION_ENDING = "attestation.ending"
    INCIDENT_RECORDED = "incident.recorded"
    INCIDENT_PUBLISHED = "incident.published"
    ACTION_ASSIGNED = "action.assigned"
    ACTION_OVERDUE = "action.overdue"
    ACTION_REJECTED = "action.rejected"
    ROLE_LOST = "account.role_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How an event is called, which of them a person and a team hear of, and what is on at first.

    ``one`` and ``many`` head a message; ``many`` follows a number. A team is told only of what its
    own accounts show: what concerns an organization as a whole has no ``teams`` and is for people.
    """

    label: str
    concerns: str
    one: str
    many: str
    teams: str = ""
    person: Mapping[Channel, Mode] = field(default_factory=dict)
    team: Mapping[Channel, Mode] = field(default_factory=dict)

    def default(self, channel: Channel, *, is_team: bool) -> Mode:
        chosen = self.team if is_team else self.person
        return chosen.get(channel, Mode.OFF)


_AT_ONCE = {Channel.EMAIL: Mode.INSTANT}
_DAILY = {Channel.EMAIL: Mode.DAILY}
_TEAM = {Channel.SLACK: Mode.INSTANT}

EVENTS: Mapping[NotificationEvent, Telling] = {
    NotificationEvent.FINDING_OPENED: Telling(
        label="Finding opened",
        concerns="Critical and high ones of your accounts",
        teams="Critical and high ones of the team's accounts",
        one="finding opened",
        many="findings opened",
        person=_DAILY,
        team=_TEAM,
    ),
    NotificationEvent.FINDING_RESOLVED: Telling(
        label="Finding resolved",
        concerns="Critical and high ones of your accounts, verified by a scan",
        teams="Critical and high ones of the team's accounts, verified by a scan",
        one="finding resolved",
        many="findings resolved",
    ),
    NotificationEvent.FINDING_REOPENED: Telling(
        label="Finding opened again",
        concerns="Critical and high ones of your accounts that had been remedied or out of scope",
        teams="Critical and high ones of the team's accounts that were remedied or out of scope",
        one="finding opened again",
        many="findings opened again",
        person=_DAILY,
        team=_TEAM,
    ),
    NotificationEvent.CLAIM_REJECTED: Telling(
        label="Claimed fix rejected",
        concerns="A scan saw that what was claimed to be fixed in your accounts still fails",
        teams="A scan saw that what was claimed to be fixed in the team's accounts still fails",
        one="claimed fix rejected",
        many="claimed fixes rejected",
        person=_AT_ONCE,
        team=_TEAM,
    ),
    NotificationEvent.SCAN_INCOMPLETE: Telling(
        label="Scan incomplete or failed",
        concerns="Scans that you asked for, and those of organizations that you administer",
        one="scan incomplete",
        many="scans incomplete",
    ),
    NotificationEvent.SCAN_MISSED: Telling(
        label="Scheduled scan missed",
        concerns="Organizations that you administer",
        one="scheduled scan missed",
        many="scheduled scans missed",
        person=_AT_ONCE,
    ),
    NotificationEvent.TICKET_STUCK: Telling(
        label="Ticket out of step",
        concerns="Tickets of your teams, or opened by you, that their tracker refuses",
        teams="Tickets of the team about its own accounts that their tracker refuses",
        one="ticket out of step with its tracker",
        many="tickets out of step with their trackers",
    ),
    NotificationEvent.ROUTE_HELD: Telling(
        label="Route of tickets asks",
        concerns="Routes of organizations that you administer that stopped before opening many",
        one="route of tickets stopped and asks",
        many="routes of tickets stopped and ask",
        person=_AT_ONCE,
    ),
    NotificationEvent.DELIVERY_FAILING: Telling(
        label="Tracker or webhook failing",
        concerns="In organizations that you administer",
        one="tracker or webhook failing",
        many="trackers or webhooks failing",
        person=_DAILY,
    ),
    NotificationEvent.SUPPRESSION_ASKED: Telling(
        label="Suppression asked for",
        concerns="Where you may decide",
        one="suppression waits for a decision",
        many="suppressions wait for a decision",
        person=_AT_ONCE,
    ),
    NotificationEvent.SUPPRESSION_DECIDED: Telling(
        label="Suppression decided",
        concerns="Those that you asked for",
        one="suppression decided",
        many="suppressions decided",
        person=_AT_ONCE,
    ),
    NotificationEvent.SUPPRESSION_ENDING: Telling(
        label="Suppression ends soon",
        concerns="Those that you asked for or decided, and those of your accounts",
        teams="Those of the team's accounts",
        one="suppression ends within 14 days",
        many="suppressions end within 14 days",
        person=_DAILY,
    ),
    NotificationEvent.SUPPRESSION_ENDED: Telling(
        label="Suppression ended",
        concerns="Expired, revoked or tripped: those that you asked for or decided,"
        " and those of your accounts",
        teams="Expired, revoked or tripped: those of the team's accounts",
        one="suppression ended",
        many="suppressions ended",
    ),
    NotificationEvent.ATTESTATION_ENDING: Telling(
        label="Attestation ends soon",
        concerns="Those that you or your teams answer for",
        teams="Those that the team answers for, about its accounts",
        one="attestation ends within 14 days",
        many="attestations end within 14 days",
        person=_DAILY,
    ),
    NotificationEvent.INCIDENT_RECORDED: Telling(
        label="Incident recorded",
        concerns="Incidents of your accounts, and those in which you have a role",
        teams="Incidents of the team's accounts alone",
        one="incident recorded",
        many="incidents recorded",
    ),
    NotificationEvent.INCIDENT_PUBLISHED: Telling(
        label="Analysis published",
        concerns="Of incidents of your accounts, and of those in which you have a role",
        teams="Of incidents of the team's accounts alone",
        one="analysis of an incident published",
        many="analyses of incidents published",
    ),
    NotificationEvent.ACTION_ASSIGNED: Telling(
        label="Action item assigned",
        concerns="To you or your teams",
        teams="To the team, about its accounts alone",
        one="action item assigned",
        many="action items assigned",
        person=_AT_ONCE,
    ),
    NotificationEvent.ACTION_OVERDUE: Telling(
        label="Action item overdue",
        concerns="Those of you or your teams",
        teams="Those of the team, about its accounts alone",
        one="action item overdue",
        many="action items overdue",
        person=_DAILY,
    ),
    NotificationEvent.ACTION_REJECTED: Telling(
        label="Action item open again",
        concerns="Its claim was rejected or its guard fails again: those of you or your teams",
        teams="Its claim was rejected or its guard fails again, in the team's accounts alone",
        one="action item open again",
        many="action items open again",
        person=_AT_ONCE,
    ),
    NotificationEvent.ROLE_LOST: Telling(
        label="Account cannot be entered",
        concerns="The scanner's role stopped working in one of your accounts",
        teams="The scanner's role stopped working in one of the team's accounts",
        one="account cannot be entered any more",
        many="accounts cannot be entered any more",
    ),
}


def events_for(*, is_team: bool) -> tuple[NotificationEvent, ...]:
    """The rows of a matrix, in their order."""
    return tuple(event for event, telling in EVENTS.items() if telling.teams or not is_team)
