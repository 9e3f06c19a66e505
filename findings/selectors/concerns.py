"""Whom a notice concerns: asked when notifications are made, and again whenever one is sent.

So whoever lost a role, or a team that no longer owns an account, hears nothing of what happened
before. A person hears of what they may see *and* what is theirs; a team of what its own accounts
show, whatever its members may see besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account, Team
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models import (
    ActionItem,
    Alert,
    Attestation,
    Finding,
    Incident,
    Notice,
    Notification,
    NotificationMessage,
    Scan,
    Subscriber,
    Suppression,
    Ticket,
    TicketFinding,
)
from findings.notifying.events import Channel, Mode, NotificationEvent

About = Notice.About
CHUNK = 500


def concerned(subscriber: Subscriber, notices: Sequence[Notice], *, now: datetime) -> list[Notice]:
    """Those that the subscriber is to hear of, in the order given."""
    if subscriber.team:
        return _chosen(notices, _TEAM_RULES, subscriber.team, now)
    user = subscriber.user
    if user is None or not user.is_active:
        return []
    person = Person(
        user=user,
        teams=frozenset(user.teams.values_list("pk", flat=True)),
        is_wide=subscriber.covers == Subscriber.Covers.SEEN,
    )
    others = [notice for notice in notices if notice.actor_id != user.pk]
    return _chosen(others, _PERSON_RULES, person, now)


def owners_of(notices: Sequence[Notice]) -> dict[int, int | None]:
    """Notice -> the team that owns the account of it, for those of findings and accounts."""
    ids: dict[str, list[int]] = {}
    for notice in notices:
        ids.setdefault(notice.about, []).append(notice.about_id)
    teams = {
        About.FINDING: _values(Finding, ids.get(About.FINDING, ()), "account__owner_team"),
        About.ACCOUNT: _values(Account, ids.get(About.ACCOUNT, ()), "owner_team"),
    }
    return {
        notice.pk: teams[About(notice.about)].get(notice.about_id)
        for notice in notices
        if notice.about in teams
    }


def not_of_others(
    subscriber: Subscriber, notices: Sequence[Notice], owners: Mapping[int, int | None]
) -> list[Notice]:
    """Without what other teams own: spares the queries of :func:`concerned`, which decides."""
    if subscriber.covers == Subscriber.Covers.SEEN:
        return list(notices)
    user = subscriber.user
    teams = {team.pk for team in user.teams.all()} if user else {subscriber.team_id}
    return [notice for notice in notices if notice.pk not in owners or owners[notice.pk] in teams]


def seen(user: User, notices: Sequence[Notice], *, now: datetime) -> list[Notice]:
    """Those of whose subject the person may see all that is told, theirs or not."""
    return _chosen(notices, _SEEN_RULES, user, now)


def withheld_of(message: NotificationMessage, *, now: datetime) -> set[int]:
    """Ids of the notices of a message that its subscriber is not to hear of now.

    They are no longer seen, theirs, so, or wanted; or the owner of the webhook does not see them.
    """
    subscriber, channel = message.subscriber, Channel(message.channel)
    rows = message.notifications.exclude(status=Notification.Status.WITHHELD)
    notices = [row.notice for row in rows.select_related("notice").order_by("pk")]
    matrix = subscriber.choices
    wanted = [
        notice
        for notice in notices
        if notice.over_at is None
        and matrix.mode(NotificationEvent(notice.event), channel) is not Mode.OFF
    ]
    told = concerned(subscriber, wanted, now=now)
    if channel is Channel.WEBHOOK and subscriber.team:
        told = seen(subscriber.webhook.owner, told, now=now) if subscriber.webhook else []
    return {notice.pk for notice in notices} - {notice.pk for notice in told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``is_wide``: everything that they may see concerns them, not only what their teams own."""

    user: User
    teams: frozenset[int]
    is_wide: bool

    def owns(self, field: str) -> Q:
        return Q() if self.is_wide else Q(**{f"{field}__in": self.teams})


Rule = Callable[[Any, str, datetime], QuerySet[Any]]
"""From who is asked for, the event and the instant, to the rows that concern them."""


def _chosen(
    notices: Sequence[Notice], rules: Mapping[str, Rule], who: object, now: datetime
) -> list[Notice]:
    asked: dict[tuple[str, str], set[int]] = {}
    for notice in notices:
        asked.setdefault((notice.about, notice.event), set()).add(notice.about_id)
    kept = {
        kind: _found(rules[kind[0]](who, kind[1], now), ids)
        for kind, ids in asked.items()
        if kind[0] in rules
    }
    return [
        notice
        for notice in notices
        if notice.about_id in kept.get((notice.about, notice.event), ())
    ]


def _values(model: type[Any], ids: Iterable[int], field: str) -> dict[int, int | None]:
    asked, found = sorted(set(ids)), dict[int, int | None]()
    for start in range(0, len(asked), CHUNK):
        rows = model._default_manager.filter(pk__in=asked[start : start + CHUNK])
        found |= dict(rows.values_list("pk", field))
    return found


def _found(rows: QuerySet[Any], ids: Iterable[int]) -> set[int]:
    asked, found = sorted(ids), set[int]()
    for start in range(0, len(asked), CHUNK):
        part = rows.filter(pk__in=asked[start : start + CHUNK])
        found |= set(part.values_list("pk", flat=True))
    return found


# --- What a person may see ---


def _suppressions_seen(user: User, event: str, now: datetime) -> QuerySet[Suppression]:
    if event == NotificationEvent.SUPPRESSION_ASKED:
        return Suppression.objects.decidable_by(user).asked(now)
    return _still_ending(Suppression.objects.visible_to(user), event, now)


def _still_ending(rows: QuerySet[Suppression], event: str, now: datetime) -> QuerySet[Suppression]:
    """One that was revoked meanwhile ends no more."""
    if event != NotificationEvent.SUPPRESSION_ENDING:
        return rows
    return rows.filter(pk__in=Suppression.objects.standing(now).values("pk"))


def _alerts_seen(user: User, event: str, now: datetime) -> QuerySet[Alert]:
    """Those about what is wrong now, even if it was right for a while between."""
    administered = reach_of(user, Permission.ADMINISTER)
    same = {name: OuterRef(name) for name in ("organization", "kind", "subject")}
    return Alert.objects.filter(
        administered.on_whole_organizations("organization"),
        Exists(Alert.objects.active().filter(**same)),
    )


_SEEN_RULES: Mapping[str, Rule] = {
    About.FINDING: lambda user, event, now: Finding.objects.visible_to(user),
    About.ACCOUNT: lambda user, event, now: Account.objects.visible_to(user),
    About.SCAN: lambda user, event, now: Scan.objects.visible_to(user),
    About.ALERT: _alerts_seen,
    About.TICKET: lambda user, event, now: Ticket.objects.whole_to(user),
    About.SUPPRESSION: _suppressions_seen,
    About.ATTESTATION: lambda user, event, now: Attestation.objects.visible_to(user),
    About.INCIDENT: lambda user, event, now: Incident.objects.visible_to(user),
    About.ACTION_ITEM: lambda user, event, now: ActionItem.objects.visible_to(user),
}


# --- What of that is theirs ---


def _persons_scans(person: Person, event: str, now: datetime) -> QuerySet[Scan]:
    administered = reach_of(person.user, Permission.ADMINISTER)
    of_all = administered.on_whole_organizations("organization") & Q(kind=Scan.Kind.FULL)
    return Scan.objects.visible_to(person.user).filter(of_all | Q(requested_by=person.user))


def _persons_tickets(person: Person, event: str, now: datetime) -> QuerySet[Ticket]:
    theirs = person.owns("team") | Q(opened_by=person.user)
    whole = Ticket.objects.whole_to(person.user)
    return whole if person.is_wide else whole.filter(theirs)


def _persons_suppressions(person: Person, event: str, now: datetime) -> QuerySet[Suppression]:
    rows = _suppressions_seen(person.user, event, now)
    if event == NotificationEvent.SUPPRESSION_ASKED:
        return rows.exclude(asked_by=person.user)
    if event == NotificationEvent.SUPPRESSION_DECIDED:
        return rows.filter(asked_by=person.user)
    part_in_it = Q(asked_by=person.user) | Q(decided_by=person.user)
    return rows if person.is_wide else rows.filter(part_in_it | person.owns("account__owner_team"))


def _persons_attestations(person: Person, event: str, now: datetime) -> QuerySet[Attestation]:
    theirs = Q(owner=person.user) | Q(owner_team__in=person.teams)
    return Attestation.objects.visible_to(person.user).not_over(now).filter(theirs)


def _persons_incidents(person: Person, event: str, now: datetime) -> QuerySet[Incident]:
    rows = Incident.objects.visible_to(person.user)
    if person.is_wide:
        return rows
    touched = Account.objects.filter(owner_team__in=person.teams)
    through = Incident.accounts.through._default_manager
    named = through.filter(incident=OuterRef("pk"), account__in=touched)
    roles = Q(pk__in=person.user.incident_roles.values("incident"))
    return rows.filter(Q(Exists(named)) | roles)


_PERSON_RULES: Mapping[str, Rule] = {
    About.FINDING: lambda person, event, now: Finding.objects.visible_to(person.user).filter(
        person.owns("account__owner_team")
    ),
    About.ACCOUNT: lambda person, event, now: Account.objects.visible_to(person.user).filter(
        person.owns("owner_team")
    ),
    About.SCAN: _persons_scans,
    About.ALERT: lambda person, event, now: _alerts_seen(person.user, event, now),
    About.TICKET: _persons_tickets,
    About.SUPPRESSION: _persons_suppressions,
    About.ATTESTATION: _persons_attestations,
    About.INCIDENT: _persons_incidents,
    About.ACTION_ITEM: lambda person, event, now: (
        ActionItem.objects.visible_to(person.user).unfinished().of(person.user)
    ),
}


# --- What a team's accounts show ---


def _all_owned(named: type[Any], of: str, account: str, team: Team) -> Q:
    """For rows that name accounts by a table: they name some, and all are the team's."""
    rows = named._default_manager.filter(**{of: OuterRef("pk")})
    return Q(Exists(rows)) & ~Q(Exists(rows.exclude(**{f"{account}__owner_team": team})))


def _teams_incidents(team: Team, event: str, now: datetime) -> QuerySet[Incident]:
    through = Incident.accounts.through
    return Incident.objects.filter(_all_owned(through, "incident", "account", team))


def _teams_actions(team: Team, event: str, now: datetime) -> QuerySet[ActionItem]:
    owned = _all_owned(ActionItem.accounts.through, "actionitem", "account", team)
    theirs = ActionItem.objects.unfinished().filter(owned, owner_team=team)
    return theirs.filter(incident__in=_teams_incidents(team, event, now))


_TEAM_RULES: Mapping[str, Rule] = {
    About.FINDING: lambda team, event, now: Finding.objects.filter(account__owner_team=team),
    About.ACCOUNT: lambda team, event, now: Account.objects.filter(owner_team=team),
    About.TICKET: lambda team, event, now: Ticket.objects.filter(
        _all_owned(TicketFinding, "ticket", "finding__account", team), team=team
    ),
    About.SUPPRESSION: lambda team, event, now: _still_ending(
        Suppression.objects.filter(account__owner_team=team), event, now
    ),
    About.ATTESTATION: lambda team, event, now: Attestation.objects.not_over(now).filter(
        account__owner_team=team, owner_team=team
    ),
    About.INCIDENT: _teams_incidents,
    About.ACTION_ITEM: _teams_actions,
}
