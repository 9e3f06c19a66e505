"""Attestations as pages and the API tell of them: how they stand, and what they stand beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.catalogue.best_practices import BestPractice, best_practices
from findings.checks.base import Registry
from findings.models import Attestation
from findings.selectors.scopes import covers

SHOWN_OVER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationLine:
    """One statement: its state, its weight in percent, and whether the person may withdraw it."""

    attestation: Attestation
    state: Attestation.State
    percent: int
    may_withdraw: bool

    @property
    def is_over(self) -> bool:
        return self.state in (Attestation.State.WITHDRAWN, Attestation.State.LAPSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAttested:
    """A best practice, the ids of the checks that cover it, and what is stated about it."""

    practice: BestPractice
    checks: tuple[str, ...]
    lines: tuple[AttestationLine, ...]


def attestations_seen(user: User | AnonymousUser) -> QuerySet[Attestation]:
    related = ("organization", "ou", "account", "owner_team", "owner")
    return Attestation.objects.visible_to(user).select_related(*related)


def practices_attested(user: User, registry: Registry, now: datetime) -> list[PracticeAttested]:
    """All best practices, those first that no check covers; their statements as they stand.

    What counts or will comes before what is over, of which the last few are told.
    """
    by_practice: defaultdict[str, list[AttestationLine]] = defaultdict(list)
    for line in _lines(user, now):
        by_practice[line.attestation.best_practice].append(line)
    covered = checks_by_practice(registry)
    found = [
        PracticeAttested(
            practice=practice, checks=covered[id_], lines=tuple(by_practice.get(id_, ()))
        )
        for id_, practice in best_practices().items()
    ]
    return sorted(found, key=lambda group: bool(group.checks))


def _lines(user: User, now: datetime) -> Iterable[AttestationLine]:
    seen = attestations_seen(user)
    standing = list(seen.not_over(now).order_by("ends_at", "id"))  # type: ignore[attr-defined]
    over = seen.exclude(pk__in=[row.pk for row in standing]).order_by("-ends_at", "-id")
    reach = reach_of(user, Permission.APPROVE)
    for row in [*standing, *over[:SHOWN_OVER]]:
        state = row.state(now)
        is_over = state in (Attestation.State.WITHDRAWN, Attestation.State.LAPSED)
        yield AttestationLine(
            attestation=row,
            state=state,
            percent=int(100 * row.weight(now)),
            may_withdraw=not is_over and covers(reach, row.target),
        )


def checks_by_practice(registry: Registry) -> dict[str, tuple[str, ...]]:
    """Best practice -> ids of the checks that name it; none for what no check covers."""
    return {
        practice: tuple(
            id_ for id_, found in registry.items() if practice in found.check.best_practices
        )
        for practice in best_practices()
    }
