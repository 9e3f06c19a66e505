"""E1: builds end in bounded time, and succeed."""

from __future__ import annotations

import math

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, failed, not_applicable, outcome, part
from findings.checks.parameters import Count, Days, Minutes, Percent
from findings.facts.base import Facts, NotCollected, not_supplied
from findings.facts.codebuild import Build, BuildHistory, BuildProject

DEFAULT_TIMEOUT, DEFAULT_QUEUE = 60, 480
"""https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html"""

ENOUGH_BUILDS = 5
HEADROOM = 1.5
SUCCEEDED = "SUCCEEDED"
UNSUCCESSFUL = ("FAILED", "FAULT", "TIMED_OUT")
DEFAULT_BRANCHES = ("main", "master", "refs/heads/main", "refs/heads/master")


def _builds(project: BuildProject, facts: Facts) -> tuple[Build, ...]:
    history = facts.of(BuildHistory).get(project.name)
    if history is None:
        raise NotCollected(not_supplied(BuildHistory.kind))
    return history.builds


@Check(
    title="Bound build and queue time",
    row=Row.DELIVERY,
    resource=BuildProject,
    needs=(BuildHistory,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP04",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Minutes("max_timeout", 60), Minutes("max_queue", 60)),
    remediation="Set the timeouts of the project from the times that its builds take: half as long"
    " again as all but the slowest, and no longer than people wait for an answer.",
    cli=(
        "aws codebuild update-project --name PROJECT --timeout-in-minutes 30"
        " --queued-timeout-in-minutes 30",
    ),
)
def codebuild_project_timeout_bounded(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("build time", lambda: _is_bounded(_timeout(project), context.max_timeout)),
        part("queue time", lambda: _is_bounded(_queue_timeout(project), context.max_queue)),
        part("long enough", lambda: _is_long_enough(project, facts)),
    )


def _timeout(project: BuildProject) -> int:
    minutes: int | None = project.timeout_minutes
    return DEFAULT_TIMEOUT if minutes is None else minutes


def _queue_timeout(project: BuildProject) -> int:
    minutes: int | None = project.queue_timeout_minutes
    return DEFAULT_QUEUE if minutes is None else minutes


def _is_bounded(minutes: int, most: float) -> Outcome:
    return outcome(minutes <= most, f"{minutes} minutes")


def _is_long_enough(project: BuildProject, facts: Facts) -> Outcome:
    """Of builds that ended by themselves, 95 of 100 took no longer than this."""
    ended = (SUCCEEDED, "FAILED")
    times = sorted(
        build.seconds
        for build in _builds(project, facts)
        if build.status in ended and build.seconds is not None
    )
    if len(times) < ENOUGH_BUILDS:
        return not_applicable(f"{len(times)} builds tell no usual time")
    usual = times[math.ceil(0.95 * len(times)) - 1]
    return outcome(_timeout(project) * 60 >= HEADROOM * usual, f"builds take {usual} seconds")


@Check(
    title="Keep builds green",
    row=Row.DELIVERY,
    resource=BuildProject,
    needs=(BuildHistory,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP02", "OPS09-BP01"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        Days("window_days", 30),
        Percent("min_percent", 80),
        Count("min_builds", 5),
        Days("stale_days", 90),
    ),
    not_applicable_when="The project is younger than stale_days, and had fewer than min_builds"
    " builds within window_days.",
    remediation="Repair the phase that fails most, set tests that fail now and then apart, and"
    " delete projects that nobody builds.",
    cli=(
        "aws codebuild list-builds-for-project --project-name PROJECT",
        "aws codebuild batch-get-builds --ids BUILD_ID --query 'builds[].phases'",
    ),
)
def codebuild_success_rate(project: BuildProject, facts: Facts, context: Context) -> Outcome:
    return all_of(
        part("success rate", lambda: _is_green(project, facts, context)),
        part("default branch", lambda: _is_default_branch_green(project, facts, context)),
        part("in use", lambda: _is_in_use(project, facts, context)),
    )


def _recent(project: BuildProject, facts: Facts, context: Context) -> list[Build]:
    """Builds of the window that ended with a result, newest first."""
    return [
        build
        for build in _builds(project, facts)
        if (build.status == SUCCEEDED or build.status in UNSUCCESSFUL)
        and context.within(build.started_at, days=context.window_days)
    ]


def _is_green(project: BuildProject, facts: Facts, context: Context) -> Outcome:
    recent = _recent(project, facts, context)
    if len(recent) < context.min_builds:
        return not_applicable(f"{len(recent)} builds")
    green = sum(build.status == SUCCEEDED for build in recent)
    told = f"{green} of {len(recent)} builds succeeded"
    return outcome(green * 100 >= context.min_percent * len(recent), told)


def _is_default_branch_green(project: BuildProject, facts: Facts, context: Context) -> Outcome:
    recent = _recent(project, facts, context)
    newest = next((build for build in recent if _is_of_default_branch(build, project)), None)
    if len(recent) < context.min_builds or newest is None:
        return not_applicable("too few builds of it are known")
    return outcome(newest.status == SUCCEEDED, f"{newest.status} on {newest.started_at:%Y-%m-%d}")


def _is_of_default_branch(build: Build, project: BuildProject) -> bool:
    """What the project builds when it is not told what, or a branch of a usual name."""
    return build.source_version in (None, "", project.source_version, *DEFAULT_BRANCHES)


def _is_in_use(project: BuildProject, facts: Facts, context: Context) -> Outcome:
    builds = _builds(project, facts)
    if builds:
        newest = builds[0].started_at
        told = f"last built on {newest:%Y-%m-%d}"
        return outcome(context.within(newest, days=context.stale_days), told)
    created = project.created_at
    if created is not None and context.within(created, days=context.stale_days):
        return not_applicable("it is new")
    return failed("it was never built")
