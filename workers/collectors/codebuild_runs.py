"""Collector of CodeBuild's builds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from findings.facts.base import Gap
from findings.facts.codebuild import Build, BuildHistory
from workers.collectors.base import Collector, Response, Session, in_batches, pick
from workers.collectors.codebuild import LIST_PROJECTS, project_names

BATCH = 100
NEWEST = 100
"""Builds read of each project: one page."""


@Collector(
    fact=BuildHistory,
    operations=(
        LIST_PROJECTS,
        "codebuild:ListBuildsForProject",
        "codebuild:BatchGetBuilds",
    ),
)
def build_histories(session: Session) -> Iterator[BuildHistory]:
    """A page of ids of each project; builds are described a hundred at once, of all projects."""
    client = session.client("codebuild")
    ids: dict[str, tuple[str, ...] | Gap] = {}
    for name in project_names(session):
        try:
            page = session.detail(
                client.list_builds_for_project, projectName=name, sortOrder="DESCENDING"
            )
        except client.exceptions.ResourceNotFoundException:
            continue  # it was deleted after it was listed
        ids[name] = page if isinstance(page, Gap) else tuple(page.get("ids") or ())[:NEWEST]
    builds: dict[str, Response | Gap] = {}
    wanted = [id_ for found in ids.values() if not isinstance(found, Gap) for id_ in found]
    for batch in in_batches(wanted, BATCH):
        answer = session.detail(client.batch_get_builds, ids=batch)
        if isinstance(answer, Gap):
            builds.update(dict.fromkeys(batch, answer))
        else:
            builds.update({raw["id"]: raw for raw in answer.get("builds") or () if raw.get("id")})
    for name, found in ids.items():
        told = found if isinstance(found, Gap) else [builds[id_] for id_ in found if id_ in builds]
        yield BuildHistory(project=name, builds=_builds(told))


def _builds(told: Iterable[Response | Gap] | Gap) -> Any:
    """The builds, or the gap of the first that could not be described."""
    if isinstance(told, Gap):
        return told
    found = []
    for raw in told:
        if isinstance(raw, Gap):
            return raw
        if raw.get("startTime"):
            found.append(parse_build(raw))
    return tuple(sorted(found, key=lambda build: build.started_at, reverse=True))


def parse_build(raw: Response) -> Build:
    return Build(
        status=raw.get("buildStatus", ""),
        started_at=raw["startTime"],
        seconds=_seconds(raw),
        source_version=raw.get("sourceVersion"),
    )


def _seconds(raw: Response) -> int | None:
    """From its start to its end, without what it waited in the queue."""
    if not raw.get("endTime"):
        return None
    queued: int = sum(
        pick(phase, "durationInSeconds", default=0)
        for phase in raw.get("phases") or ()
        if phase.get("phaseType") == "QUEUED"
    )
    whole: float = (raw["endTime"] - raw["startTime"]).total_seconds()
    return int(whole) - queued
