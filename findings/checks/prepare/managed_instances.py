"""P2: running instances are managed by Systems Manager."""

from __future__ import annotations

from math import ceil

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, Status, at_least, failed, judge, not_applicable
from findings.checks.parameters import Names, Percent
from findings.facts.base import Facts, Scope
from findings.facts.ec2 import Instance
from findings.facts.ssm import ManagedNode

NAMED = 10
"""How many instances a message names."""


@Check(
    title="Manage every running instance with Systems Manager",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Instance, ManagedNode),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP03", "OPS07-BP03"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY, Principle.OPERATIONS_AS_CODE),
    parameters=(Percent("min_percent", 95), Names("excluded_tags", ("aws:eks:cluster-name",))),
    not_applicable_when="No instance runs in the region, or all that run have one of the"
    " excluded_tags.",
    remediation="Turn on Default Host Management for the region, or give the instances a profile"
    " with the policy AmazonSSMManagedInstanceCore, and let them reach the service's endpoints.",
    cli=(
        "aws ssm update-service-setting --setting-id"
        " /ssm/managed-instance/default-ec2-instance-management-role"
        " --setting-value service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole",
        "aws ssm describe-instance-information --filters Key=PingStatus,Values=ConnectionLost",
    ),
)
def ssm_managed_instance_coverage(facts: Facts, context: Context) -> Outcome:
    running = [
        instance
        for instance in facts.of(Instance)
        if instance.state == "running" and not set(context.excluded_tags) & set(instance.tags)
    ]
    if not running:
        return not_applicable("no instance runs")
    enough = ceil(len(running) * context.min_percent / 100)
    found = at_least(enough, running, lambda instance: _is_online(instance, facts))
    if found.status is not Status.FAIL:
        return found
    missing = sorted(one.id for one in running if _is_missing(one, facts))
    return failed(
        f"{len(missing)} of {len(running)} running instances are not online: {_named(missing)}"
    )


def _named(ids: list[str]) -> str:
    rest = len(ids[NAMED:])
    return ", ".join(ids[:NAMED]) + (f" and {rest} more" if rest else "")


def _is_missing(instance: Instance, facts: Facts) -> bool:
    return judge(lambda: _is_online(instance, facts)).status is Status.FAIL


def _is_online(instance: Instance, facts: Facts) -> bool:
    node = facts.of(ManagedNode).get(instance.id)
    return node is not None and node.ping_status == "Online"
