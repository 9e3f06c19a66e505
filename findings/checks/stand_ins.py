"""Tools that people declare to do, outside AWS, what a check would look for inside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from findings.catalogue.tools import Tool
from findings.checks.context import Horizon
from findings.facts.base import AWS_ORGANIZATION, Place
from findings.facts.declared import Declared


def stand_in(
    alternatives: Collection[Tool], declared: Iterable[Declared], place: Place, horizon: Horizon
) -> Declared | None:
    """The tool that stands in for a check at a place now: of several the one that ends last.

    The horizon notes when that may change: a tool starts, or the one that stands in ends.
    """
    fitting = [tool for tool in declared if tool.kind in alternatives and _reaches(tool, place)]
    for tool in fitting:
        if tool.starts_at > horizon.now:
            horizon.holds_before(tool.starts_at)
    active = [tool for tool in fitting if tool.is_active(horizon.now)]
    found = max(active, key=lambda tool: (tool.ends_at, tool.name), default=None)
    if found is not None:
        horizon.holds_before(found.ends_at)
    return found


def _reaches(tool: Declared, place: Place) -> bool:
    """A tool of a part of the organization does not stand in where the whole is judged."""
    return tool.is_organization_wide or place.region != AWS_ORGANIZATION
