"""Instances of a region and how many of them Systems Manager reaches.

This facet comes before that of the runbooks by its name: those expect nodes to be there already.
"""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.places import Place

instances = Facet("ec2.instances")

COVERED = "ssm_managed_instance_coverage"
AMAZON_LINUX = {"PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023"}
"""What most nodes tell of themselves."""


def _id(place: Place, number: int) -> str:
    return f"i-{place.hexadecimal(f'instance {number}', 17)}"


def _put_instance(place: Place, number: int, state: str | None = "running", **tags: str) -> None:
    place.put(
        "ec2.instances",
        {
            "InstanceId": _id(place, number),
            "InstanceType": "t3.micro",
            "LaunchTime": place.ago(days=60),
            "State": {"Name": state} if state else None,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()] or None,
        },
    )


def _put_node(place: Place, number: int, ping: str | None = "Online") -> None:
    place.put(
        "ssm.nodes",
        {
            "InstanceId": _id(place, number),
            "PingStatus": ping,
            "LastPingDateTime": place.moving(minutes=2),
            "ResourceType": "EC2Instance",
            **AMAZON_LINUX,
        },
    )


def _put_managed(place: Place, count: int, **node: Any) -> None:
    for number in range(count):
        _put_instance(place, number, Name=f"web-{number}")
        _put_node(place, number, **node)


@instances.variant(
    "none", characters={"ordinary": 5, "new": 6, "locked_down": 3, "exemplary": 3, "neglected": 4}
)
def none(place: Place) -> None:
    place.expect(COVERED, "not_applicable")


@instances.variant("managed", characters={"exemplary": 2, "ordinary": 1, "locked_down": 1})
def managed(place: Place) -> None:
    _put_managed(place, 2)
    place.expect(COVERED, "pass")


@instances.variant("enough", characters={"ordinary": 1})
def enough(place: Place) -> None:
    """Nineteen of twenty."""
    _put_managed(place, 19)
    _put_instance(place, 20)
    place.expect(COVERED, "pass")


@instances.variant("one_too_few", characters={"neglected": 1})
def one_too_few(place: Place) -> None:
    """Eighteen of nineteen."""
    _put_managed(place, 18)
    _put_instance(place, 20)
    place.expect(COVERED, "fail")


@instances.variant("lost", characters={"neglected": 2, "ordinary": 1})
def lost(place: Place) -> None:
    _put_managed(place, 1, ping="ConnectionLost")
    place.expect(COVERED, "fail")


@instances.variant("not_running", characters={"new": 1, "ordinary": 1})
def not_running(place: Place) -> None:
    """And one of a cluster, which manages its own."""
    _put_instance(place, 1, "stopped")
    _put_instance(place, 2, "terminated")
    _put_instance(place, 3, "running", **{"aws:eks:cluster-name": "shop"})
    place.expect(COVERED, "not_applicable")


@instances.variant("state_not_told", characters=RARELY)
def state_not_told(place: Place) -> None:
    _put_managed(place, 1)
    _put_instance(place, 2, None)
    place.expect(COVERED, "unknown")


@instances.variant("ping_not_told", characters=RARELY)
def ping_not_told(place: Place) -> None:
    _put_managed(place, 1, ping=None)
    place.expect(COVERED, "unknown")
