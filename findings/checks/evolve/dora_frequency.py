"""E3: how often changes get to production, by pipelines and by CodeDeploy alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome, unknown
from findings.checks.parameters import PRODUCTION, Count, Days
from findings.checks.production_changes import FORGOTTEN, history_of
from findings.checks.production_steps import PRODUCTION_STAGE
from findings.dora import Change, Window, deployment_frequency, frequency_level
from findings.facts.base import (
    Facts,
    Gap,
    GapReason,
    NotCollected,
    Place,
    Scope,
    not_supplied,
    not_told,
)
from findings.facts.codedeploy import DeploymentGroup, DeploymentHistory, GroupDeployment
from findings.facts.codepipeline import Pipeline, PipelineActivity, PipelineDeployments
from findings.facts.tagging import TaggedResource, tags_of

T = TypeVar("T")
DETAILS = "codedeploy:BatchGetDeployments"
FORGOTTEN_BY_CODEDEPLOY = Gap(
    kind=DeploymentHistory.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="codedeploy:ListDeployments",
)


@Check(
    title="Deploy to production often",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(
        Pipeline,
        PipelineActivity,
        PipelineDeployments,
        DeploymentGroup,
        DeploymentHistory,
        TaggedResource,
    ),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP09", "OPS09-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Days("window_days", 90), Count("min_per_week", 1), PRODUCTION_STAGE, PRODUCTION),
    not_applicable_when="The account has no pipeline that deploys to production and no deployment"
    " group in production.",
    alternatives=(Tool.DELIVERY,),
    remediation="Make changes smaller, and remove the manual steps that delay a release.",
    cli=(
        "aws codepipeline list-pipeline-executions --pipeline-name PIPELINE",
        "aws deploy list-deployments --application-name APPLICATION --deployment-group-name GROUP",
    ),
)
def dora_deployment_frequency(facts: Facts, context: Context) -> Outcome:
    found = _Found()
    for region in facts.regions:
        _take_pipelines(Place(context.account.id, region), facts, context, found)
    for region in facts.regions:
        _take_groups(Place(context.account.id, region), facts, context, found)
    start = context.now - timedelta(days=context.window_days)
    figure = deployment_frequency(found.changes, Window(since=start, until=context.now))
    per_week = figure.value or 0
    told = f"{frequency_level(per_week)}: {figure.n} deployments in {context.window_days:g} days"
    if found.is_any and per_week >= context.min_per_week:
        return outcome(True, told)
    if found.gaps:
        return unknown(*found.gaps)
    if not found.is_any:
        return not_applicable("nothing in the account deploys to production")
    return outcome(False, told)


@dataclass
class _Found:
    """What is known so far, and what is missing; the count is then at least so much.

    ``made`` are ids of deployments that pipelines had CodeDeploy make; ``is_any`` whether anything
    deploys to production.
    """

    changes: list[Change] = field(default_factory=list)
    made: set[str | None] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)
    is_any: bool = False

    def known(self, read: Callable[..., T], *arguments: Any) -> T | None:
        """What is read, or None; what it could not read is noted."""
        try:
            return read(*arguments)
        except NotCollected as missing:
            self.gaps.extend(missing.gaps)
            return None


def _take_pipelines(place: Place, facts: Facts, context: Context, found: _Found) -> None:
    listing = facts.at(PipelineDeployments, place)
    found.gaps.extend(listing.gaps)
    pipelines, activities = facts.at(Pipeline, place), facts.at(PipelineActivity, place)
    for deployments in listing.known:
        history = found.known(history_of, deployments, pipelines, activities, context)
        if history is None:
            continue
        found.is_any = True
        found.changes += [c for c in history.changes if c.ended_at in history.window]
        found.made |= {run.external_id for run in deployments.runs}
        if history.is_short:
            found.gaps.append(FORGOTTEN)


def _take_groups(place: Place, facts: Facts, context: Context, found: _Found) -> None:
    """Deployments that people made without a pipeline, to groups in production."""
    listing = facts.at(DeploymentGroup, place)
    found.gaps.extend(listing.gaps)
    groups = {g.key: found.known(_is_production, g, place, facts, context) for g in listing.known}
    found.is_any |= any(groups.values())
    history = found.known(_history, place, facts)
    if history is None:
        return
    for deployment in history.succeeded:
        if deployment.creator == "user" and deployment.id not in found.made:
            change = found.known(_change, deployment, groups, context)
            found.changes += [change] if change else []
    is_short = not context.is_due_within(history.known_from, days=-context.window_days)
    if is_short and any(groups.values()):
        found.gaps.append(FORGOTTEN_BY_CODEDEPLOY)


def _is_production(group: DeploymentGroup, place: Place, facts: Facts, context: Context) -> bool:
    """By its account, else by its own tags."""
    if context.is_production():
        return True
    return context.is_production(tags_of(facts.at(TaggedResource, place), group.arn))


def _history(place: Place, facts: Facts) -> DeploymentHistory:
    """The history of a region, all of it; raises NotCollected where it is not known."""
    found = facts.at(DeploymentHistory, place).get(place.region)
    if found is None:
        raise NotCollected(not_supplied(DeploymentHistory.kind))
    if found.gaps:
        raise NotCollected(*found.gaps.values())
    return found


def _change(
    deployment: GroupDeployment, groups: Mapping[str, bool | None], context: Context
) -> Change | None:
    """None for one that was not to production or is not of the window.

    A group that is gone tells no longer what it was; its account may.
    """
    is_gone = deployment.group_key not in groups
    if is_gone and not context.is_production():
        raise NotCollected(not_told(DeploymentHistory.kind, DETAILS, "its group is gone"))
    if deployment.ended_at is None:
        raise NotCollected(not_told(DeploymentHistory.kind, DETAILS, "no completeTime"))
    if not is_gone and not groups[deployment.group_key]:
        return None
    if not context.within(deployment.ended_at, days=context.window_days):
        return None
    ended = deployment.ended_at
    return Change(id=deployment.id, began_at=ended, ended_at=ended, succeeded=True)
