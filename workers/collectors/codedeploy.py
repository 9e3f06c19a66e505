"""Collector of CodeDeploy deployment groups, of servers, Lambda and ECS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.codedeploy import Deployment, DeploymentGroup, MinimumHealthy
from workers.collectors.base import Collector, Response, Session, in_batches, pick, unread

BATCH = 100
_DETAILS = "codedeploy:BatchGetDeploymentGroups"
_CONFIGURATION = "codedeploy:GetDeploymentConfig"
_NOT_DESCRIBED = Gap(kind=DeploymentGroup.kind, reason=GapReason.FAILED, operation=_DETAILS)


Configurations = Mapping[str, Response | Gap]


@Collector(
    fact=DeploymentGroup,
    operations=(
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        _DETAILS,
        _CONFIGURATION,
    ),
)
def deployment_groups(session: Session) -> Iterator[DeploymentGroup]:
    client = session.client("codedeploy")
    place = f"arn:{session.partition}:codedeploy:{session.region}:{session.account}"
    known: dict[str, Response | Gap] = {}
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
                _read_configurations(session, answer, known)
                arn = f"{place}:deploymentgroup:{application}"
                yield from parse_deployment_groups(application, arn, names, answer, known)
        except client.exceptions.ApplicationDoesNotExistException:
            continue  # it was deleted after it was listed


def _read_configurations(
    session: Session, answer: Response, known: dict[str, Response | Gap]
) -> None:
    """The deployment configurations that groups use; each is read once, however many share it."""
    client = session.client("codedeploy")
    for raw in answer.get("deploymentGroupsInfo") or ():
        name = raw.get("deploymentConfigName")
        if name and name not in known:
            try:
                read = session.detail(client.get_deployment_config, deploymentConfigName=name)
            except client.exceptions.DeploymentConfigDoesNotExistException:
                read = {}
            known[name] = read


def parse_deployment_groups(
    application: str,
    arn: str,
    names: Iterable[str],
    answer: Response,
    configurations: Configurations,
) -> Iterator[DeploymentGroup]:
    """The groups of a batch; the one error message of a batch is about those it leaves out."""
    groups = answer.get("deploymentGroupsInfo") or ()
    described = {raw["deploymentGroupName"]: raw for raw in groups}
    for name in names:
        own = f"{arn}/{name}"
        if name in described:
            yield parse_deployment_group(application, own, described[name], configurations)
        elif answer.get("errorMessage"):
            given = {"application": application, "name": name, "arn": own}
            yield unread(DeploymentGroup, _NOT_DESCRIBED, **given)


def parse_deployment_group(
    application: str, arn: str, raw: Response, configurations: Configurations
) -> DeploymentGroup:
    """What a group does not say is off; polls of alarms that fail stop it unless told to go on."""
    alarms = pick(raw, "alarmConfiguration", "alarms", default=())
    configuration = configurations.get(raw.get("deploymentConfigName", ""), {})
    return DeploymentGroup(
        application=application,
        name=raw["deploymentGroupName"],
        arn=arn,
        platform=raw.get("computePlatform"),
        config_name=raw.get("deploymentConfigName"),
        traffic_routing=pick(configuration, "deploymentConfigInfo", "trafficRoutingConfig", "type"),
        minimum_healthy=_minimum_healthy(configuration),
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


def _minimum_healthy(configuration: Response | Gap) -> Any:
    raw = pick(configuration, "deploymentConfigInfo", "minimumHealthyHosts")
    if raw is None or isinstance(raw, Gap):
        return raw
    return MinimumHealthy(type=raw.get("type"), value=raw.get("value"))


def _deployment(raw: Response | None) -> Deployment | None:
    if not raw:
        return None
    return Deployment(
        id=raw.get("deploymentId"),
        status=raw.get("status"),
        created_at=raw.get("createTime"),
        ended_at=raw.get("endTime"),
    )
