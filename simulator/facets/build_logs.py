"""Where the logs of builds go, and whether they and the artifacts are encrypted."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.build_records import LOGS, put_project
from simulator.places import Place
from simulator.shapes import Undocumented

logs = Facet("codebuild.logs")

ON, OFF = {"status": "ENABLED"}, {"status": "DISABLED"}
TO_S3 = {"status": "ENABLED", "location": "example-build-logs/site"}
PLAIN = {"encryptionDisabled": True}
TO_BUCKET = {"type": "S3", "location": "example-artifacts", "name": "site"}


def _site(place: Place, status: str, **changed: Any) -> None:
    put_project(place, "site-build", **changed)
    place.expect(LOGS, status, resource="site-build")


@logs.variant("in_cloudwatch", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def in_cloudwatch(place: Place) -> None:
    _site(place, "pass", logsConfig={"cloudWatchLogs": ON, "s3Logs": {**OFF, **PLAIN}})


@logs.variant("off", characters={"neglected": 2, "ordinary": 1})
def off(place: Place) -> None:
    _site(place, "fail", logsConfig={"cloudWatchLogs": OFF, "s3Logs": OFF})


@logs.variant("in_a_bucket", characters={"exemplary": 1, "ordinary": 1})
def in_a_bucket(place: Place) -> None:
    _site(place, "pass", logsConfig={"cloudWatchLogs": OFF, "s3Logs": TO_S3})


@logs.variant("plain_in_a_bucket", characters={"neglected": 1, "ordinary": 1})
def plain_in_a_bucket(place: Place) -> None:
    _site(place, "fail", logsConfig={"cloudWatchLogs": ON, "s3Logs": {**TO_S3, **PLAIN}})


@logs.variant("by_default", characters={"new": 2, "ordinary": 1})
def by_default(place: Place) -> None:
    """Nothing is said of logs."""
    _site(place, "pass", logsConfig=None, artifacts=TO_BUCKET)


@logs.variant("plain_artifacts", characters={"neglected": 1})
def plain_artifacts(place: Place) -> None:
    """Only those of the second output."""
    second = {**TO_BUCKET, **PLAIN, "artifactIdentifier": "docs"}
    _site(place, "fail", artifacts=TO_BUCKET, secondaryArtifacts=[second])


@logs.variant("only_cloudwatch_off", characters={"neglected": 1})
def only_cloudwatch_off(place: Place) -> None:
    _site(place, "fail", logsConfig={"cloudWatchLogs": OFF})


@logs.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    _site(place, "fail", logsConfig={"cloudWatchLogs": {"status": Undocumented("PAUSED")}})


@logs.variant("none", characters={"new": 1, "locked_down": 1})
def no_site(place: Place) -> None:
    """Nothing is expected where nothing is built."""
