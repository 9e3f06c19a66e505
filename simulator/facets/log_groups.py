"""Log groups: for how long they keep their events."""

from collections.abc import Iterator
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.stack_records import is_unused
from simulator.operations.cloudtrail import TRAILS
from simulator.operations.logs import FILTERS, GROUPS
from simulator.places import Place

groups = Facet("logs.groups")
named = Facet("logs.named_groups")  # after the groups, and after what an account puts

CHECK = "cloudwatch_log_group_retention_set"
ENCRYPTED = "cloudwatch_log_group_encrypted"
SENSITIVE = ("/aws/cloudtrail", "aws-cloudtrail-logs", "/prod/", "/production/", "prod-")


def _group(place: Place, status: str, name: str, **changed: Any) -> None:
    """A group of the standard class; without `retentionInDays` it keeps its events for ever.

    In a region that is not used nothing is put.
    """
    if not is_unused(place):
        _put(place, status, name, **changed)


def _put(place: Place, status: str, name: str, **changed: Any) -> None:
    place.put(
        GROUPS,
        {
            "logGroupName": name,
            "creationTime": int(place.ago(days=150).timestamp() * 1000),
            "arn": place.arn("logs", f"log-group:{name}:*"),
            "logGroupArn": place.arn("logs", f"log-group:{name}"),
            "logGroupClass": "STANDARD",
            "storedBytes": lambda: int(place.clock().timestamp()),
            **changed,
        },
    )
    place.expect(CHECK, status, resource=name)
    verdict = "pass" if changed.get("kmsKeyId") else "fail"
    is_sensitive = name.startswith(SENSITIVE)
    place.expect(ENCRYPTED, verdict if is_sensitive else "not_applicable", resource=name)


@groups.variant("bounded", characters={"exemplary": 4, "ordinary": 3, "locked_down": 3, "new": 1})
def bounded(place: Place) -> None:
    _group(place, "pass", "/app/orders", retentionInDays=30)
    key = place.arn("kms", f"key/{place.uuid('logs')}")
    _group(place, "pass", "/aws/cloudtrail/trail", retentionInDays=3653, kmsKeyId=key)
    _group(place, "pass", "/prod/orders", retentionInDays=90, kmsKeyId=key)
    _group(place, "pass", "/aws/lambda/orders", retentionInDays=400)


@groups.variant("for_ever", characters={"neglected": 4, "ordinary": 2, "new": 2})
def for_ever(place: Place) -> None:
    _group(place, "fail", "/app/orders")
    _group(place, "fail", "/aws/lambda/orders")
    _group(place, "fail", "prod-orders")


@groups.variant("at_the_limits", characters={"ordinary": 1, "exemplary": 1})
def at_the_limits(place: Place) -> None:
    """AWS takes 365, 400 and 545 days: the limits and what comes next."""
    _group(place, "pass", "/app/orders", retentionInDays=400)
    _group(place, "fail", "/app/payments", retentionInDays=545)
    _group(place, "pass", "aws-cloudtrail-logs-1", retentionInDays=365)
    _group(place, "fail", "aws-cloudtrail-logs-2", retentionInDays=180)
    _group(place, "fail", "/aws/cloudtrail/for-ever")


@groups.variant("of_other_classes", characters={"ordinary": 1, "locked_down": 1})
def of_other_classes(place: Place) -> None:
    """A group from before there were classes has none; DELIVERY decides by itself."""
    _group(place, "fail", "/app/orders", logGroupClass="INFREQUENT_ACCESS")
    _group(place, "pass", "/app/old", logGroupClass=None, retentionInDays=90)
    _group(place, "not_applicable", "/app/delivered", logGroupClass="DELIVERY", retentionInDays=2)
    _group(place, "fail", "/app/essential", logGroupClass="ESSENTIALS")


@groups.variant("by_policy", characters=RARELY)
def by_policy(place: Place) -> None:
    _group(place, "not_applicable", "/app/orders", retentionPolicyName="one-year")


@groups.variant("none", characters={"new": 2})
def none(place: Place) -> None:
    """Nothing writes logs."""


# groups that filters and trails name: AWS takes neither without its group
def _missing(place: Place) -> Iterator[str]:
    wanted = {str(found["logGroupName"]) for found in place.all(FILTERS)}
    for trail in place.all(TRAILS):
        if arn := trail.get("CloudWatchLogsLogGroupArn"):
            wanted.add(arn.split(":")[6])
    yield from sorted(wanted - {group["logGroupName"] for group in place.all(GROUPS)})


@named.variant("as_made", characters={"neglected": 3, "ordinary": 2, "new": 2})
def as_made(place: Place) -> None:
    """Nobody looked at them since."""
    for name in _missing(place):
        _put(place, "fail", name)


@named.variant("kept", characters={"exemplary": 3, "ordinary": 2, "locked_down": 3, "new": 1})
def kept(place: Place) -> None:
    key = place.arn("kms", f"key/{place.uuid('logs')}")
    for name in _missing(place):
        _put(place, "pass", name, retentionInDays=365, kmsKeyId=key)
