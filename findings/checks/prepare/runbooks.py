"""P3: procedures are runbooks, rehearsed and shared with those who need them."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.automations import Automations, automations_of, rehearsal_of
from findings.checks.base import At, Check
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
    passed,
    unknown,
)
from findings.checks.parameters import Count, Days, Text
from findings.facts.base import Facts, Scope, not_supplied
from findings.facts.cloudformation import ChangeSet, ChangeSets, Stack
from findings.facts.ssm import (
    PUBLIC_SHARING,
    AutomationHistory,
    Document,
    ManagedNode,
    ServiceSetting,
)


@Check(
    title="Codify operating procedures as Automation runbooks",
    row=Row.RUNBOOKS,
    scope=Scope.REGION,
    needs=(Document, Stack, ManagedNode),
    severity=Severity.MEDIUM,
    best_practices=("OPS07-BP03", "OPS07-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(Count("min_runbooks", 3),),
    not_applicable_when="The region has neither stacks nor managed nodes.",
    alternatives=(Tool.RUNBOOKS,),
    remediation="Write the procedures that recur most as Automation documents in the repository of"
    " the infrastructure, or share the organization's runbooks with the account.",
    cli=(
        "aws ssm create-document --name RUNBOOK --document-type Automation --document-format YAML"
        " --content file://runbook.yaml",
        "aws ssm modify-document-permission --name RUNBOOK --permission-type Share"
        " --account-ids-to-add ACCOUNT",
    ),
)
def ssm_runbook_exists(facts: Facts, context: Context) -> Outcome:
    if not _has_workloads(facts):
        return not_applicable("no stacks and no managed nodes")
    runbooks = [document for document in facts.of(Document) if document.is_runbook]
    own = sum(document.is_own for document in runbooks)
    found = f"{own} runbooks of its own, expected at least {context.min_runbooks}"
    return any_of(
        part("own runbooks", lambda: outcome(own >= context.min_runbooks, found)),
        part("shared runbook", lambda: own < len(runbooks)),
    )


def _has_workloads(facts: Facts) -> bool:
    stacks, nodes = facts.of(Stack), facts.of(ManagedNode)
    return bool(nodes.known) or bool(stacks) or bool(nodes)


@Check(
    title="Rehearse each runbook within the rehearsal period",
    row=Row.RUNBOOKS,
    resource=Document,
    needs=(At(Scope.ORGANIZATION, AutomationHistory),),
    severity=Severity.HIGH,
    best_practices=("OPS07-BP03", "OPS06-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.REFINE_PROCEDURES),
    parameters=(Days("max_age_days", 90), Text("rehearsal_scope", "organization")),
    not_applicable_when="The document is no Automation runbook of the account, is younger than the"
    " rehearsal period, or is tagged Lifecycle=deprecated.",
    remediation="Run the runbook on a schedule, for example in a pre-production account with the"
    " same document, and correct it until the execution succeeds.",
    cli=(
        "aws ssm start-automation-execution --document-name RUNBOOK",
        "aws ssm create-association --name RUNBOOK --schedule-expression 'rate(30 days)'",
    ),
)
def ssm_runbook_rehearsed_recently(document: Document, facts: Facts, context: Context) -> Outcome:
    if not document.is_own or not document.is_runbook:
        return not_applicable("not a runbook of this account")
    if document.tags.get("Lifecycle", "").lower() == "deprecated":
        return not_applicable("deprecated")
    if document.created_at and context.within(document.created_at, days=context.max_age_days):
        return not_applicable(f"created on {document.created_at:%Y-%m-%d}")
    return rehearsal_of(document, _automations(facts, context), context)


def _automations(facts: Facts, context: Context) -> Automations:
    """Built once for all documents that may be rehearsed in the same places."""
    wide = context.rehearsal_scope == "organization"
    histories = facts.of(AutomationHistory, Scope.ORGANIZATION if wide else Scope.ACCOUNT)
    return facts.index((Automations, histories), lambda: automations_of([histories]))


@Check(
    title="Share runbooks only with named accounts",
    row=Row.RUNBOOKS,
    resource=Document,
    severity=Severity.CRITICAL,
    best_practices=("OPS07-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    not_applicable_when="The document belongs to another account.",
    remediation="Stop sharing the document publicly, and share it with the account ids that"
    " need it.",
    cli=(
        "aws ssm modify-document-permission --name DOCUMENT --permission-type Share"
        " --account-ids-to-remove all",
    ),
)
def ssm_document_not_public(document: Document, facts: Facts, context: Context) -> Outcome:
    if not document.is_own:
        return not_applicable("it belongs to another account")
    if any(account.lower() == "all" for account in document.shared_with):
        return failed("shared with every AWS account")
    return passed(f"shared with {len(document.shared_with)} accounts")


@Check(
    title="Block public sharing of documents account-wide",
    row=Row.RUNBOOKS,
    scope=Scope.REGION,
    rollup=True,
    needs=(ServiceSetting,),
    severity=Severity.HIGH,
    best_practices=("OPS07-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    remediation="Block public sharing of documents in the preferences of Systems Manager, in each"
    " region.",
    cli=(
        "aws ssm update-service-setting --setting-value Disable"
        " --setting-id /ssm/documents/console/public-sharing-permission",
    ),
)
def ssm_public_sharing_blocked(facts: Facts, context: Context) -> Outcome:
    setting = facts.of(ServiceSetting).get(PUBLIC_SHARING)
    if setting is None:
        return unknown(not_supplied(ServiceSetting.kind))
    return outcome(setting.value == "Disable", f"public sharing: {setting.value}")


@Check(
    title="Execute or delete pending change sets promptly",
    row=Row.RUNBOOKS,
    resource=Stack,
    needs=(ChangeSets,),
    severity=Severity.LOW,
    best_practices=("OPS06-BP02", "OPS05-BP09"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Days("max_age_days", 7),),
    not_applicable_when="The stack is nested, or is deployed and has no change set.",
    remediation="Execute the reviewed change set or delete it, and delete stacks that were never"
    " deployed; make a new change set against today's template when it is needed.",
    cli=(
        "aws cloudformation execute-change-set --change-set-name CHANGE_SET --stack-name STACK",
        "aws cloudformation delete-change-set --change-set-name CHANGE_SET --stack-name STACK",
    ),
)
def cloudformation_changeset_no_stale_pending(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("its change sets are those of its root")
    found = facts.of(ChangeSets).get(stack.name)
    if not stack.is_under_review and (found is None or not found.change_sets):
        return not_applicable("no change set")
    return all_of(
        part("first deployment", lambda: _is_reviewed(stack, context)),
        part("change sets", lambda: every(_pending(found), lambda c: _is_fresh(c, context))),
    )


def _is_reviewed(stack: Stack, context: Context) -> Outcome:
    if not stack.is_under_review:
        return not_applicable("deployed")
    holds = context.within(stack.created_at, days=context.max_age_days)
    return outcome(holds, f"in review since {stack.created_at:%Y-%m-%d}")


def _pending(found: ChangeSets | None) -> list[ChangeSet]:
    change_sets = found.change_sets if found else ()
    return [change_set for change_set in change_sets if change_set.is_available]


def _is_fresh(change_set: ChangeSet, context: Context) -> Outcome:
    if change_set.created_at is None:
        return unknown(not_supplied(ChangeSets.kind))
    holds = context.within(change_set.created_at, days=context.max_age_days)
    return outcome(holds, f"{change_set.name} of {change_set.created_at:%Y-%m-%d}")
