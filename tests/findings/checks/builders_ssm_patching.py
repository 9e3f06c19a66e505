"""Associations, patches and baselines for the tables of the checks."""

from findings.facts.ssm import ManagedNode
from findings.facts.ssm_patching import (
    Association,
    AssociationCompliance,
    NodePlatform,
    PatchBaseline,
    PatchState,
)
from tests.findings.checks.cases import ago


def association(name="inventory", **fields):
    given = {
        "id": f"id-of-{name}",
        "document": "AWS-GatherSoftwareInventory",
        "schedule": "rate(1 day)",
        "schedule_offset_days": 0,
        "status": "Success",
        "last_run_at": ago(hours=1),
    }
    return Association(name=name, **(given | fields))


def compliance(status="COMPLIANT", node="mi-1"):
    return AssociationCompliance(resource=node, status=status)


def managed(id="mi-1", **fields):
    given = {"type": "ManagedInstance", "platform": "Linux", "ping_status": "Online"}
    return ManagedNode(id=id, **(given | fields))


def patch_state(node="mi-1", **fields):
    counts = dict.fromkeys(("critical", "security", "failed", "pending_reboot"), 0)
    return PatchState(node=node, **(counts | {"ended_at": ago(days=1)} | fields))


def platform(operating_system="UBUNTU", node="mi-1"):
    return NodePlatform(node=node, operating_system=operating_system)


def baseline(operating_system="UBUNTU", **fields):
    given = {
        "id": f"pb-{operating_system}",
        "name": "own",
        "is_default": True,
        "patch_groups": (),
    }
    return PatchBaseline(operating_system=operating_system, **(given | fields))
