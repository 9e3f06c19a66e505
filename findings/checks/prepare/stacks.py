"""P1: how stacks are run: how long it takes, by which role, for whom, and what they tell."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.evolve.infrastructure import AWS_PREFIXES
from findings.checks.outcomes import Outcome, failed, not_applicable, outcome, passed, unknown
from findings.checks.parameters import Hours, Names, Prefixes
from findings.checks.stack_trees import OF_STACK_SET, of_tree
from findings.facts.base import Facts, not_told
from findings.facts.cloudformation import Stack

OF_CONTROL_TOWER = ("AWSControlTower", "StackSet-AWSControlTower")


@Check(
    title="Finish stack operations within a bounded time",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP01", "OPS08-BP04"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Hours("max_hours", 12),),
    not_applicable_when="The stack is nested, deleted, or waits for its first change set.",
    remediation="Find the resource that is still in progress, signal what it waits for or cancel"
    " the update, and bound the next operation with a time-out.",
    cli=(
        "aws cloudformation describe-stack-events --stack-name STACK",
        "aws cloudformation cancel-update-stack --stack-name STACK",
    ),
)
def cloudformation_stack_operation_not_stalled(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: the operation is that of its root")
    if stack.is_under_review:
        return not_applicable("waits for its first change set")
    if stack.status == "DELETE_COMPLETE":
        return not_applicable("the stack is deleted")
    if not stack.status.endswith("_IN_PROGRESS"):
        return passed(f"{stack.status}: no operation is under way")
    is_deletion = stack.status == "DELETE_IN_PROGRESS"
    began = stack.deletion_started_at if is_deletion else stack.changed_at
    if began is None:
        return unknown(not_told(Stack.kind, "cloudformation:DescribeStacks", "DeletionTime"))
    return outcome(
        context.within(began, hours=context.max_hours),
        f"{stack.status} since {began:%Y-%m-%d %H:%M}",
    )


@Check(
    title="Let stacks act through a dedicated service role",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03", "OPS01-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(Prefixes("aws_prefixes", AWS_PREFIXES),),
    not_applicable_when="The stack is nested, belongs to a stack set, was made by a tool or service"
    " of AWS, or holds nothing yet.",
    remediation="Let the pipeline pass a service role when it deploys the stack, and take the"
    " rights on the resources themselves from those who deploy.",
    cli=(
        "aws cloudformation update-stack --stack-name STACK --use-previous-template"
        " --role-arn ROLE_ARN",
    ),
)
def cloudformation_stack_service_role_used(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: its root passes the role")
    if stack.name.startswith(OF_STACK_SET):
        return not_applicable("managed by a stack set")
    if stack.name.startswith(context.aws_prefixes):
        return not_applicable("made by AWS")
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    if stack.role_arn:
        return passed("acts through a service role")
    return failed("acts with the rights of whoever deploys it")


@Check(
    title="Tag every stack with its owner and environment",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    severity=Severity.MEDIUM,
    best_practices=("OPS02-BP01", "OPS02-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(Names("required_tags", ("Owner", "Environment")),),
    not_applicable_when="The stack is nested and inherits its tags, was made by Control Tower, or"
    " holds nothing yet.",
    remediation="Let the pipeline give the stack these tags when it deploys; CloudFormation passes"
    " them on to its resources.",
    cli=(
        "aws cloudformation deploy --stack-name STACK --template-file TEMPLATE"
        " --tags Owner=TEAM Environment=ENVIRONMENT",
    ),
)
def cloudformation_stack_owner_tagged(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: inherits the tags of its root")
    if stack.name.startswith(OF_CONTROL_TOWER):
        return not_applicable("made by Control Tower")
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    missing = [name for name in context.required_tags if not stack.tags.get(name, "").strip()]
    if missing:
        return failed(f"without {', '.join(missing)}")
    return passed("has all tags")


@Check(
    title="Keep secrets out of stack outputs",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    severity=Severity.CRITICAL,
    best_practices=("OPS05-BP07",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    not_applicable_when="The stack is nested and judged with its root, or neither it nor those"
    " nested in it have outputs.",
    remediation="Keep the value in Secrets Manager or Parameter Store, let the output name where"
    " it is kept, and change the secret that was shown.",
    cli=(
        "aws secretsmanager rotate-secret --secret-id SECRET",
        "aws cloudformation deploy --stack-name STACK --template-file TEMPLATE",
    ),
)
def cloudformation_stack_outputs_no_secrets(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: judged with its root")
    return of_tree(stack, facts, _tells_no_secret)


def _tells_no_secret(stack: Stack) -> Outcome:
    if not stack.outputs:
        return not_applicable("no outputs")
    found = (f"{hit.location} ({hit.pattern})" for hit in stack.output_secrets)
    return outcome(not stack.output_secrets, ", ".join(found))
