"""Whether the functions, tables, queues and services of production have alarms.

Built after all that put such resources, and before alarms are counted. Every place is judged by
what stands there then.
"""

import math
from collections.abc import Iterator

from simulator.facets.alarms import put_alarm
from simulator.facets.base import Facet
from simulator.facets.production import is_production
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.operations.resourcegroupstaggingapi import tagged
from simulator.places import Place

coverage = Facet("watching.coverage")

CHECK = "cloudwatch_alarm_coverage_critical_resources"
SHARE = 80
BALANCERS = ("app", "net", "gwy")
QUERY = 'SELECT MAX(Errors) FROM SCHEMA("AWS/Lambda", FunctionName)'


def _dimensions(arn: str) -> dict[str, str] | None:
    """How metrics name a critical resource; None for all others."""
    _, _, service, _, _, resource = arn.split(":", 5)
    kind, _, name = resource.replace(":", "/", 1).partition("/")
    if service == "sqs":
        return {"QueueName": resource}
    if service == "elasticloadbalancing" and kind == "loadbalancer":
        is_classic = name.split("/")[0] not in BALANCERS
        return {"LoadBalancerName" if is_classic else "LoadBalancer": name}
    if service == "ecs" and kind == "service":
        cluster, _, own = name.rpartition("/")
        return {"ServiceName": own, **({"ClusterName": cluster} if cluster else {})}
    return {
        ("lambda", "function"): {"FunctionName": name},
        ("rds", "db"): {"DBInstanceIdentifier": name},
        ("dynamodb", "table"): {"TableName": name},
        ("states", "stateMachine"): {"StateMachineArn": arn},
    }.get((service, kind))


def _critical(place: Place) -> Iterator[str]:
    """Of production, by the account or by their own tags; a function also without tags."""
    tags = tagged(place.records)
    functions = {f["FunctionArn"]: f for f in place.all("lambda.functions")}
    for arn in sorted({*tags, *functions}):
        by_tag = tags.get(arn, {}).get("Environment", "").lower() in ("prod", "production")
        is_replica = "MasterArn" in functions.get(arn, {})
        if _dimensions(arn) and not is_replica and (by_tag or is_production(place.account)):
            yield arn


def _has_alarm(place: Place, arn: str) -> bool:
    wanted = (_dimensions(arn) or {}).items()
    for alarm in place.all(ALARMS):
        given = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or ()}
        if wanted <= given.items() or (":function:" in arn and alarm.get("_watches_functions")):
            return True
    return False


def _expect(place: Place) -> None:
    critical = list(_critical(place))
    covered = [arn for arn in critical if _has_alarm(place, arn)]
    holds = 100 * len(covered) >= SHARE * len(critical)
    status = "pass" if holds else "fail"
    place.expect(CHECK, status if critical else "not_applicable")


def _watch(place: Place, count: int | None = None) -> None:
    """An alarm on each critical resource that has none, until so many have one."""
    critical = list(_critical(place))
    without = [arn for arn in critical if not _has_alarm(place, arn)]
    wanted = len(without) if count is None else count - len(critical) + len(without)
    for number, arn in enumerate(without[: max(wanted, 0)]):
        given = (_dimensions(arn) or {}).items()
        dimensions = [{"Name": name, "Value": value} for name, value in given]
        put_alarm(place, f"watched-{number}", Dimensions=dimensions)


def _put_tagged(place: Place, service: str, resource: str) -> None:
    tags = {"Environment": "Prod"}
    place.put("tagging.others", {"_arn": place.arn(service, resource), "_tags": tags})


@coverage.variant("unwatched", characters={"neglected": 6, "new": 6, "ordinary": 3})
def unwatched(place: Place) -> None:
    """Nobody made alarms for the resources that others have put."""
    _expect(place)


@coverage.variant("watched", characters={"exemplary": 6, "ordinary": 3, "locked_down": 4})
def watched(place: Place) -> None:
    _watch(place)
    _expect(place)


@coverage.variant("of_all_types", characters={"exemplary": 1, "ordinary": 1})
def of_all_types(place: Place) -> None:
    """One resource of each type, and a bucket that is not critical."""
    _put_tagged(place, "dynamodb", "table/orders")
    _put_tagged(place, "sqs", "jobs")
    _put_tagged(place, "rds", "db:shop")
    _put_tagged(place, "states", "stateMachine:invoices")
    _put_tagged(place, "ecs", "service/shop/invoices")
    _put_tagged(place, "elasticloadbalancing", "loadbalancer/app/shop/0a1b2c3d4e5f6a7b")
    _put_tagged(place, "elasticloadbalancing", "loadbalancer/old-shop")
    _put_tagged(place, "s3", "shop")
    _watch(place)
    _expect(place)


def _put_queues(place: Place) -> None:
    """Queues, until the number of critical resources is a multiple of five."""
    present = len(list(_critical(place)))
    for number in range(5 * math.ceil((present + 1) / 5) - present):
        _put_tagged(place, "sqs", f"jobs-{number}")


@coverage.variant("at_the_limit", characters={"ordinary": 1, "exemplary": 1})
def at_the_limit(place: Place) -> None:
    """Four of five resources are watched."""
    _put_queues(place)
    _watch(place, len(list(_critical(place))) * SHARE // 100)
    _expect(place)


@coverage.variant("below_the_limit", characters={"ordinary": 1, "neglected": 1})
def below_the_limit(place: Place) -> None:
    """One less."""
    _put_queues(place)
    _watch(place, len(list(_critical(place))) * SHARE // 100 - 1)
    _expect(place)


@coverage.variant("by_query", characters={"exemplary": 1, "locked_down": 1})
def by_query(place: Place) -> None:
    """One alarm for all functions, which names none of them."""
    put_alarm(
        place,
        "functions",
        MetricName=None,
        Namespace=None,
        Statistic=None,
        Dimensions=None,
        Period=None,
        Metrics=[{"Id": "errors", "Expression": QUERY, "Period": 300}],
        _watches_functions=True,
    )
    _expect(place)
