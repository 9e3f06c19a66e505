"""All that the evidence of an account tells of what was brought to production."""

from __future__ import annotations

from findings.checks.context import Context
from findings.checks.direct_deployments import direct_deployments
from findings.checks.production_changes import history_of
from findings.delivery_history import Seen, SourceKind
from findings.facts.base import Facts, Gap, NotCollected, Place
from findings.facts.codepipeline import Pipeline, PipelineActivity, PipelineDeployments


def deliveries_seen(facts: Facts, context: Context) -> tuple[list[Seen], list[Gap]]:
    """The pipelines and regions that deploy to production, and what is missing to know them all."""
    seen: list[Seen] = []
    gaps: list[Gap] = []
    made: set[str | None] = set()
    places = [Place(context.account.id, region) for region in facts.regions]
    for place in places:
        listing = facts.at(PipelineDeployments, place)
        gaps += listing.gaps
        for deployments in listing.known:
            try:
                found = _pipeline(deployments, place, facts, context)
            except NotCollected as missing:
                gaps += missing.gaps
                continue
            if found:
                seen.append(found)
                made |= {run.external_id for run in deployments.runs}
    if gaps:
        return seen, gaps  # a deployment of CodeDeploy may be one that an unread pipeline made
    for place in places:
        direct = direct_deployments(place, facts, context, made)
        gaps += direct.gaps
        if direct.known_from and (direct.is_any or direct.changes):
            seen.append(
                Seen(
                    kind=SourceKind.CODEDEPLOY,
                    region=place.region,
                    known_from=direct.known_from,
                    changes=tuple(direct.changes),
                )
            )
    return seen, gaps


def _pipeline(
    deployments: PipelineDeployments, place: Place, facts: Facts, context: Context
) -> Seen | None:
    """None where the pipeline does not deploy to production."""
    pipelines, activities = facts.at(Pipeline, place), facts.at(PipelineActivity, place)
    history = history_of(deployments, pipelines, activities, context)
    if history is None:
        return None
    return Seen(
        kind=SourceKind.PIPELINE,
        region=place.region,
        name=deployments.pipeline,
        known_from=history.known_from,
        changes=tuple(history.attempts),
        rolling_back=history.rolling_back,
    )
