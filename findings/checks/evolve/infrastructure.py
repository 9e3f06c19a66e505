"""E2: stacks are versioned and iterated safely."""

from __future__ import annotations

import re
from datetime import timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    any_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.checks.parameters import Count, Days, Names, Pattern, Percent, Prefixes
from findings.checks.prepare.infrastructure_as_code import STATEFUL_TYPES
from findings.facts.base import Facts, Gap, GapReason, Scope, not_supplied
from findings.facts.cloudformation import (
    ChangeSets,
    PendingChange,
    Stack,
    StackHistory,
    Template,
)

FORGOTTEN = Gap(
    kind=StackHistory.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="cloudformation:DescribeStackEvents",
)
CDK_TOOLKIT = "CDKToolkit"
VERSION = r"[0-9a-f]{7,40}|v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?"
AWS_PREFIXES = (
    "awseb-",
    "aws-sam-cli-managed-",
    "aws-cloud9-",
    "AWSControlTower",
    "StackSet-AWSControlTower",
    "StackSet-AWS-QuickSetup",
    CDK_TOOLKIT,
)
_WORDS = re.compile(r"[\w.+-]+")


@Check(
    title="Keep stack updates succeeding",
    row=Row.INFRASTRUCTURE,
    scope=Scope.ACCOUNT,
    needs=(StackHistory,),
    severity=Severity.HIGH,
    best_practices=("OPS06-BP01", "OPS09-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("window_days", 30), Percent("min_percent", 90), Count("min_operations", 5)),
    not_applicable_when="Fewer than min_operations operations ended in the window.",
    remediation="Validate templates before they are deployed, and rehearse those that failed"
    " outside production until they deploy without rolling back.",
    cli=(
        "aws cloudformation describe-stack-events --stack-name STACK",
        "aws cloudformation validate-template --template-url TEMPLATE_URL",
    ),
)
def cloudformation_update_success_rate(facts: Facts, context: Context) -> Outcome:
    histories = list(facts.of(StackHistory))
    ended = [
        operation
        for history in histories
        for operation in history.operations
        if context.within(operation.ended_at, days=context.window_days)
    ]
    succeeded = sum(operation.succeeded for operation in ended)
    if len(ended) < context.min_operations:
        window = timedelta(days=context.window_days)
        if any(history.known_for < window for history in histories):
            return unknown(FORGOTTEN)
        return not_applicable(f"{len(ended)} operations ended")
    return outcome(
        succeeded * 100 >= context.min_percent * len(ended),
        f"{succeeded} of {len(ended)} operations succeeded, expected {context.min_percent:g} %",
    )


@Check(
    title="Trace each deployed template to a commit",
    row=Row.INFRASTRUCTURE,
    resource=Stack,
    needs=(Template,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP01",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(
        Names("version_tags", ("GitCommit", "Version", "aws:cloudformation:git-sync")),
        Pattern("version_pattern", VERSION),
        Prefixes("aws_prefixes", AWS_PREFIXES),
    ),
    not_applicable_when="The stack is nested, was made by a tool or service of AWS, or holds"
    " nothing yet.",
    remediation="Let the pipeline set the commit or version as a tag of the stack whenever it"
    " deploys.",
    cli=(
        "aws cloudformation update-stack --stack-name STACK --use-previous-template"
        " --tags Key=GitCommit,Value=COMMIT Key=Version,Value=VERSION",
    ),
)
def cloudformation_template_version_traceable(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: its root tells the version")
    if stack.name.startswith(context.aws_prefixes):
        return not_applicable("made by AWS")
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    return any_of(
        part("tag", lambda: _is_tagged(stack, context)),
        part("metadata", lambda: _is_in_metadata(stack, facts, context)),
        part("description", lambda: _is_described(stack, context)),
    )


def _is_tagged(stack: Stack, context: Context) -> bool:
    values = (stack.tags.get(name, "") for name in context.version_tags)
    return any(_versions(value, context) for value in values)


def _is_in_metadata(stack: Stack, facts: Facts, context: Context) -> bool:
    template = facts.of(Template).get(stack.name)
    return template is not None and any(
        _versions(value, context) for value in template.metadata.values()
    )


def _is_described(stack: Stack, context: Context) -> bool:
    """A number alone is an account or a date rather than a commit."""
    found = _versions(stack.description or "", context)
    return any(not version.isdecimal() for version in found)


def _versions(text: str, context: Context) -> list[str]:
    words = (word.rstrip(".") for word in _WORDS.findall(text))
    return [word for word in words if context.version_pattern.fullmatch(word)]


@Check(
    title="Review replacements of stateful resources before execution",
    row=Row.INFRASTRUCTURE,
    resource=Stack,
    needs=(ChangeSets,),
    severity=Severity.HIGH,
    best_practices=("OPS06-BP01", "OPS07-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(STATEFUL_TYPES,),
    not_applicable_when="The stack is nested, or no change set waits to be executed.",
    remediation="Read the change, take a snapshot of the data, and move it in a step of its own"
    " instead of letting the change set replace or remove the resource.",
    cli=(
        "aws cloudformation describe-change-set --stack-name STACK --change-set-name CHANGE_SET",
        "aws cloudformation delete-change-set --stack-name STACK --change-set-name CHANGE_SET",
    ),
)
def cloudformation_changeset_replacement_reviewed(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("its change sets are those of its root")
    found = facts.of(ChangeSets).get(stack.name)
    if found is None or not any(change_set.is_available for change_set in found.change_sets):
        return not_applicable("no change set waits")
    stateful = [c for c in found.pending_changes if c.type in context.stateful_types]
    return every(stateful, _keeps_data)


def _keeps_data(change: PendingChange) -> Outcome:
    """What CloudFormation cannot tell before it executes the change set has to be reviewed."""
    told = f"{change.change_set}: {change.action} {change.logical_id} ({change.type})"
    if change.action != "Modify":
        return outcome(change.action in ("Add", "Import", "SyncWithActual"), told)
    if change.replacement is None:
        return unknown(not_supplied(ChangeSets.kind))
    return outcome(change.replacement == "False", f"{told}, replacement {change.replacement}")


@Check(
    title="Keep the CDK bootstrap stack current",
    row=Row.INFRASTRUCTURE,
    scope=Scope.REGION,
    needs=(Stack,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP05",),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Count("min_version", 21),),
    not_applicable_when="The region has no stack CDKToolkit.",
    remediation="Run cdk bootstrap with the current CDK command line for the account and region.",
    cli=("aws cloudformation describe-stacks --stack-name CDKToolkit --query Stacks[].Outputs",),
)
def cloudformation_cdk_bootstrap_current(facts: Facts, context: Context) -> Outcome:
    toolkit = facts.of(Stack).get(CDK_TOOLKIT)
    if toolkit is None:
        return not_applicable("not bootstrapped")
    if toolkit.bootstrap_version is None:
        return failed(f"tells no version, expected at least {context.min_version}")
    return outcome(
        toolkit.bootstrap_version >= context.min_version,
        f"version {toolkit.bootstrap_version}, expected at least {context.min_version}",
    )
