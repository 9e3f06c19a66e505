"""Facts of State Manager and Patch Manager: associations, patches of nodes, patch baselines."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class Association(
    Fact,
    kind="ssm.association",
    identity=("id",),
    volatile=("last_run_at", "status"),
):
    """What State Manager applies to nodes: a document, when, and how it ended last.

    ``schedule`` is a rate or cron expression, None for what runs once and on changes only;
    ``status`` is Pending, Success, Failed or another one, None where AWS tells none.
    """

    id: str
    name: str | None
    document: str | None
    schedule: str | None
    schedule_offset_days: int
    status: str | None
    last_run_at: datetime | None


class AssociationCompliance(
    Fact, kind="ssm.association_compliance", identity=("resource",), volatile=("status",)
):
    """Whether a node complies with its associations: COMPLIANT or NON_COMPLIANT."""

    resource: str
    status: str


class PatchState(Fact, kind="ssm.patch_state", identity=("node",), volatile=("ended_at",)):
    """How a node's patches compare with its baseline, as of the operation that ended then.

    Counts are patches: missing and critical, missing and of security, failed to install, installed
    but waiting for a restart.
    """

    node: str
    critical: int
    security: int
    failed: int
    pending_reboot: int
    ended_at: datetime


class NodePlatform(Fact, kind="ssm.node_platform", identity=("node",)):
    """The operating system of a managed node, in the words of Patch Manager."""

    node: str
    operating_system: str


class PatchBaseline(Fact, kind="ssm.patch_baseline", identity=("id",)):
    """A patch baseline of the account's own; ``patch_groups`` are those that it is mapped to."""

    id: str
    name: str | None
    operating_system: str
    is_default: bool
    patch_groups: tuple[str, ...]
