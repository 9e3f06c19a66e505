"""E2: templates stay small enough to go on growing."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, outcome, part
from findings.checks.parameters import Count
from findings.facts.base import Facts
from findings.facts.cloudformation import Template


@Check(
    title="Split templates before they reach service limits",
    row=Row.INFRASTRUCTURE,
    resource=Template,
    severity=Severity.LOW,
    best_practices=("OPS05-BP06",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.REFINE_PROCEDURES),
    parameters=(Count("max_resources", 400), Count("max_bytes", 800_000)),
    remediation="Divide the template by what changes together: into nested stacks, into modules, or"
    " into stacks of their own by a stack refactoring, which moves resources without replacing"
    " them.",
    cli=(
        "aws cloudformation create-stack-refactor"
        " --stack-definitions StackName=STACK,TemplateURL=TEMPLATE_URL"
        " StackName=NEW_STACK,TemplateURL=NEW_TEMPLATE_URL --enable-stack-creation",
        "aws cloudformation describe-stack-refactor --stack-refactor-id STACK_REFACTOR_ID",
        "aws cloudformation execute-stack-refactor --stack-refactor-id STACK_REFACTOR_ID",
    ),
)
def cloudformation_template_size_headroom(
    template: Template, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("resources", lambda: _at_most(len(template.resources), context.max_resources)),
        part("bytes", lambda: _at_most(template.size, context.max_bytes)),
    )


def _at_most(found: int, most: float) -> Outcome:
    return outcome(found <= most, f"{found}, expected at most {most:g}")
