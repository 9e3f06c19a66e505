"""What builds report of their tests."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.operations.codebuild import GROUPS
from simulator.places import Place, Record

reports = Facet("codebuild.reports")

REGIONS = "codebuild.regions"
CHECK = "codebuild_test_reports_published"
PLAIN = {
    "exportConfigType": "S3",
    "s3Destination": {"bucket": "reports", "encryptionDisabled": True},
}


@default_answers(REGIONS)
def answer(place: Place, region: Record) -> None:
    """Where nothing is built nothing is tested."""
    is_used = bool(place.all("codebuild.projects"))
    place.expect(CHECK, region["_status"] if is_used else "not_applicable")


def _put_group(
    place: Place,
    *ages: float,
    kind: str = "TEST",
    lines: float | None = None,
    status: str = "SUCCEEDED",
    export: Record | None = None,
) -> None:
    """A group with a report for each age in days."""
    name = kind.lower()
    coverage: dict[str, Any] = {"lineCoveragePercentage": lines, "linesCovered": 1}
    place.put(
        GROUPS,
        {
            "arn": place.arn("codebuild", f"report-group/{name}"),
            "name": name,
            "type": kind,
            "exportConfig": export or {"exportConfigType": "NO_EXPORT"},
            "_reports": [
                {
                    "arn": place.arn("codebuild", f"report/{name}:{number}"),
                    "type": kind,
                    "status": status,
                    "codeCoverageSummary": None if lines is None else coverage,
                    "_age": timedelta(days=age),
                }
                for number, age in enumerate(ages, start=1)
            ],
        },
    )


def _expect(place: Place, status: str) -> None:
    place.put(REGIONS, {"_status": status})


@reports.variant("of_tests", characters={"exemplary": 3, "ordinary": 2, "locked_down": 3})
def of_tests(place: Place) -> None:
    """And of coverage, as much as is asked for."""
    _put_group(place, 1, 2, 40)
    _put_group(place, 1, kind="CODE_COVERAGE", lines=60.0)
    _expect(place, "pass")


@reports.variant("none", characters={"neglected": 3, "new": 3, "ordinary": 2})
def none(place: Place) -> None:
    _expect(place, "fail")


@reports.variant("stale", characters={"neglected": 1, "ordinary": 1})
def stale(place: Place) -> None:
    """The last one that succeeded is more than thirty days old."""
    _put_group(place, 30.001)
    _expect(place, "fail")


@reports.variant("just_in_time", characters={"ordinary": 1})
def just_in_time(place: Place) -> None:
    """Its age moves on with the clock, so that a scan must have ended within the hour."""
    _put_group(place, 29.95)
    _expect(place, "pass")


@reports.variant("failing", characters={"neglected": 1})
def failing(place: Place) -> None:
    _put_group(place, 1, status="FAILED")
    _expect(place, "fail")


@reports.variant("little_covered", characters={"ordinary": 1, "new": 1})
def little_covered(place: Place) -> None:
    _put_group(place, 1)
    _put_group(place, 1, kind="CODE_COVERAGE", lines=59.9)
    _expect(place, "fail")


@reports.variant("plain", characters=RARELY)
def plain(place: Place) -> None:
    _put_group(place, 1, export=PLAIN)
    _expect(place, "fail")
