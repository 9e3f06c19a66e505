"""E2: what a stack set deploys is the same in all its accounts and regions."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, failed, not_applicable, passed
from findings.checks.parameters import Percent
from findings.facts.base import Facts
from findings.facts.cloudformation_stack_sets import StackInstance, StackInstances

SHOWN = 5


@Check(
    title="Keep every stack instance on the current template",
    row=Row.INFRASTRUCTURE,
    resource=StackInstances,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03", "OPS05-BP06"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Percent("max_outdated_percent", 0),),
    not_applicable_when="The stack set has no instance outside suspended accounts.",
    remediation="Read why the operation failed in the accounts concerned, correct their execution"
    " role or what stands in the way, and update those instances again.",
    cli=(
        "aws cloudformation list-stack-instances --stack-set-name STACK_SET"
        " --filters Name=DETAILED_STATUS,Values=FAILED",
        "aws cloudformation update-stack-instances --stack-set-name STACK_SET"
        " --deployment-targets Accounts=ACCOUNT_IDS,OrganizationalUnitIds=OU_IDS,"
        "AccountFilterType=INTERSECTION --regions REGIONS",
    ),
)
def cloudformation_stackset_instances_current(
    found: StackInstances, facts: Facts, context: Context
) -> Outcome:
    if not found.total:
        return not_applicable("no instances")
    told = f"{len(found.others)} of {found.total} instances are not current"
    if len(found.others) * 100 <= context.max_outdated_percent * found.total:
        return passed(told)
    shown = ", ".join(map(_place, found.others[:SHOWN]))
    return failed(f"{told}: {shown}")


def _place(instance: StackInstance) -> str:
    status = "/".join(filter(None, (instance.status, instance.detailed_status)))
    return f"{instance.account} {instance.region} ({status})"
