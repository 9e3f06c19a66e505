"""How long builds take, and how they end."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.build_records import BOUNDED, GREEN, build, put_project
from simulator.places import Place

runs = Facet("codebuild.runs")

NAME = "api-build"


def _api(
    place: Place,
    *ended: tuple[str, float],
    bounded: str = "pass",
    green: str = "pass",
    seconds: int | None = 300,
    version: str | None = None,
    **fields: Any,
) -> None:
    """A project with builds, each given by how it ended and so many days ago."""
    builds = [
        build(place, NAME, status, number=number, seconds=seconds, version=version, days=days)
        for number, (status, days) in enumerate(ended, start=1)
    ]
    put_project(place, NAME, _builds=builds, **fields)
    place.expect(BOUNDED, bounded, resource=NAME)
    place.expect(GREEN, green, resource=NAME)


def _in_turn(*statuses: str) -> list[tuple[str, float]]:
    """Builds of the last days, the newest first."""
    return [(status, 1 + number) for number, status in enumerate(statuses)]


GOOD, BAD = "SUCCEEDED", "FAILED"


@runs.variant("green", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def green(place: Place) -> None:
    """Four of five, as many as are asked for; what is stopped or still running does not count."""
    statuses = _in_turn("IN_PROGRESS", GOOD, "STOPPED", GOOD, BAD, GOOD, GOOD)
    _api(place, *statuses, timeoutInMinutes=15, queuedTimeoutInMinutes=30)


@runs.variant("red", characters={"neglected": 2, "ordinary": 1})
def red(place: Place) -> None:
    """Three of five; builds time out and fail for reasons of CodeBuild, too."""
    _api(place, *_in_turn(GOOD, "TIMED_OUT", GOOD, "FAULT", GOOD), green="fail")


@runs.variant("broken", characters={"neglected": 1, "ordinary": 1})
def broken(place: Place) -> None:
    """Nine of ten, but not the newest one of the default branch."""
    _api(place, *_in_turn(BAD, *[GOOD] * 9), green="fail", version="main")


@runs.variant("unbounded", characters={"neglected": 2, "ordinary": 1, "new": 1})
def unbounded(place: Place) -> None:
    """CodeBuild itself lets builds wait for eight hours."""
    _api(place, *_in_turn(GOOD), bounded="fail", queuedTimeoutInMinutes=None)


@runs.variant("cut_short", characters={"ordinary": 1})
def cut_short(place: Place) -> None:
    """They take 601 seconds, and are stopped after fifteen minutes."""
    _api(place, *_in_turn(*[GOOD] * 5), bounded="fail", seconds=601, timeoutInMinutes=15)


@runs.variant("just_in_time", characters={"exemplary": 1, "ordinary": 1})
def just_in_time(place: Place) -> None:
    """They take 600 seconds; the fifth build that failed is older than 30 days."""
    statuses = [*_in_turn(GOOD, GOOD, GOOD, BAD), (BAD, 31)]
    _api(place, *statuses, seconds=600, timeoutInMinutes=15)


@runs.variant("forgotten", characters={"neglected": 2, "ordinary": 1})
def forgotten(place: Place) -> None:
    _api(place, (GOOD, 91), green="fail")


@runs.variant("never_built", characters=RARELY)
def never_built(place: Place) -> None:
    _api(place, green="fail")


@runs.variant("none", characters={"new": 2, "locked_down": 1})
def none(place: Place) -> None:
    """No service is built here."""
