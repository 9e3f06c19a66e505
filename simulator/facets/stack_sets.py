"""Stack sets of the organization, and whether they reach new accounts by themselves."""

from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.places import OrganizationPlace

stack_sets = Facet("cloudformation.stack_sets", level=ORGANIZATION)

AUTOMATIC = "cloudformation_stackset_auto_deployment_enabled"
ON = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
OFF = {"Enabled": False}


def in_sync(organization: OrganizationPlace, instances: int = 40) -> dict[str, Any]:
    """What AWS tells of drift where it is looked for all the time, and there is none."""
    return {
        "DriftStatus": "IN_SYNC",
        "LastDriftCheckTimestamp": organization.moving(hours=5),
        "TotalStackInstancesCount": instances,
        "DriftedStackInstancesCount": 0,
        "FailedStackInstancesCount": 0,
    }


def _put(
    organization: OrganizationPlace,
    name: str,
    answer: str,
    deployment: dict[str, Any] | None,
    **changed: Any,
) -> None:
    organization.expect(AUTOMATIC, answer, resource=name)
    organization.put(
        "cloudformation.stack_sets",
        {
            "StackSetName": name,
            "StackSetId": f"{name}:{organization.uuid(name)}",
            "Status": "ACTIVE",
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": deployment,
            "Tags": [],
            "Regions": list(organization.world.regions),
            "StackSetDriftDetectionDetails": in_sync(organization),
            **changed,
        },
    )


@stack_sets.variant("automatic")
def automatic(organization: OrganizationPlace) -> None:
    _put(organization, "baseline-audit", "pass", ON)
    _put_others(organization)


@stack_sets.variant("by_hand")
def by_hand(organization: OrganizationPlace) -> None:
    _put(organization, "baseline-audit", "fail", OFF)
    _put_others(organization)


def _put_others(organization: OrganizationPlace) -> None:
    baseline = [{"Key": "Baseline", "Value": "true"}]
    _put(organization, "network", "pass", ON, Tags=baseline)
    _put(organization, "logging", "fail", OFF, Tags=baseline)
    # Self-managed stack sets have no automatic deployment to speak of.
    self_managed = {"PermissionModel": "SELF_MANAGED"}
    _put(organization, "baseline-legacy", "fail", None, **self_managed)
    _put(organization, "shop", "not_applicable", None, **self_managed)
    _put(organization, "partners", "not_applicable", ON, Tags=[{"Key": "Baseline", "Value": "no"}])
    organization.put(
        "cloudformation.stack_sets",
        {
            "StackSetName": "baseline-old",
            "StackSetId": f"baseline-old:{organization.uuid('baseline-old')}",
            "Status": "DELETED",
            "PermissionModel": "SERVICE_MANAGED",
            "Tags": [],
        },
    )
