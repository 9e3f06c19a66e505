"""Collector of what pipelines have deployed, from the runs of their actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from findings.facts.base import Gap
from findings.facts.codepipeline import ActionRun, PipelineDeployments
from workers.collectors.base import Collector, Response, Session, pick, unread
from workers.collectors.paging import detail_items

HISTORY = timedelta(days=90)
PAGES = 10
"""Read of each pipeline at most, with 100 runs of actions each."""
UNCHANGING = ("Source", "Test", "Approval")
"""Categories of actions that change nothing outside the pipeline."""
COMMIT_DATES = ("CommitterDate", "AuthorDate")
"""Output variables of sources: CodeCommit tells both, connections the second.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""


@Collector(
    fact=PipelineDeployments,
    operations=("codepipeline:ListPipelines", "codepipeline:ListActionExecutions"),
)
def pipeline_deployments(session: Session) -> Iterator[PipelineDeployments]:
    client = session.client("codepipeline")
    for raw in session.items("codepipeline", "list_pipelines", "pipelines"):
        reading = _Reading(session.now - HISTORY)
        try:
            found = detail_items(
                session,
                client.list_action_executions,
                "actionExecutionDetails",
                token="nextToken",  # noqa: S106 - the name of a member
                until=reading.is_enough,
                pipelineName=raw["name"],
                maxResults=100,
            )
        except client.exceptions.PipelineNotFoundException:
            continue  # it was deleted after it was listed
        if isinstance(found, Gap):
            yield unread(PipelineDeployments, found, pipeline=raw["name"])
        else:
            yield parse_pipeline_deployments(raw["name"], found, reading.known_from)


class _Reading:
    """How far back the pages of a pipeline go; the newest runs come first."""

    def __init__(self, since: datetime) -> None:
        self.known_from, self._since, self._pages = since, since, 0

    def is_enough(self, last: Response) -> bool:
        """Asked after each page that another one follows."""
        self._pages += 1
        if _began(last) < self._since:
            return True
        if self._pages >= PAGES:
            self.known_from = _began(last)
        return self._pages >= PAGES


def parse_pipeline_deployments(
    name: str, actions: Iterable[Response], known_from: datetime
) -> PipelineDeployments:
    """What ended before ``known_from`` is left out; the last page may tell of more.

    Of output variables, which may hold anything, only the dates of commits are read.
    """
    by_execution: dict[str, list[Response]] = defaultdict(list)
    for raw in actions:
        by_execution[raw.get("pipelineExecutionId", "")].append(raw)
    runs = [run for id_, found in by_execution.items() for run in _runs(id_, found, known_from)]
    return PipelineDeployments(
        pipeline=name,
        known_from=known_from,
        runs=tuple(sorted(runs, key=lambda run: (run.ended_at, run.execution, run.action))),
    )


def _runs(execution: str, actions: list[Response], since: datetime) -> Iterator[ActionRun]:
    began = min(map(_began, actions))
    commits = [commit for raw in actions if (commit := _committed_at(raw))]
    for raw in actions:
        if _category(raw) not in UNCHANGING and _ended(raw) >= since:
            yield ActionRun(
                execution=execution,
                stage=raw.get("stageName", ""),
                action=raw.get("actionName", ""),
                status=raw.get("status", ""),
                ended_at=_ended(raw),
                execution_began_at=began,
                committed_at=max(commits, default=None),
                external_id=pick(raw, "output", "executionResult", "externalExecutionId"),
            )


def _category(raw: Response) -> str:
    return str(pick(raw, "input", "actionTypeId", "category", default=""))


def _began(raw: Response) -> datetime:
    return _instant(raw, "startTime", "lastUpdateTime")


def _ended(raw: Response) -> datetime:
    return _instant(raw, "lastUpdateTime", "startTime")


def _instant(raw: Response, *names: str) -> datetime:
    found: Any = next(raw[name] for name in names if raw.get(name))
    return found.astimezone(UTC)  # type: ignore[no-any-return]  # responses are untyped


def _committed_at(raw: Response) -> datetime | None:
    """When the revision of a source was committed, in the words of its action."""
    if _category(raw) != "Source":
        return None
    variables = pick(raw, "output", "outputVariables", default={})
    told = next((variables[name] for name in COMMIT_DATES if variables.get(name)), "")
    try:
        instant = datetime.fromisoformat(told)
    except ValueError:
        return None
    return instant.replace(tzinfo=instant.tzinfo or UTC)
