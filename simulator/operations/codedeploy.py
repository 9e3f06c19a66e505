"""AWS CodeDeploy: applications and their deployment groups.

Records of `codedeploy.applications` are `{"name": …}`. A group with `_error` is listed, but the
batch call leaves it out and says why. Records of `codedeploy.deployments` are answers of
BatchGetDeployments. Configurations are AWS's own and `codedeploy.configurations`.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.shapes import Undocumented

MOST_AT_ONCE, MOST_DEPLOYMENTS = 100, 25
_TOKENS = {
    "token_in": "nextToken",
    "token_out": "nextToken",
    "bad_token": "InvalidNextTokenException",
}


@operation("codedeploy", "ListApplications")
def list_applications(call: Call) -> dict[str, Any]:
    names = [application["name"] for application in call.place.all("codedeploy.applications")]
    return call.page(names, "applications", size=2, **_TOKENS)


@operation("codedeploy", "ListDeploymentGroups")
def list_deployment_groups(call: Call) -> dict[str, Any]:
    name = call.parameters["applicationName"]
    groups = [group["deploymentGroupName"] for group in _groups(call, name)]
    return {"applicationName": name, **call.page(groups, "deploymentGroups", size=2, **_TOKENS)}


def _groups(call: Call, application: str) -> list[dict[str, Any]]:
    if call.place.find("codedeploy.applications", name=application) is None:
        raise AwsError("ApplicationDoesNotExistException", f"No application {application}")
    groups = call.place.all("codedeploy.groups")
    return [group for group in groups if group["applicationName"] == application]


@operation("codedeploy", "BatchGetDeploymentGroups")
def batch_get_deployment_groups(call: Call) -> dict[str, Any]:
    names = call.parameters["deploymentGroupNames"]
    if len(names) > MOST_AT_ONCE:
        raise AwsError("BatchLimitExceededException", "At most 100 names are allowed.")
    wanted = [
        group
        for group in _groups(call, call.parameters["applicationName"])
        if group["deploymentGroupName"] in names
    ]
    errors = [group["_error"] for group in wanted if "_error" in group]
    return {
        "deploymentGroupsInfo": [group for group in wanted if "_error" not in group],
        "errorMessage": "; ".join(errors) or None,
    }


def _servers(kind: str, value: int) -> dict[str, Any]:
    healthy = {"type": kind, "value": value}
    return {"computePlatform": "Server", "minimumHealthyHosts": healthy}


def _traffic(platform: str, kind: str) -> dict[str, Any]:
    return {"computePlatform": platform, "trafficRoutingConfig": {"type": kind}}


_PREDEFINED = {
    "CodeDeployDefault.OneAtATime": _servers(Undocumented("MOST_CONCURRENCY"), 1),
    "CodeDeployDefault.HalfAtATime": _servers("FLEET_PERCENT", 50),
    "CodeDeployDefault.AllAtOnce": _servers("FLEET_PERCENT", 0),
    "CodeDeployDefault.LambdaAllAtOnce": _traffic("Lambda", "AllAtOnce"),
    "CodeDeployDefault.LambdaCanary10Percent5Minutes": _traffic("Lambda", "TimeBasedCanary"),
    "CodeDeployDefault.ECSAllAtOnce": _traffic("ECS", "AllAtOnce"),
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": _traffic("ECS", "TimeBasedLinear"),
}


@operation("codedeploy", "GetDeploymentConfig")
def get_deployment_config(call: Call) -> dict[str, Any]:
    name = call.parameters["deploymentConfigName"]
    own = call.place.find("codedeploy.configurations", deploymentConfigName=name)
    found = own or _PREDEFINED.get(name)
    if found is None:
        raise AwsError("DeploymentConfigDoesNotExistException", f"No configuration {name}")
    return {"deploymentConfigInfo": {"deploymentConfigName": name, **found}}


@operation("codedeploy", "ListDeployments")
def list_deployments(call: Call) -> dict[str, Any]:
    statuses = call.parameters.get("includeOnlyStatuses")
    start = call.parameters.get("createTimeRange", {}).get("start")
    ids = [
        deployment["deploymentId"]
        for deployment in call.place.all("codedeploy.deployments")
        if (not statuses or deployment["status"] in statuses)
        and (start is None or deployment["createTime"] >= start)
    ]
    return call.page(ids, "deployments", size=10, **_TOKENS)


@operation("codedeploy", "BatchGetDeployments")
def batch_get_deployments(call: Call) -> dict[str, Any]:
    wanted = call.parameters["deploymentIds"]
    if len(wanted) > MOST_DEPLOYMENTS:
        raise AwsError("BatchLimitExceededException", "At most 25 ids are allowed.")
    known = call.place.all("codedeploy.deployments")
    return {"deploymentsInfo": [found for found in known if found["deploymentId"] in wanted]}
