"""E3: how often changes get to production, by pipelines and by CodeDeploy alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.direct_deployments import direct_deployments
from findings.checks.outcomes import Outcome, not_applicable, outcome, unknown
from findings.checks.parameters import PRODUCTION, Count, Days
from findings.checks.production_changes import FORGOTTEN, history_of, kept_since, provenance
from findings.checks.production_steps import PRODUCTION_STAGE
from findings.dora import Change, Window, deployment_frequency, frequency_level
from findings.facts.base import Facts, Gap, GapReason, NotCollected, Place, Scope
from findings.facts.codedeploy import DeploymentGroup, DeploymentHistory
from findings.facts.codepipeline import Pipeline, PipelineActivity, PipelineDeployments
from findings.facts.tagging import TaggedResource

T = TypeVar("T")
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
    told = (
        f"{frequency_level(per_week)}: {figure.n} deployments in {context.window_days:g} days"
        f"{provenance(found.kept)}"
    )
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
    deploys to production; ``kept`` since when the portal's own history tells more than AWS.
    """

    changes: list[Change] = field(default_factory=list)
    made: set[str | None] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)
    kept: list[datetime | None] = field(default_factory=list)
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
        found.kept.append(history.kept_since)
        if history.is_short:
            found.gaps.append(FORGOTTEN)


def _take_groups(place: Place, facts: Facts, context: Context, found: _Found) -> None:
    """Deployments that people made without a pipeline, to groups in production."""
    direct = direct_deployments(place, facts, context, found.made)
    found.gaps += direct.gaps
    found.is_any |= direct.is_any
    found.changes += direct.changes
    if direct.known_from is None or not direct.is_any:
        return
    told_since = direct.told_since or direct.known_from
    found.kept.append(kept_since(direct.known_from, told_since, context))
    if not context.is_due_within(direct.known_from, days=-context.window_days):
        found.gaps.append(FORGOTTEN_BY_CODEDEPLOY)
