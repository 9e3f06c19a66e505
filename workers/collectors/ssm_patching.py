"""Collectors of State Manager and Patch Manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.ssm_patching import (
    Association,
    AssociationCompliance,
    NodePlatform,
    PatchBaseline,
    PatchState,
)
from workers.collectors.base import (
    Collector,
    Response,
    Session,
    in_batches,
    is_without,
    pick,
    told,
)
from workers.collectors.paging import Items, detail_items

BATCH = 50
OF_ASSOCIATIONS = [{"Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL"}]
OWN = [{"Key": "OWNER", "Values": ["Self"]}]

SYSTEMS = {
    "amazon linux ami": "AMAZON_LINUX",
    "windows": "WINDOWS",
    "microsoft windows": "WINDOWS",
    "ubuntu": "UBUNTU",
    "red hat": "REDHAT_ENTERPRISE_LINUX",
    "sles": "SUSE",
    "suse": "SUSE",
    "centos": "CENTOS",
    "oracle": "ORACLE_LINUX",
    "debian": "DEBIAN",
    "macos": "MACOS",
    "mac os": "MACOS",
    "raspbian": "RASPBIAN",
    "rocky": "ROCKY_LINUX",
    "alma": "ALMA_LINUX",
}
"""What names of platforms begin with, and what Patch Manager calls their operating systems."""
AMAZON_LINUX = {"2": "AMAZON_LINUX_2", "2022": "AMAZON_LINUX_2022", "2023": "AMAZON_LINUX_2023"}
"""By the version up to its first dot; older ones are called by year and month."""


@Collector(fact=Association, operations=("ssm:ListAssociations",))
def associations(session: Session) -> Iterator[Association]:
    for raw in session.items("ssm", "list_associations", "Associations"):
        yield parse_association(raw)


def parse_association(raw: Response) -> Association:
    return Association(
        id=raw["AssociationId"],
        name=raw.get("AssociationName"),
        document=raw.get("Name"),
        schedule=raw.get("ScheduleExpression"),
        schedule_offset_days=raw.get("ScheduleOffset", 0),
        status=pick(raw, "Overview", "Status"),
        last_run_at=raw.get("LastExecutionDate"),
    )


@Collector(
    fact=AssociationCompliance,
    operations=(
        "ssm:ListResourceComplianceSummaries",
        "ssm:ListAssociations",
        "ssm:DescribeInstanceInformation",
    ),
)
def association_compliance(session: Session) -> Iterator[AssociationCompliance]:
    """Without associations only nodes report on one; what is left of gone ones is nobody's."""
    if is_without(session, associations) and is_without(session, _nodes):
        return
    for raw in session.items(
        "ssm",
        "list_resource_compliance_summaries",
        "ResourceComplianceSummaryItems",
        Filters=OF_ASSOCIATIONS,
    ):
        status = told(raw, "Status", AssociationCompliance, "ssm:ListResourceComplianceSummaries")
        yield AssociationCompliance(resource=raw["ResourceId"], status=status)


@Collector(
    fact=PatchState,
    operations=("ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates"),
)
def patch_states(session: Session) -> Iterator[PatchState]:
    nodes = (raw["InstanceId"] for raw in _nodes(session))
    for ids in in_batches(nodes, BATCH):
        for raw in session.items(
            "ssm", "describe_instance_patch_states", "InstancePatchStates", InstanceIds=ids
        ):
            yield parse_patch_state(raw)


def _nodes(session: Session) -> Iterator[Response]:
    return session.items("ssm", "describe_instance_information", "InstanceInformationList")


def parse_patch_state(raw: Response) -> PatchState:
    def count(name: str) -> Any:
        return told(raw, name, PatchState, "ssm:DescribeInstancePatchStates")

    return PatchState(
        node=raw["InstanceId"],
        critical=count("CriticalNonCompliantCount"),
        security=count("SecurityNonCompliantCount"),
        failed=count("FailedCount"),
        pending_reboot=count("InstalledPendingRebootCount"),
        ended_at=count("OperationEndTime"),
    )


@Collector(fact=NodePlatform, operations=("ssm:DescribeInstanceInformation",))
def node_platforms(session: Session) -> Iterator[NodePlatform]:
    for raw in _nodes(session):
        yield parse_node_platform(raw)


def parse_node_platform(raw: Response) -> NodePlatform:
    """A platform that Patch Manager does not patch, or of which AWS tells nothing, is not known."""
    name = raw.get("PlatformName", "").lower()
    found: Any = next((s for start, s in SYSTEMS.items() if name.startswith(start)), None)
    if found is None and name.startswith("amazon linux"):
        version = raw.get("PlatformVersion", "").partition(".")
        found = AMAZON_LINUX.get(version[0]) or ("AMAZON_LINUX" if version[2] else None)
    if found is None:
        found = not_told(NodePlatform.kind, "ssm:DescribeInstanceInformation")
    return NodePlatform(node=raw["InstanceId"], operating_system=found)


@Collector(
    fact=PatchBaseline,
    operations=(
        "ssm:DescribePatchBaselines",
        "ssm:DescribeInstanceInformation",
        "ssm:DescribePatchGroups",
    ),
)
def patch_baselines(session: Session) -> Iterator[PatchBaseline]:
    """Without a node there is nothing that one could serve."""
    if not any(_nodes(session)):
        return
    own = list(session.items("ssm", "describe_patch_baselines", "BaselineIdentities", Filters=OWN))
    if own:
        mappings = detail_items(session, session.client("ssm").describe_patch_groups, "Mappings")
        yield from (parse_patch_baseline(raw, mappings) for raw in own)


def parse_patch_baseline(raw: Response, mappings: Items | Gap) -> PatchBaseline:
    """An operating system that is not told is Windows."""
    groups: Any = mappings
    if not isinstance(mappings, Gap):
        mine = (
            m for m in mappings if pick(m, "BaselineIdentity", "BaselineId") == raw["BaselineId"]
        )
        groups = tuple(sorted(m["PatchGroup"] for m in mine if m.get("PatchGroup")))
    return PatchBaseline(
        id=raw["BaselineId"],
        name=raw.get("BaselineName"),
        operating_system=raw.get("OperatingSystem", "WINDOWS"),
        is_default=told(raw, "DefaultBaseline", PatchBaseline, "ssm:DescribePatchBaselines"),
        patch_groups=groups,
    )
