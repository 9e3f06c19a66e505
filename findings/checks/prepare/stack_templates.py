"""P1: what the templates of stacks declare."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.lambda_runtimes import LIFECYCLES
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Days, Names, Pattern
from findings.checks.stack_trees import of_tree
from findings.facts.base import Facts, not_told
from findings.facts.cloudformation import (
    FUNCTIONS,
    Stack,
    Template,
    TemplateParameter,
    TemplateResource,
)

TELLS_ABOUT = (
    "arn|bucket|count|days|enabled|expiration|expiry|hours|length|lifetime|location|minutes|names?"
    "|parameter|path|policy|prefix|provider|region|rotation|schedule|seconds|ttl|ur[il]|version"
)
SENSITIVE = (
    f"(?i)(password|secret|token|api_?key)(?![a-z0-9]*({TELLS_ABOUT})$|[a-z0-9]*(?-i:Id|ID)$)"
)
NAME_ONLY = "AWS::SSM::Parameter::Name"
NOT_TOLD = not_told(Template.kind, "cloudformation:GetTemplate")


@Check(
    title="Hide sensitive template parameters with NoEcho or dynamic references",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    needs=(Template,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP07",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(Pattern("sensitive_names", SENSITIVE),),
    not_applicable_when="The stack is nested and judged with its root, nothing is deployed, or no"
    " parameter has the name of a secret.",
    remediation="Give the parameter NoEcho and no default, or let the template read the value from"
    " Secrets Manager by a dynamic reference; change a secret that was a default.",
    cli=(
        "aws cloudformation get-template-summary --stack-name STACK",
        "aws cloudformation deploy --stack-name STACK --template-file TEMPLATE",
    ),
)
def cloudformation_template_sensitive_parameters_noecho(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: judged with its root")
    return of_tree(stack, facts, lambda each: _hides_secrets(each, facts, context))


def _hides_secrets(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    template = facts.of(Template).get(stack.name)
    if template is None:
        return unknown(NOT_TOLD)
    sensitive = [
        parameter
        for parameter in template.parameters
        if parameter.type != NAME_ONLY and context.sensitive_names.search(parameter.name)
    ]
    return every(sensitive, _is_hidden) if sensitive else not_applicable("no parameter is a secret")


def _is_hidden(parameter: TemplateParameter) -> Outcome:
    if parameter.default == "dynamic_reference":
        return passed()
    if parameter.default == "text":
        return failed(f"{parameter.name} has a default")
    return outcome(parameter.is_hidden, f"{parameter.name} has no NoEcho")


@Check(
    title="Use only supported runtimes and engines in templates",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    needs=(Template,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP05",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.REFINE_PROCEDURES),
    parameters=(Names("deprecated_runtimes", ()), Days("warn_days", 90)),
    not_applicable_when="The stack is nested and judged with its root, nothing is deployed, or no"
    " function in the template has a runtime.",
    remediation="Raise the runtime of the function in its template, deploy it to a test"
    " environment, and then everywhere.",
    cli=(
        "aws lambda list-functions --query \"Functions[?Runtime=='RUNTIME'].FunctionName\"",
        "aws cloudformation deploy --stack-name STACK --template-file TEMPLATE",
    ),
)
def cloudformation_template_runtimes_supported(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: judged with its root")
    return of_tree(stack, facts, lambda each: _is_supported(each, facts, context))


def _is_supported(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    template = facts.of(Template).get(stack.name)
    if template is None:
        return unknown(NOT_TOLD)
    return all_of(
        part("supported", lambda: _are_supported(template, context)),
        part("told", lambda: _are_told(template)),
    )


def _are_supported(template: Template, context: Context) -> Outcome:
    functions = [r for r in template.resources if r.type in FUNCTIONS and r.runtime]
    if not functions:
        return not_applicable("no function has a runtime")
    return every(functions, lambda function: _lasts(function, context))


def _lasts(function: TemplateResource, context: Context) -> Outcome:
    name, runtime = function.logical_id, str(function.runtime)
    if runtime in context.deprecated_runtimes:
        return failed(f"{name} has {runtime}")
    if runtime not in LIFECYCLES:
        return unknown(not_told(Template.kind, "", f"lifecycle of {runtime}"))
    deprecated_at, blocked_at = LIFECYCLES[runtime]
    if context.is_due_within(deprecated_at, days=0):
        return failed(f"{name} has {runtime}, deprecated on {deprecated_at:%Y-%m-%d}")
    is_near = context.is_due_within(blocked_at, days=context.warn_days)
    return outcome(not is_near, f"{name} has {runtime}, blocked from {blocked_at:%Y-%m-%d} on")


def _are_told(template: Template) -> Outcome:
    """What parameters and mappings leave open is not known."""
    if not template.unresolved_runtimes:
        return not_applicable("every runtime is told")
    names = ", ".join(template.unresolved_runtimes)
    return unknown(not_told(Template.kind, "cloudformation:GetTemplate", f"runtime of {names}"))
