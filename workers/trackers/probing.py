"""Steps of a connection's test, whatever the tracker."""

from __future__ import annotations

from collections.abc import Callable

from workers.trackers.base import ProbeStep
from workers.trackers.errors import Configuration, TrackerError


def step(name: str, tried: Callable[[], tuple[bool | None, str]]) -> ProbeStep:
    """Try it: a configuration that is wrong fails; what may pass by itself leaves it unknown."""
    try:
        is_ok, detail = tried()
    except Configuration as error:
        return ProbeStep(name=name, is_ok=False, detail=str(error))
    except TrackerError as error:
        return ProbeStep(name=name, is_ok=None, detail=f"{error}; try again later")
    return ProbeStep(name=name, is_ok=is_ok, detail=detail)


def skipped(name: str) -> ProbeStep:
    return ProbeStep(name=name, is_ok=None, detail="Not tried: a step before it failed.")
