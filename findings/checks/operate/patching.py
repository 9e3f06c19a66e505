"""O1: nodes are patched in time, by baselines of the account's own."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
)
from findings.checks.parameters import Days, Flag
from findings.facts.base import Facts, Listing, Scope
from findings.facts.ssm import ManagedNode
from findings.facts.ssm_patching import Association, NodePlatform, PatchBaseline, PatchState

PATCH_POLICY = "AWS-QuickSetup-PatchPolicy-"


@Check(
    title="Patch managed nodes to the baseline in time",
    row=Row.CHANGE,
    resource=ManagedNode,
    needs=(PatchState,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP05",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(Days("max_scan_age_days", 7),),
    remediation="Install what the baseline asks for in the next maintenance window and let the node"
    " restart; take the node into the patch policy.",
    cli=(
        "aws ssm send-command --document-name AWS-RunPatchBaseline --instance-ids NODE"
        " --parameters Operation=Install,RebootOption=RebootIfNeeded",
    ),
)
def ssm_patch_compliant(node: ManagedNode, facts: Facts, context: Context) -> Outcome:
    state = facts.of(PatchState).get(node.id)
    if state is None:
        return failed("it was never scanned for patches")
    return all_of(
        part("critical patches", lambda: _none(state.critical, "missing")),
        part("security patches", lambda: _none(state.security, "missing")),
        part("installation", lambda: _none(state.failed, "failed")),
        part("restart", lambda: _none(state.pending_reboot, "waiting for a restart")),
        part("scanned", lambda: _is_recent(state, context)),
    )


def _none(count: int, what: str) -> Outcome:
    return outcome(count == 0, f"{count} {what}")


def _is_recent(state: PatchState, context: Context) -> Outcome:
    is_recent = context.within(state.ended_at, days=context.max_scan_age_days)
    return outcome(is_recent, f"last on {state.ended_at:%Y-%m-%d}")


@Check(
    title="Own the patch baselines and map patch groups to them",
    row=Row.CHANGE,
    scope=Scope.REGION,
    needs=(NodePlatform, PatchBaseline, Association),
    severity=Severity.LOW,
    best_practices=("OPS05-BP05",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.REFINE_PROCEDURES),
    parameters=(Flag("accept_aws_default", False),),
    not_applicable_when="The region has no managed node, or accept_aws_default is set.",
    remediation="Create a baseline for each operating system, with delays of approval that suit"
    " you, and make it the default or map patch groups to it; or set up a patch policy.",
    cli=(
        "aws ssm create-patch-baseline --name BASELINE --operating-system AMAZON_LINUX_2023"
        " --approval-rules file://rules.json",
        "aws ssm register-default-patch-baseline --baseline-id ID",
    ),
)
def ssm_patch_baseline_defined(facts: Facts, context: Context) -> Outcome:
    if context.accept_aws_default:
        return not_applicable("AWS's own baselines are accepted")
    nodes = facts.of(NodePlatform)
    if not nodes:
        return not_applicable("no managed node")
    baselines, associations = facts.of(PatchBaseline), facts.of(Association)
    return any_of(
        part("patch policy", lambda: any_of(associations, _is_patch_policy)),
        part("own baselines", lambda: _are_covered(nodes, baselines)),
    )


def _is_patch_policy(association: Association) -> bool:
    return (association.name or "").startswith(PATCH_POLICY)


def _are_covered(nodes: Listing[NodePlatform], baselines: Listing[PatchBaseline]) -> Outcome:
    systems = sorted({node.operating_system for node in nodes})
    return every(
        systems,
        lambda system: any_of(
            baselines,
            lambda b: _serves(b, system),
            message=f"no baseline of its own serves {system}",
        ),
    )


def _serves(baseline: PatchBaseline, system: str) -> Outcome:
    return all_of(
        part("operating system", lambda: baseline.operating_system == system),
        part(
            "in use",
            lambda: any_of(
                part("default", lambda: baseline.is_default),
                part("patch groups", lambda: bool(baseline.patch_groups)),
            ),
        ),
    )
