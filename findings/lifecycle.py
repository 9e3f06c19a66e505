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

    @property
    def is_unknown(self) -> bool:
        missing = self.status is None and not self.is_listing_complete
        return missing or self.status is Status.UNKNOWN

    @property
    def evidence_status(self) -> str:
        return GONE if self.status is None else self.status.value

    @property
    def told(self) -> tuple[object, ...]:
        """Everything that a finding repeats of it."""
        return (self.message, told_parts(self.parts))

    @property
    def stance(self) -> tuple[object, ...]:
        """What of it is more than words."""
        return stance_of(told_parts(self.parts), self.version, self.severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A finding as it stands."""

    is_open: bool
    evidence_status: str
    facts_at: datetime
    is_unverified: bool = False
    close_cause: str = ""
    told: tuple[object, ...] = ()
    stance: tuple[object, ...] = ()


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
        return Decision(Move.CLOSE, "verified")
    if seen.status is Status.NOT_APPLICABLE:
        return Decision(Move.CLOSE, "out_of_scope")
    if seen.status is None:
        return Decision(Move.CLOSE, "resource_gone")
    if held.stance != seen.stance or (held.told != seen.told and not seen.is_moving):
        return Decision(Move.CHANGE)
    if held.told != seen.told:
        return Decision(Move.REFRESH)
    if held.is_unverified == seen.is_doubted:
        return NOTHING
    return Decision(Move.DOUBT if seen.is_doubted else Move.CONFIRM)


def _of_closed(held: Held, seen: Outcome) -> Decision:
    if seen.is_unknown or seen.evidence_status == held.evidence_status:
        return NOTHING
    if seen.status is not Status.FAIL:
        return Decision(Move.NOTE)
    if held.evidence_status == Status.PASS:
        return Decision(Move.OPEN, "regressed")
    if held.close_cause in ("out_of_scope", "check_changed"):
        return Decision(Move.RETURN)
    if held.close_cause == "account_left":
        return Decision(Move.OPEN, "scope_changed")
    return Decision(Move.OPEN, "new_resource")


def stance_of(
    parts: Sequence[Mapping[str, str]], version: int, severity: str
) -> tuple[object, ...]:
    """Which parts hold, and by which check, without a word of explanation."""
    return ([(part["name"], part["status"]) for part in parts], version, severity)


def told_parts(parts: Sequence[Part]) -> list[dict[str, str]]:
    """Parts as a finding keeps them."""
    return [
        {"name": part.name, "status": part.status.value, "message": part.message} for part in parts
    ]
