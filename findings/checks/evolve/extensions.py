"""E2: extensions of CloudFormation are kept current."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, every, not_applicable, outcome
from findings.facts.base import Facts, Scope
from findings.facts.cloudformation_extensions import Extension


@Check(
    title="Keep activated extensions and shared modules current",
    row=Row.INFRASTRUCTURE,
    scope=Scope.REGION,
    needs=(Extension,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP05", "OPS05-BP06"),
    principles=(Principle.REFINE_PROCEDURES,),
    not_applicable_when="No public extension is activated in the region, or no stack stands there"
    " that could use one.",
    remediation="Activate the newer version outside production, deploy the stacks that use it"
    " there, and then activate it everywhere, with automatic updates where they are wanted.",
    cli=(
        "aws cloudformation list-types --visibility PRIVATE --type RESOURCE"
        " --filters Category=ACTIVATED",
        "aws cloudformation activate-type --public-type-arn PUBLIC_TYPE_ARN --auto-update",
    ),
)
def cloudformation_extensions_current(facts: Facts, context: Context) -> Outcome:
    extensions = facts.of(Extension)
    if not extensions:
        return not_applicable("no stack has a public extension to use")
    return every(extensions, _is_latest)


def _is_latest(extension: Extension) -> Outcome:
    told = (
        f"{extension.name} is at {extension.used_version}, the latest is {extension.latest_version}"
    )
    return outcome(extension.used_version == extension.latest_version, told)
