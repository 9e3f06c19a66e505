"""The story of the demo, as `story.yaml` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any

import yaml


class LeftOut(Exception):
    """The incidents cannot be told here; the message says why."""


@dataclass(frozen=True, kw_only=True)
class FirstLook:
    """The accounts that were scanned some days before all others."""

    days_ago: int
    accounts: tuple[str, ...]

    @property
    def ago(self) -> timedelta:
        return timedelta(days=self.days_ago)


@dataclass(frozen=True, kw_only=True)
class IncidentTold:
    """One incident; its parts are bodies of the REST API."""

    incident: dict[str, Any]
    began: dict[str, Any]
    times: dict[str, str]
    timeline: list[dict[str, Any]]
    factors: list[dict[str, Any]]
    analysis: dict[str, Any]
    learnings: list[dict[str, Any]]

    def body(self, now: datetime) -> dict[str, Any]:
        """The incident itself, with its instants."""
        began = self.began_at(now)
        instants = {name: began + _lasting(after) for name, after in self.times.items()}
        told = {"started_at": began, **instants}
        return {**self.incident, **{name: at.isoformat() for name, at in told.items()}}

    def began_at(self, now: datetime) -> datetime:
        day = now.date() - timedelta(days=self.began["days"])
        return datetime.combine(day, time.fromisoformat(self.began["at"]), now.tzinfo)

    def entries(self, started_at: str) -> Iterator[dict[str, Any]]:
        """The timeline, from when the incident is recorded to have begun."""
        began = datetime.fromisoformat(started_at)
        for entry in self.timeline:
            rest = {name: value for name, value in entry.items() if name != "after"}
            yield {"at": (began + _lasting(entry["after"])).isoformat(), **rest}


@dataclass(frozen=True, kw_only=True)
class Story:
    first_look: FirstLook
    claims_on_day: int
    incidents: tuple[IncidentTold, ...]


def read_story() -> Story:
    told = yaml.safe_load(files(__package__).joinpath("story.yaml").read_text(encoding="utf-8"))
    look = told["first_look"]
    return Story(
        first_look=FirstLook(days_ago=look["days_ago"], accounts=tuple(look["accounts"])),
        claims_on_day=told["claims_on_day"],
        incidents=tuple(IncidentTold(**incident) for incident in told["incidents"]),
    )


def _lasting(text: str) -> timedelta:
    """Of hours and minutes, as in 41:05."""
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
