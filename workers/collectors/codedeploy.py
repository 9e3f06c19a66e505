"""Collector of CodeDeploy deployment groups, of servers, Lambda and ECS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from findings.facts.base import Gap, GapReason
from findings.facts.codedeploy import Deployment, DeploymentGroup
from workers.collectors.base import Collector, Response, Session, in_batches, pick, unread

BATCH = 100
_DETAILS = "codedeploy:BatchGetDeploymentGroups"
_NOT_DESCRIBED = Gap(kind=DeploymentGroup.kind, reason=GapReason.FAILED, operation=_DETAILS)


@Collector(
    fact=DeploymentGroup,
    operations=("codedeploy:ListApplications", "codedeploy:ListDeploymentGroups", _DETAILS),
)
def deployment_groups(session: Session) -> Iterator[DeploymentGroup]:
    client = session.client("codedeploy")
    for application in session.items("codedeploy", "list_applications", "applications"):
        try:
            listed = session.items(
                "codedeploy",
                "list_deployment_groups",
                "deploymentGroups",
                applicationName=application,
            )
            for names in in_batches(listed, BATCH):
                answer = client.batch_get_deployment_groups(
                    applicationName=application, deploymentGroupNames=names
                )
                yield from parse_deployment_groups(application, names, answer)
        except client.exceptions.ApplicationDoesNotExistException:
            continue  # it was deleted after it was listed


def parse_deployment_groups(
    application: str, names: Iterable[str], answer: Response
) -> Iterator[DeploymentGroup]:
    """The groups of a batch; the one error message of a batch is about those it leaves out."""
    described = {raw["deploymentGroupName"]: raw for raw in answer.get("deploymentGroupsInfo", ())}
    for name in names:
        if name in described:
            yield parse_deployment_group(application, described[name])
        elif answer.get("errorMessage"):
            yield unread(DeploymentGroup, _NOT_DESCRIBED, application=application, name=name)


def parse_deployment_group(application: str, raw: Response) -> DeploymentGroup:
    """What a group does not say is off; polls of alarms that fail stop it unless told to go on."""
    alarms = pick(raw, "alarmConfiguration", "alarms", default=())
    return DeploymentGroup(
        application=application,
        name=raw["deploymentGroupName"],
        platform=raw.get("computePlatform"),
        config_name=raw.get("deploymentConfigName"),
        deployment_type=pick(raw, "deploymentStyle", "deploymentType"),
        is_rollback_enabled=pick(raw, "autoRollbackConfiguration", "enabled", default=False),
        rollback_events=tuple(sorted(pick(raw, "autoRollbackConfiguration", "events", default=()))),
        are_alarms_enabled=pick(raw, "alarmConfiguration", "enabled", default=False),
        ignores_alarm_poll_failure=pick(
            raw, "alarmConfiguration", "ignorePollAlarmFailure", default=False
        ),
        alarms=tuple(sorted(alarm["name"] for alarm in alarms if alarm.get("name"))),
        last_attempted=_deployment(raw.get("lastAttemptedDeployment")),
        last_successful=_deployment(raw.get("lastSuccessfulDeployment")),
    )


def _deployment(raw: Response | None) -> Deployment | None:
    if not raw:
        return None
    return Deployment(
        id=raw.get("deploymentId"),
        status=raw.get("status"),
        created_at=raw.get("createTime"),
        ended_at=raw.get("endTime"),
    )
