"""What starts a pipeline: polling, events or a connection."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.pipeline_records import (
    BUILD,
    EVENT_DRIVEN,
    GATE,
    TEST,
    Record,
    action,
    put_running,
    source,
    stage,
)
from simulator.places import Place

sources = Facet("codepipeline.sources")

REPOSITORY = {"RepositoryName": "handbook", "BranchName": "main"}
BUCKET = {"S3Bucket": "example-drop", "S3ObjectKey": "handbook.zip"}
BY_EVENT = {"PollForSourceChanges": "false"}


def _docs(place: Place, status: str, *actions: Record, **fields: Any) -> None:
    """The pipeline of the handbook, which deploys nothing."""
    put_running(place, "docs", stage("Source", *actions), BUILD, TEST, **fields)
    place.expect(GATE, "not_applicable", resource="docs")
    place.expect(EVENT_DRIVEN, status, resource="docs")


def _from(provider: str, configuration: dict[str, str], **fields: Any) -> Record:
    return action(provider, "Source", provider, configuration=configuration, **fields)


@sources.variant("by_event", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def by_event(place: Place) -> None:
    _docs(place, "pass", _from("CodeCommit", {**REPOSITORY, **BY_EVENT}))


@sources.variant("polls", characters={"neglected": 2, "ordinary": 1})
def polls(place: Place) -> None:
    """AWS has written the word in both ways."""
    word = {"PollForSourceChanges": "True"}
    _docs(place, "fail", _from("CodeCommit", {**REPOSITORY, **word}))


@sources.variant("two_by_event", characters={"exemplary": 1, "ordinary": 1})
def two_by_event(place: Place) -> None:
    """A connection and an image beside a bucket whose changes are events."""
    (connection,) = source()["actions"]
    image = _from("ECR", {"RepositoryName": "handbook", "ImageTag": "stable"})
    _docs(place, "pass", connection, image, _from("S3", {**BUCKET, **BY_EVENT}))


@sources.variant("polls_by_default", characters={"neglected": 1, "ordinary": 1})
def polls_by_default(place: Place) -> None:
    """Nothing is said of polling; the other source is right."""
    by_event = _from("CodeCommit", {**REPOSITORY, **BY_EVENT})
    _docs(place, "fail", by_event, _from("S3", BUCKET))


@sources.variant("connected", characters={"exemplary": 1, "locked_down": 1})
def connected(place: Place) -> None:
    _docs(place, "not_applicable", *source(DetectChanges="true")["actions"])


@sources.variant("old_provider", characters={"neglected": 1})
def old_provider(place: Place) -> None:
    """Version 1 of GitHub, by a webhook."""
    given = {"Owner": "example", "Repo": "handbook", "Branch": "main", "OAuthToken": "****"}
    _docs(place, "fail", _from("GitHub", {**given, **BY_EVENT}, owner="ThirdParty"))


@sources.variant("polling_ended", characters=RARELY)
def polling_ended(place: Place) -> None:
    """AWS has given up polling, since nothing changed for long."""
    ended = {"pollingDisabledAt": place.ago(days=9)}
    _docs(place, "fail", _from("CodeCommit", {**REPOSITORY, **BY_EVENT}), metadata=ended)


@sources.variant("none", characters={"new": 2})
def no_docs(place: Place) -> None:
    """Nothing is expected where there is no pipeline."""
