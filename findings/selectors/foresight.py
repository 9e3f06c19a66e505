"""How foresight is told: of one incident, and over all that a person sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Case, CharField, F, QuerySet, Value, When

from accounts.models import OrganizationalUnit
from findings.foresight import Foresight, Rate, foresight_rate
from findings.models import Episode, ForesightEntry, Incident
from findings.selectors.as_of import episodes_as_of

if TYPE_CHECKING:
    Entries = QuerySet[Any]

READ_EPISODES, SHOWN_BEHIND = 100, 5


def foresight_told(user: User, incident: Incident) -> Entries:
    """Its entries, each with ``ou_path``: where the account was then, if the person sees that OU.

    "" is the root, and an account that was nowhere; None an OU that is not the person's to see.
    """
    rows = _with_path(user, ForesightEntry.objects.filter(incident=incident))
    return rows.select_related("account", "confirmed_by")


def foresight_with_findings(
    user: User, incident: Incident
) -> list[tuple[ForesightEntry, list[Episode]]]:
    """Each entry with the findings behind it, the oldest first and only some of many."""
    opened = episodes_as_of(incident.accounts.all(), incident.started_at)
    behind: defaultdict[tuple[str, int, str], list[Episode]] = defaultdict(list)
    of_checks = opened.filter(finding__check_id__in=incident.checks)
    for episode in of_checks.order_by("opened_at", "pk")[:READ_EPISODES]:
        finding = episode.finding
        behind[finding.check_id, finding.account_id, finding.region].append(episode)
    told = foresight_told(user, incident)
    return [(e, behind[e.check_id, e.account_id, e.region][:SHOWN_BEHIND]) for e in told]


def _with_path(user: User, entries: QuerySet[ForesightEntry]) -> Entries:
    seen = OrganizationalUnit.objects.visible_to(user)
    path = Case(
        When(ou=None, then=Value("")),
        When(ou__in=seen, then=F("ou__path")),
        output_field=CharField(null=True),
    )
    return entries.annotate(ou_path=path)


class Confirmed(NamedTuple):
    """What a person said of one check at one place, and how long it had warned, if it did."""

    organization: str
    ou_path: str | None
    check: str
    incident: int
    foresight: Foresight
    warning: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """How much of something was foreseen, and the median warning of ``warned`` of it."""

    rate: Rate
    warned: int
    warning: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOu:
    organization: str
    path: str | None
    foreseen: Foreseen


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCheck:
    """In how many of the ``incidents`` that it has to do with its finding was there before."""

    check: str
    preceded: int
    incidents: int
    foreseen: Foreseen


@dataclass(frozen=True, slots=True, kw_only=True)
class ForesightReport:
    """Over what people confirmed of the incidents that a person sees."""

    foreseen: Foreseen
    by_ou: Sequence[OfOu]
    by_check: Sequence[OfCheck]


def foresight_report(user: User) -> ForesightReport:
    found = list(_confirmed(user))
    return ForesightReport(
        foreseen=_foreseen(found), by_ou=list(_by_ou(found)), by_check=list(_by_check(found))
    )


def foresight_of(user: User) -> Rate:
    return _foreseen(list(_confirmed(user))).rate


def _confirmed(user: User) -> Iterable[Confirmed]:
    seen = ForesightEntry.objects.visible_to(user).exclude(confirmed="")
    rows = _with_path(user, seen).order_by("pk")
    names = ("incident__organization__name", "ou_path", "check_id", "incident_id")
    for row in rows.values_list(*names, "confirmed", "warning_seconds"):
        organization, path, check, incident, confirmed, seconds = row
        foresight, warning = Foresight(confirmed), None
        if foresight.is_foreseen and seconds is not None:
            warning = timedelta(seconds=seconds)
        yield Confirmed(organization, path, check, incident, foresight, warning)


def _foreseen(found: Sequence[Confirmed]) -> Foreseen:
    warnings = [one.warning for one in found if one.warning is not None]
    return Foreseen(
        rate=foresight_rate(one.foresight for one in found),
        warned=len(warnings),
        warning=median(warnings) if warnings else None,  # type: ignore[type-var]
    )


def _by_ou(found: Sequence[Confirmed]) -> Iterable[OfOu]:
    def place(one: Confirmed) -> tuple[str, bool, str]:
        return one.organization, one.ou_path is None, one.ou_path or ""

    for (organization, is_hidden, path), group in groupby(sorted(found, key=place), place):
        yield OfOu(
            organization=organization,
            path=None if is_hidden else path,
            foreseen=_foreseen(list(group)),
        )


def _by_check(found: Sequence[Confirmed]) -> Iterable[OfCheck]:
    """Those that preceded most incidents first; where no check looked there is none to name."""

    def name(one: Confirmed) -> str:
        return one.check

    rows = []
    for check, group in groupby(sorted(found, key=name), name):
        of_check = list(group)
        known = [one for one in of_check if one.foresight is not Foresight.UNKNOWN]
        rows.append(
            OfCheck(
                check=check,
                preceded=len({one.incident for one in known if one.foresight.is_foreseen}),
                incidents=len({one.incident for one in known}),
                foreseen=_foreseen(of_check),
            )
        )
    return sorted((row for row in rows if row.check), key=lambda row: (-row.preceded, row.check))
