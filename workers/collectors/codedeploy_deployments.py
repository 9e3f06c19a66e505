"""Collector of the deployments of CodeDeploy that succeeded lately."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from findings.facts.base import Gap, GapReason
from findings.facts.codedeploy import DeploymentHistory, GroupDeployment
from workers.collectors.base import Collector, Response, Session, in_batches, unread

HISTORY = timedelta(days=90)
BATCH, MOST = 25, 1000
_LISTING = "codedeploy:ListDeployments"


@Collector(
    fact=DeploymentHistory,
    operations=("codedeploy:ListApplications", _LISTING, "codedeploy:BatchGetDeployments"),
)
def deployment_history(session: Session) -> Iterator[DeploymentHistory]:
    """They come in no order that is told, so of too many none can be left out: that is a gap."""
    client = session.client("codedeploy")
    since = session.now - HISTORY
    ids = list(islice(_succeeded(session, since), MOST + 1))
    if len(ids) > MOST:
        capped = Gap(kind=DeploymentHistory.kind, reason=GapReason.CAPPED, operation=_LISTING)
        yield unread(DeploymentHistory, capped, region=session.region)
        return
    described = [
        raw
        for batch in in_batches(ids, BATCH)
        for raw in client.batch_get_deployments(deploymentIds=batch).get("deploymentsInfo") or ()
    ]
    yield parse_deployment_history(session.region, described, since)


def _succeeded(session: Session, since: datetime) -> Iterator[str]:
    """Their ids. A deployment is deleted with its application; without any there is none.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/applications-delete.html
    """
    if not any(session.items("codedeploy", "list_applications", "applications")):
        return
    yield from session.items(
        "codedeploy",
        "list_deployments",
        "deployments",
        includeOnlyStatuses=["Succeeded"],
        createTimeRange={"start": since},
    )


def parse_deployment_history(
    region: str, deployments: Iterable[Response], since: datetime
) -> DeploymentHistory:
    found = (
        GroupDeployment(
            id=raw.get("deploymentId", ""),
            application=raw.get("applicationName"),
            group=raw.get("deploymentGroupName"),
            creator=raw.get("creator"),
            ended_at=raw.get("completeTime") or raw.get("createTime"),
        )
        for raw in deployments
    )
    ordered = sorted(found, key=lambda deployment: deployment.id)
    return DeploymentHistory(region=region, known_from=since, succeeded=tuple(ordered))
