"""What people had CodeDeploy bring to production without a pipeline."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from findings.checks.context import Context
from findings.dora import Change
from findings.facts.base import Facts, Gap, NotCollected, Place, not_supplied, not_told
from findings.facts.codedeploy import DeploymentGroup, DeploymentHistory, GroupDeployment
from findings.facts.tagging import TaggedResource, tags_of

DETAILS = "codedeploy:BatchGetDeployments"
Groups = Mapping[str, bool | None]
"""Key of a deployment group -> whether it is in production; None where that is not known."""


@dataclass(kw_only=True)
class DirectDeployments:
    """Of one region, as far as they are known; ``gaps`` is what is missing.

    ``is_any``: a group is in production. ``known_from`` is None where the history is not known,
    ``told_since`` where the portal's own history reaches further back than AWS.
    """

    changes: list[Change] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    known_from: datetime | None = None
    told_since: datetime | None = None
    is_any: bool = False


def direct_deployments(
    place: Place, facts: Facts, context: Context, made: Container[str | None]
) -> DirectDeployments:
    """``made`` holds the ids of deployments that pipelines had CodeDeploy make."""
    listing = facts.at(DeploymentGroup, place)
    found = DirectDeployments(gaps=[*listing.gaps])
    groups = {g.key: _known_production(g, place, facts, context, found) for g in listing.known}
    found.is_any = any(groups.values())
    try:
        history = _history(place, facts)
    except NotCollected as missing:
        found.gaps += missing.gaps
        return found
    found.known_from = history.known_from
    found.told_since = history.told_since
    for deployment in history.succeeded:
        if deployment.creator == "user" and deployment.id not in made:
            is_told = not history.is_remembered("succeeded", deployment)
            _take(deployment, groups, context, found, is_told=is_told)
    return found


def _known_production(
    group: DeploymentGroup, place: Place, facts: Facts, context: Context, found: DirectDeployments
) -> bool | None:
    """By its account, else by its own tags."""
    if context.is_production():
        return True
    try:
        return context.is_production(tags_of(facts.at(TaggedResource, place), group.arn))
    except NotCollected as missing:
        found.gaps += missing.gaps
        return None


def _history(place: Place, facts: Facts) -> DeploymentHistory:
    """The history of a region, all of it; raises NotCollected where it is not known."""
    found = facts.at(DeploymentHistory, place).get(place.region)
    if found is None:
        raise NotCollected(not_supplied(DeploymentHistory.kind))
    if found.gaps:
        raise NotCollected(*found.gaps.values())
    return found


def _take(
    deployment: GroupDeployment,
    groups: Groups,
    context: Context,
    found: DirectDeployments,
    *,
    is_told: bool,
) -> None:
    """Leave out what was not to production; note what does not say so.

    A group that is gone tells no longer what it was; its account may. With its application AWS
    deletes a deployment, too: one that only the portal remembers is then left out without a word.
    """
    is_gone = deployment.group_key not in groups
    if is_gone and not context.is_production():
        if is_told:
            found.gaps.append(not_told(DeploymentHistory.kind, DETAILS, "its group is gone"))
        return
    if deployment.ended_at is None:
        found.gaps.append(not_told(DeploymentHistory.kind, DETAILS, "no completeTime"))
        return
    if is_gone or groups[deployment.group_key]:
        ended = deployment.ended_at
        found.changes.append(
            Change(id=deployment.id, began_at=ended, ended_at=ended, succeeded=True)
        )
