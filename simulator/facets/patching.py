"""Managed nodes, their patches and the baselines that say what they need."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.instances import AMAZON_LINUX
from simulator.facets.state_manager import has_patch_policy
from simulator.places import Place, Record
from simulator.shapes import Undocumented

nodes = Facet("ssm.nodes")
# By its name this stands after every facet that puts nodes or associations.
baselines = Facet("ssm.update_baselines")

PATCHED, OWNED = "ssm_patch_compliant", "ssm_patch_baseline_defined"
PERIOD = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
SYSTEMS: dict[Any, str] = {
    ("Amazon Linux", "2023"): "AMAZON_LINUX_2023",
    ("Ubuntu", "24.04"): "UBUNTU",
    ("Microsoft Windows Server 2022 Datacenter", "10.0.20348"): "WINDOWS",
}


@default_answers("ssm.nodes")
def never_scanned_by_default(place: Place, node: Record) -> None:
    place.expect(PATCHED, "fail", resource=node["InstanceId"])


def put_node(place: Place, name: str, **changed: Any) -> str:
    """A managed node of nobody's instance; its id."""
    node = f"mi-{place.hexadecimal(f'node {name}', 17)}"
    place.put(
        "ssm.nodes",
        {
            "InstanceId": node,
            "PingStatus": "Online",
            "LastPingDateTime": place.moving(minutes=2),
            "ResourceType": "ManagedInstance",
            **AMAZON_LINUX,
            **changed,
        },
    )
    return node


def _patch(place: Place, node: str, status: str, *, scanned: float = 1, **changed: Any) -> None:
    ended = place.ago(days=scanned)
    place.put(
        "ssm.patch_states",
        {
            "InstanceId": node,
            "PatchGroup": "web",
            "BaselineId": "pb-0123456789abcdef0",
            "OperationStartTime": ended - timedelta(minutes=9),
            "OperationEndTime": ended,
            "Operation": "Scan",
            "InstalledCount": 90,
            "MissingCount": 0,
            "FailedCount": 0,
            "InstalledPendingRebootCount": 0,
            "CriticalNonCompliantCount": 0,
            "SecurityNonCompliantCount": 0,
            "OtherNonCompliantCount": 3,
            **changed,
        },
    )
    end = ended + PERIOD + MOMENT
    if status == "fail" or end <= place.ago():
        place.expect(PATCHED, "fail", resource=node)
    else:
        place.expect(PATCHED, status, resource=node, until=end, then="fail")


@nodes.variant("patched", characters={"exemplary": 3, "ordinary": 2, "locked_down": 1})
def patched(place: Place) -> None:
    _patch(place, put_node(place, "till"), "pass")
    windows = {"PlatformType": "Windows", "PlatformVersion": "10.0.20348"}
    name = "Microsoft Windows Server 2022 Datacenter"
    _patch(place, put_node(place, "desk", PlatformName=name, **windows), "pass", scanned=3)


@nodes.variant("at_the_limit", characters={"exemplary": 1, "ordinary": 1})
def at_the_limit(place: Place) -> None:
    _patch(place, put_node(place, "till"), "pass", scanned=7)
    _patch(place, put_node(place, "old"), "fail", scanned=7 + 1 / 86400)


@nodes.variant("behind", characters={"neglected": 2, "ordinary": 1})
def behind(place: Place) -> None:
    """Each lacks something else; the last of them was never scanned."""
    for count in (
        "CriticalNonCompliantCount",
        "SecurityNonCompliantCount",
        "FailedCount",
        "InstalledPendingRebootCount",
    ):
        _patch(place, put_node(place, count), "fail", **{count: 1})
    put_node(place, "new")


@nodes.variant("ubuntu", characters={"ordinary": 1, "neglected": 1})
def ubuntu(place: Place) -> None:
    _patch(place, put_node(place, "edge", PlatformName="Ubuntu", PlatformVersion="24.04"), "pass")


@nodes.variant("untold", characters=RARELY)
def untold(place: Place) -> None:
    """Counts and platform that AWS leaves out."""
    node = put_node(place, "edge", PlatformName=None, PlatformVersion=None)
    _patch(place, node, "unknown", CriticalNonCompliantCount=None)


@nodes.variant("none", characters={"new": 4, "locked_down": 3, "neglected": 2, "ordinary": 2})
def no_nodes(place: Place) -> None:
    """What other facets put has answers of its own."""


# baselines
def _put_baseline(place: Place, system: str, *groups: str, is_default: bool = True) -> None:
    identity = {
        "BaselineId": f"pb-{place.hexadecimal(f'baseline {system}', 17)}",
        "BaselineName": f"own-{system.lower()}",
        "OperatingSystem": system,
        "DefaultBaseline": is_default,
    }
    place.put("ssm.patch_baselines", identity)
    for group in groups:
        place.put("ssm.patch_groups", {"PatchGroup": group, "BaselineIdentity": identity})


def _expect(place: Place, *covered: str) -> None:
    found = {
        SYSTEMS.get((node.get("PlatformName"), node.get("PlatformVersion")))
        for node in place.all("ssm.nodes")
    }
    if not found:
        place.expect(OWNED, "not_applicable")
    elif has_patch_policy(place) or found <= set(covered):
        place.expect(OWNED, "pass")
    else:
        place.expect(OWNED, "unknown" if None in found else "fail")


@baselines.variant("own", characters={"exemplary": 3, "ordinary": 2, "locked_down": 1})
def own(place: Place) -> None:
    """One is the default, the other is for a group of nodes."""
    _put_baseline(place, "AMAZON_LINUX_2023")
    _put_baseline(place, "WINDOWS", "office", "till", is_default=False)
    _expect(place, "AMAZON_LINUX_2023", "WINDOWS")


@baselines.variant("of_aws", characters={"ordinary": 2, "neglected": 3, "new": 2})
def of_aws(place: Place) -> None:
    _expect(place)


@baselines.variant("unused", characters={"neglected": 1, "ordinary": 1})
def unused(place: Place) -> None:
    """Neither a default nor any group's; the group in the list is another baseline's."""
    _put_baseline(place, "AMAZON_LINUX_2023", is_default=False)
    _put_baseline(place, "DEBIAN", "edge")
    _expect(place, "DEBIAN")


@baselines.variant("untold_system", characters=RARELY)
def untold_system(place: Place) -> None:
    """A system that AWS may add."""
    _put_baseline(place, Undocumented("PLAN_9"))
    _expect(place)
