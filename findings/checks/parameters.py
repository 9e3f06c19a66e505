"""Parameters of checks: type, default, unit; overridden per organization, OU, account."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from findings.facts.base import Record


class ParameterError(ValueError):
    """A value that a parameter does not take; the message says what it takes."""


@dataclass(frozen=True)
class Parameter:
    """A named value of a check. ``parse`` takes JSON and raises :class:`ParameterError`."""

    name: str
    default: Any
    unit: ClassVar[str] = ""

    def parse(self, value: Any) -> Any:
        raise NotImplementedError

    def refuse(self, value: Any, wanted: str) -> ParameterError:
        return ParameterError(f"{self.name} takes {wanted}, not {value!r}")


@dataclass(frozen=True)
class Number(Parameter):
    minimum: ClassVar[float] = 0
    maximum: ClassVar[float] = 1_000_000_000

    def parse(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value, f"a number of {self.unit or 'items'}")
        if not self.minimum <= value <= self.maximum:
            raise self.refuse(value, f"a number from {self.minimum:g} to {self.maximum:g}")
        return value


class Days(Number):
    unit = "days"
    maximum = 100 * 365


class DaysOfMonth(Days):
    """Of a window of history that AWS keeps for 30 days only."""

    maximum = 30


class DaysOfQuarter(Days):
    """Of a window of history that is read for 90 days only, as CloudTrail keeps its events."""

    maximum = 90


class DaysOfExperiments(Days):
    """Of a history of fault experiments, which AWS keeps for 120 days."""

    maximum = 120


class DaysOfIncidents(Days):
    """Of a history of incidents, of which the last 180 days are read."""

    maximum = 180


class Hours(Number):
    unit = "hours"
    maximum = 24 * Days.maximum


class HoursOfDay(Hours):
    """Of a window that is read for the last 24 hours only."""

    maximum = 24


class Minutes(Number):
    unit = "minutes"
    maximum = 60 * Hours.maximum


class Count(Number):
    pass


class Share(Number):
    """A part of one, like the rate of a sampling rule."""

    maximum = 1


class Percent(Number):
    unit = "percent"
    maximum = 100


@dataclass(frozen=True)
class Flag(Parameter):
    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value, "true or false")
        return value


@dataclass(frozen=True)
class Text(Parameter):
    def parse(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value, "a text")
        return value


@dataclass(frozen=True)
class Pattern(Parameter):
    """A regular expression, kept as text and compiled by :meth:`parse`."""

    def parse(self, value: Any) -> re.Pattern[str]:
        if not isinstance(value, str):
            raise self.refuse(value, "a regular expression")
        try:
            return re.compile(value)
        except re.error as error:
            raise self.refuse(value, f"a regular expression ({error})") from error


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


@dataclass(frozen=True)
class Names(Parameter):
    """A list of names."""

    def parse(self, value: Any) -> tuple[str, ...]:
        if not _is_texts(value):
            raise self.refuse(value, "a list of texts")
        return tuple(value)


class Prefixes(Names):
    """A list of prefixes; the tuple can be given to ``str.startswith``."""


class Selector(Record):
    """Which things count: by tag, by environment of the account, or by OU path (with wildcards)."""

    tag: str
    tag_values: tuple[str, ...]
    environments: tuple[str, ...]
    ou_paths: tuple[str, ...]

    def matches_tags(self, tags: Mapping[str, str]) -> bool:
        return bool(self.tag) and tags.get(self.tag, "").lower() in self.tag_values

    def matches_account(self, environment: str, ou_path: str) -> bool:
        return environment in self.environments or any(
            fnmatch.fnmatchcase(ou_path, pattern) for pattern in self.ou_paths
        )


@dataclass(frozen=True)
class SelectorParameter(Parameter):
    """A :class:`Selector` as an object: tag, tag_values, environments, ou_paths."""

    def parse(self, value: Any) -> Selector:
        if isinstance(value, Selector):
            return value
        allowed = {"tag", "tag_values", "environments", "ou_paths"}
        if not isinstance(value, Mapping) or not set(value) <= allowed:
            raise self.refuse(value, f"an object of {sorted(allowed)}")
        given = {name: value.get(name, ()) for name in allowed - {"tag"}}
        if not all(map(_is_texts, given.values())):
            raise self.refuse(value, "lists of texts")
        lists = {name: tuple(items) for name, items in given.items()}
        lists["tag_values"] = tuple(item.lower() for item in lists["tag_values"])
        return Selector(tag=str(value.get("tag", "")), **lists)


PRODUCTION = SelectorParameter(
    "production_selector",
    {
        "tag": "Environment",
        "tag_values": ["prod", "production"],
        "environments": ["production"],
        "ou_paths": [],
    },
)
"""What counts as production: a tag of the resource, or the environment of its account."""

SHARED = {PRODUCTION.name: PRODUCTION}
"""Parameters that mean the same in every check, so that one rule may hold for all of them."""
