"""What may be asked of an assessment; all that is wrong is told before AWS is asked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from accounts.days import day_ends
from findings.catalogue.pillar import Row
from findings.catalogue.tools import Tool
from findings.checks.base import Definition, Registry
from findings.checks.parameters import ParameterError
from findings.facts.declared import Declared

if TYPE_CHECKING:
    import boto3


_OF_A_TOOL = {"kind", "name", "until"}


class BadInput(ValueError):
    """What was asked for cannot be done; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True)
class AssessContext:
    """What AWS does not know of an account. By default it counts as production."""

    environment: str = "production"
    name: str = ""
    ou_path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    is_management: bool | None = None
    """Of its organization; None leaves it to AWS Organizations to tell."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Check id -> parameter -> value, where a check is to use another than its default."""
    tools: Sequence[Mapping[str, Any]] = ()
    """Tools outside AWS that stand in for checks: kind, name, until (the last day, in UTC)."""


def chosen_checks(
    registry: Registry, checks: Sequence[str] | None, rows: Sequence[str] | None
) -> list[Definition]:
    """The checks of these ids and rows, all without any; raises BadInput on an unknown one."""
    for id in checks or ():
        if id not in registry:
            raise BadInput(f"there is no check {id!r}{nearest(id, registry)}")
    known_rows = {row.value: row for row in Row}
    for row in rows or ():
        if row.upper() not in known_rows:
            listed = ", ".join(f"{row.value} ({row.title})" for row in Row)
            raise BadInput(f"there is no row {row!r}; rows are {listed}")
    wanted = {known_rows[row.upper()] for row in rows or ()}
    return [
        definition
        for definition in registry.values()
        if (not checks or definition.id in checks)
        and (not wanted or definition.check.row in wanted)
    ]


def require_parameters(registry: Registry, given: AssessContext) -> None:
    """Raise BadInput for a parameter that no check has, or a value that it does not take."""
    for id, values in given.parameters.items():
        if id not in registry:
            raise BadInput(f"context: there is no check {id!r}{nearest(id, registry)}")
        known = {parameter.name for parameter in registry[id].check.parameters}
        for name in values:
            if name not in known:
                raise BadInput(f"context: {id} has no parameter {name!r}{nearest(name, known)}")
        try:
            registry[id].parameters(values)
        except ParameterError as error:
            raise BadInput(f"context: {id}: {error}") from error


def declared_tools(given: AssessContext) -> tuple[Declared, ...]:
    """The tools of the context, used from ever; raises BadInput where one is not told rightly."""
    return tuple(_declared(number, tool) for number, tool in enumerate(given.tools, start=1))


def _declared(number: int, tool: Mapping[str, Any]) -> Declared:
    where = f"context: tool {number}"
    if missing := sorted(_OF_A_TOOL - set(tool)):
        raise BadInput(f"{where}: say its {', '.join(missing)}")
    if unknown := sorted(set(tool) - _OF_A_TOOL):
        raise BadInput(f"{where}: there is no {unknown[0]!r}{nearest(unknown[0], _OF_A_TOOL)}")
    kind, name, until = (tool[key] for key in ("kind", "name", "until"))
    kinds = [known.value for known in Tool]
    if kind not in kinds:
        raise BadInput(f"{where}: there is no kind {kind!r}; kinds are {', '.join(kinds)}")
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"{where}: its name must be a text")
    last_day = _day(where, until)
    return Declared(
        kind=Tool(kind),
        name=name.strip(),
        starts_at=datetime.min.replace(tzinfo=UTC),
        ends_at=day_ends(last_day, UTC),
        last_day=last_day,
        is_organization_wide=True,
    )


def _day(where: str, until: object) -> date:
    try:
        return date.fromisoformat(str(until))
    except ValueError as error:
        raise BadInput(f"{where}: until is a day such as 2027-03-31, not {until!r}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was probably meant."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def require_regions(session: boto3.Session, names: Iterable[str]) -> None:
    """Raise BadInput for a region that does not exist."""
    known = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition_name=partition)
    }
    for name in names:
        if name not in known:
            raise BadInput(f"there is no region {name!r}{nearest(name, known)}")
