"""What one look at a thing does to its finding (pure).

Unknown changes nothing but the moment since which the finding could not be verified. A thing that
is no longer listed is gone only when its listing was complete. Facts older than those that a
finding holds change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from findings.checks.outcomes import Part, Status

GONE = "gone"


class Move(StrEnum):
    """What happens to a finding."""

    NOTHING = "nothing"
    OPEN = "open"
    RETURN = "return"
    CHANGE = "change"
    REFRESH = "refresh"
    CONFIRM = "confirm"
    CLOSE = "close"
    DOUBT = "doubt"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a check judged a thing: its status, or None where the thing was not listed."""

    status: Status | None
    facts_at: datetime
    is_listing_complete: bool = True
    is_doubted: bool = False
    """It is the last that was known; what was collected since does not tell."""
    message: str = ""
    parts: tuple[Part, ...] = ()
    version: int = 1
    severity: str = ""
    is_moving: bool = False
    """Its words may hold figures that move by themselves: others are no news."""
    rule_change: str = ""
    """The cause of a close where its check now asks something else than when it last looked."""

    @property
    def is_unknown(self) -> bool:
        missing = self.status is None and not self.is_listing_complete
        return missing or self.status is Status.UNKNOWN

    @property
    def evidence_status(self) -> str:
        return GONE if self.status is None else self.status.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A finding as it stands."""

    is_open: bool
    evidence_status: str
    facts_at: datetime
    is_unverified: bool = False
    passed_by_rule: bool = False
    """It was closed because its check asked something else; nothing was remedied."""
    close_cause: str = ""
    message: str = ""
    parts: tuple[Mapping[str, str], ...] = ()
    version: int = 1
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A move, with the cause of a close, or of an open where the finding itself tells it."""

    move: Move
    cause: str = ""


NOTHING = Decision(Move.NOTHING)


def decide(held: Held | None, seen: Outcome) -> Decision:
    """The move that an outcome makes on a finding, or on the lack of one."""
    if held is None:
        return Decision(Move.OPEN) if seen.status is Status.FAIL else NOTHING
    if seen.facts_at < held.facts_at:
        return NOTHING
    return _of_open(held, seen) if held.is_open else _of_closed(held, seen)


def _of_open(held: Held, seen: Outcome) -> Decision:
    if seen.is_unknown:
        return NOTHING if held.is_unverified else Decision(Move.DOUBT)
    if seen.status is Status.PASS:
        return Decision(Move.CLOSE, seen.rule_change or "verified")
    if seen.status is Status.NOT_APPLICABLE:
        return Decision(Move.CLOSE, "out_of_scope")
    if seen.status is None:
        return Decision(Move.CLOSE, "resource_gone")
    if _is_news(held, seen):
        return Decision(Move.CHANGE)
    if held.message != seen.message or list(held.parts) != told_parts(seen.parts):
        return Decision(Move.REFRESH)
    if held.is_unverified == seen.is_doubted:
        return NOTHING
    return Decision(Move.DOUBT if seen.is_doubted else Move.CONFIRM)


def _of_closed(held: Held, seen: Outcome) -> Decision:
    if seen.is_unknown or seen.evidence_status == held.evidence_status:
        return NOTHING
    if seen.status is not Status.FAIL:
        return Decision(Move.NOTE)
    if held.evidence_status == Status.PASS and not held.passed_by_rule:
        return Decision(Move.OPEN, "regressed")
    if held.close_cause in ("out_of_scope", "check_changed"):
        return Decision(Move.RETURN)
    if held.close_cause == "account_left":
        return Decision(Move.OPEN, "scope_changed")
    return Decision(Move.OPEN, "new_resource")


def _is_news(held: Held, seen: Outcome) -> bool:
    """Whether a failure is another one, and not only in words that move by themselves."""
    if (held.version, held.severity) != (seen.version, seen.severity):
        return True
    now = told_parts(seen.parts)
    return fails_otherwise(
        (held.message, held.parts), (seen.message, now), is_moving=seen.is_moving
    )


Told = tuple[str, Sequence[Mapping[str, str]]]
"""The message of a failure, and its parts as a finding keeps them."""


def fails_otherwise(before: Told, now: Told, *, is_moving: bool) -> bool:
    """Whether two failures of one version of a check differ in more than words that move.

    A part that is not known, before or now, says nothing; nor do the words around it.
    """
    parts_before, parts_now = ({part["name"]: part for part in parts} for _, parts in (before, now))
    unknown = {
        n for found in (parts_before, parts_now) for n in found
        if found[n]["status"] == Status.UNKNOWN
    }  # fmt: skip
    known = (parts_before.keys() | parts_now.keys()) - unknown
    if any(_status(parts_before, name) != _status(parts_now, name) for name in known):
        return True
    if is_moving or unknown:
        return False
    return before[0] != now[0] or parts_before != parts_now


def _status(parts: Mapping[str, Mapping[str, str]], name: str) -> str | None:
    return parts[name]["status"] if name in parts else None


def told_parts(parts: Sequence[Part]) -> list[dict[str, str]]:
    """Parts as a finding keeps them."""
    return [
        {"name": part.name, "status": part.status.value, "message": part.message} for part in parts
    ]
