"""Amazon ECS: clusters, services and revisions of task definitions of a region.

A cluster counts the active services that stand in it; of tasks it says what its record says.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

CLUSTERS, SERVICES, DEFINITIONS = "ecs.clusters", "ecs.services", "ecs.task_definitions"
MOST_SERVICES_AT_ONCE = 10
Record = dict[str, Any]


@operation("ecs", "ListClusters")
def list_clusters(call: Call) -> dict[str, Any]:
    arns = [cluster["clusterArn"] for cluster in call.place.all(CLUSTERS)]
    return _page(call, arns, "clusterArns", size=2)


@operation("ecs", "DescribeClusters")
def describe_clusters(call: Call) -> dict[str, Any]:
    """By ARN; settings are told to those who ask for them."""
    is_asked = "SETTINGS" in (call.parameters.get("include") or ())
    found = (
        call.place.find(CLUSTERS, clusterArn=arn) for arn in call.parameters.get("clusters", ())
    )
    clusters = [
        {
            **cluster,
            "activeServicesCount": sum(
                service["status"] == "ACTIVE" for service in _services(call, cluster)
            ),
            "settings": cluster["settings"] if is_asked else None,
        }
        for cluster in found
        if cluster is not None
    ]
    return {"clusters": clusters, "failures": []}


def _services(call: Call, cluster: Record) -> list[Record]:
    arn = cluster["clusterArn"]
    return [one for one in call.place.all(SERVICES) if one["clusterArn"] == arn]


def _cluster(call: Call) -> Record:
    found = call.place.find(CLUSTERS, clusterArn=call.parameters.get("cluster"))
    if found is None:
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return found


@operation("ecs", "ListServices")
def list_services(call: Call) -> dict[str, Any]:
    arns = [service["serviceArn"] for service in _services(call, _cluster(call))]
    return _page(call, arns, "serviceArns", size=2)


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> dict[str, Any]:
    asked = call.parameters["services"]
    if len(asked) > MOST_SERVICES_AT_ONCE:
        raise AwsError("InvalidParameterException", "Services cannot have more than 10 elements.")
    found = [one for one in _services(call, _cluster(call)) if one["serviceArn"] in asked]
    return {"services": found, "failures": []}


@operation("ecs", "ListTaskDefinitionFamilies")
def list_task_definition_families(call: Call) -> dict[str, Any]:
    status = call.parameters.get("status", "ALL")
    found = call.place.all(DEFINITIONS)
    active = {one["family"] for one in found if one["status"] == "ACTIVE"}
    families = {one["family"] for one in found}
    wanted = {"ACTIVE": active, "INACTIVE": families - active}.get(status, families)
    return _page(call, sorted(wanted), "families", size=2)


@operation("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call) -> dict[str, Any]:
    """By its ARN, or the newest active revision of a family."""
    wanted = call.parameters["taskDefinition"]
    revisions = [
        one
        for one in call.place.all(DEFINITIONS)
        if one["taskDefinitionArn"] == wanted
        or (one["family"] == wanted and one["status"] == "ACTIVE")
    ]
    if not revisions:
        raise AwsError("ClientException", "Unable to describe task definition.")
    return {"taskDefinition": max(revisions, key=lambda one: int(one["revision"]))}


def _page(call: Call, found: list[str], key: str, *, size: int) -> dict[str, Any]:
    return call.page(
        found,
        key,
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=size,
        limit_in="maxResults",
        bad_token="InvalidParameterException",  # noqa: S106 - the name of an error
    )
