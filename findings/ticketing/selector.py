"""Which findings a route takes (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from findings.catalogue.pillar import Row, Severity


class RouteSelectorError(ValueError):
    """A selector that says what cannot be; the message says what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding as routes look at it. ``ou`` is the path of its account's OU, "" at the root."""

    row: str
    check: str
    severity: str
    ou: str
    team: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSelector:
    """Every condition must hold; an empty list holds for all. OUs are paths, with all below."""

    rows: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    ous: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: Any) -> RouteSelector:
        """From JSON or a form. Raises :class:`RouteSelectorError`."""
        names = [field.name for field in fields(cls)]
        if not isinstance(value, Mapping):
            raise RouteSelectorError(f"A selector is an object of {', '.join(names)}.")
        if unknown := sorted(str(name) for name in set(value) - set(names)):
            raise RouteSelectorError(
                f"A selector has {', '.join(names)}, not {', '.join(unknown)}."
            )
        selector = cls(**{name: _texts(name, value.get(name)) for name in names})
        _refuse_unknown("row", selector.rows, [row.value for row in Row])
        _refuse_unknown("severity", selector.severities, [s.value for s in Severity])
        return selector

    def to_json(self) -> dict[str, list[str]]:
        return {f.name: list(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)}

    def takes(self, candidate: Candidate) -> bool:
        return (
            _holds(self.rows, candidate.row)
            and _holds(self.checks, candidate.check)
            and _holds(self.severities, candidate.severity)
            and _holds(self.teams, candidate.team)
            and _holds(self.environments, candidate.environment)
            and (not self.ous or any(_is_below(candidate.ou, ou) for ou in self.ous))
        )


def _holds(wanted: tuple[str, ...], given: str) -> bool:
    return not wanted or given in wanted


def _is_below(path: str, ou: str) -> bool:
    return path == ou or path.startswith(f"{ou}/")


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise RouteSelectorError(f"{name} is a list of texts.")
    texts = tuple(dict.fromkeys(item.strip() for item in value))
    if any(not text or "\0" in text or len(text) > 512 for text in texts):
        raise RouteSelectorError(f"{name} has an entry that is empty, or no text at all.")
    return texts


def _refuse_unknown(what: str, given: tuple[str, ...], known: list[str]) -> None:
    if strange := [text for text in given if text not in known]:
        raise RouteSelectorError(
            f"{', '.join(strange)} is no {what}; there are {', '.join(known)}."
        )
