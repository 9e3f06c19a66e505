"""What a scorecard can be of, as far as a person may see it, and how that stood day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from accounts.access import reach_of
from accounts.models import Account, Organization, OrganizationalUnit, Team
from accounts.models.account import AccountQuerySet
from findings.models import ScopeKind, ScoreSnapshot

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An organization, OU, team or account; ``accounts`` are those of it that the person sees.

    ``is_whole`` says whether those are all of them.
    """

    kind: ScopeKind
    of: Organization | OrganizationalUnit | Team | Account
    accounts: AccountQuerySet
    is_whole: bool

    @property
    def name(self) -> str:
        return str(self.of)

    @property
    def key(self) -> str:
        """How addresses name it: ou:0190…"""
        return f"{self.kind}:{self.of.uid}"

    @property
    def organization(self) -> Organization:
        return self.of if isinstance(self.of, Organization) else self.of.organization


Choices = dict[ScopeKind, list[tuple[str, str]]]
"""Kind -> (key, name) of those that the person may choose."""


def scopes_offered(user: User) -> Choices:
    """Organizations, OUs and teams; accounts are too many and have pages that lead here."""
    organizations = Organization.objects.visible_to(user).order_by("name", "pk")
    units = OrganizationalUnit.objects.visible_to(user).present()
    teams = Team.objects.visible_to(user)
    found = {
        ScopeKind.ORGANIZATION: organizations.values_list("uid", "name"),
        ScopeKind.OU: units.values_list("uid", "path"),
        ScopeKind.TEAM: teams.values_list("uid", "name"),
    }
    return {kind: [(f"{kind}:{uid}", name) for uid, name in rows] for kind, rows in found.items()}


def scope_named(user: User, key: str) -> Scope | None:
    """The scope of a key such as ``ou:0190…``, if there is one that the person may see."""
    kind, _, given = key.partition(":")
    try:
        uid = UUID(given)
    except ValueError:
        return None
    if kind == ScopeKind.ORGANIZATION:
        return _of_organization(user, uid)
    if kind == ScopeKind.OU:
        return _of_unit(user, uid)
    if kind == ScopeKind.TEAM:
        return _of_team(user, uid)
    return _of_account(user, uid) if kind == ScopeKind.ACCOUNT else None


def _seen(user: User) -> AccountQuerySet:
    return Account.objects.visible_to(user).members()


def _of_organization(user: User, uid: UUID) -> Scope | None:
    found = Organization.objects.visible_to(user).filter(uid=uid).first()
    return (
        None
        if found is None
        else Scope(
            kind=ScopeKind.ORGANIZATION,
            of=found,
            accounts=_seen(user).filter(organization=found),
            is_whole=reach_of(user).covers_organization(found),
        )
    )


def _of_unit(user: User, uid: UUID) -> Scope | None:
    units = OrganizationalUnit.objects.visible_to(user).select_related("organization")
    found = units.filter(uid=uid).first()
    return (
        None
        if found is None
        else Scope(
            kind=ScopeKind.OU,
            of=found,
            accounts=_seen(user).within(found),
            is_whole=reach_of(user).covers_ou(found),
        )
    )


def _of_team(user: User, uid: UUID) -> Scope | None:
    found = Team.objects.visible_to(user).select_related("organization").filter(uid=uid).first()
    if found is None:
        return None
    reach = reach_of(user)
    return Scope(
        kind=ScopeKind.TEAM,
        of=found,
        accounts=_seen(user).filter(owner_team=found),
        is_whole=reach.covers_organization(found.organization) or found.pk in reach.owner_teams,
    )


def _of_account(user: User, uid: UUID) -> Scope | None:
    accounts = _seen(user).filter(uid=uid)
    found = accounts.select_related("organization").first()
    return (
        None
        if found is None
        else Scope(kind=ScopeKind.ACCOUNT, of=found, accounts=accounts, is_whole=True)
    )


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a trend; without a score where no scan ended on it, or nothing was known."""

    day: date
    score: Decimal | None
    coverage: Decimal | None


def trend_of(user: User, scope: Scope, now: datetime) -> list[Day]:
    """The last thirty days, today last; empty where the person does not see all of the scope."""
    zone = ZoneInfo(scope.organization.time_zone)
    today = now.astimezone(zone).date()
    seen = ScoreSnapshot.objects.visible_to(user).filter(
        scope_kind=scope.kind, scope_uid=scope.of.uid, row="", day__gt=today - timedelta(days=DAYS)
    )
    found = {row.day: row for row in seen if _was_scanned(row, zone)}
    if not found:
        return []
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    known = [(day, found.get(day)) for day in days]
    return [
        Day(day, row.score if row else None, row.coverage if row else None) for day, row in known
    ]


def _was_scanned(row: ScoreSnapshot, zone: ZoneInfo) -> bool:
    return row.scanned_at is not None and row.scanned_at.astimezone(zone).date() == row.day
