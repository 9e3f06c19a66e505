"""Which event is told by which channel, and how often (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from findings.notifying.events import EVENTS, Channel, Mode, NotificationEvent, events_for

T = TypeVar("T", NotificationEvent, Channel, Mode)


class MatrixError(ValueError):
    """What was chosen cannot be; the message says what may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What a person or a team chose. Where they chose nothing, the default counts."""

    is_team: bool = False
    chosen: Mapping[tuple[NotificationEvent, Channel], Mode] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Any, *, is_team: bool) -> Matrix:
        """From ``{event: {channel: mode}}``, as it is stored. Raises MatrixError."""
        if not isinstance(given, Mapping):
            raise MatrixError("Give events with their channels.")
        known = events_for(is_team=is_team)
        chosen = {}
        for name, channels in given.items():
            event = _one_of(NotificationEvent, name, known)
            if not isinstance(channels, Mapping):
                raise MatrixError(f"Give {event} a mode for each channel.")
            for place, mode in channels.items():
                channel = _one_of(Channel, place, tuple(Channel))
                chosen[event, channel] = _one_of(Mode, mode, channel.modes)
        return cls(is_team=is_team, chosen=chosen)

    def mode(self, event: NotificationEvent, channel: Channel) -> Mode:
        default = EVENTS[event].default(channel, is_team=self.is_team)
        return self.chosen.get((event, channel), default)

    def to_json(self) -> dict[str, dict[str, str]]:
        """What was chosen, which a default that changes later leaves alone."""
        told: dict[str, dict[str, str]] = {}
        for (event, channel), mode in self.chosen.items():
            told.setdefault(event.value, {})[channel.value] = mode.value
        return told

    def whole(self) -> dict[str, dict[str, str]]:
        """Every event and channel with what counts."""
        return {
            event.value: {channel.value: self.mode(event, channel).value for channel in Channel}
            for event in events_for(is_team=self.is_team)
        }


def _one_of(kind: type[T], given: object, known: tuple[T, ...]) -> T:
    if isinstance(given, str) and given in known:
        return kind(given)
    raise MatrixError(f"{str(given)[:64]!r} is none of {', '.join(known)}.")
