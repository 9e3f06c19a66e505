"""Whether the guard of an action item holds: what a check says of the accounts named (pure).

A claim is decided by facts collected after it, and by nothing else. An account where the check had
nothing to judge, or could not be judged, was not looked at: it neither closes an item nor refutes
one. Nor does it hold where something that failed is merely no longer looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    NOT_LOOKED = "not_looked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the results of a check count in an account, and the ages of the facts behind them.

    ``oldest`` is None where facts are missing at one of its places. ``left``: what failed when it
    was last looked at, and has left the scope since the item was added.
    """

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    left: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None

    @property
    def holds(self) -> bool:
        return bool(self.passed) and not (self.failed or self.unknown or self.left)


@dataclass(frozen=True, slots=True)
class GuardSeen:
    verdict: Verdict
    facts_until: datetime | None = None
    """The newest of the facts that the verdict rests on."""


NOT_LOOKED = GuardSeen(Verdict.NOT_LOOKED)


def guard_seen(looks: Iterable[Look], *, after: datetime) -> GuardSeen:
    """What facts that are all newer than an instant say: it holds on all, or fails on one."""
    found = list(looks)
    newer = [look for look in found if look.oldest is not None and look.oldest > after]
    failing = [look.newest for look in newer if look.failed and look.newest]
    if failing:
        return GuardSeen(Verdict.FAILS, max(failing))
    if not found or len(newer) < len(found):
        return NOT_LOOKED
    if not all(look.holds for look in newer):
        return NOT_LOOKED
    return GuardSeen(Verdict.HOLDS, max(look.newest for look in newer if look.newest))


class Standing(StrEnum):
    """How an account of a guard stands; the values of ``TicketPlace.State``."""

    OPEN = "open"
    CLAIMED = "claimed"
    VERIFIED = "verified"


def standings(looks: Sequence[Look], *, claimed_at: datetime | None) -> list[Standing]:
    """How each account stands while the item is not verified: never are all of them.

    Without a claim what evidence says now counts, and after one what is newer.
    """
    waiting = Standing.CLAIMED if claimed_at else Standing.OPEN
    found = []
    for look in looks:
        is_newer = look.oldest is not None and (claimed_at is None or look.oldest > claimed_at)
        found.append(Standing.VERIFIED if is_newer and look.holds else waiting)
    is_all = all(one is Standing.VERIFIED for one in found)
    return [waiting] * len(found) if is_all else found
