"""P3: runbooks succeed, do not wait for ever, and those for recovery run before they are needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.automations import Automations, automations_of, rehearsal_of
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.checks.parameters import (
    PRODUCTION,
    Count,
    Days,
    DaysOfMonth,
    Hours,
    Percent,
    SelectorParameter,
)
from findings.facts.base import Facts, Scope, not_supplied
from findings.facts.ssm import AutomationExecution, AutomationHistory, Document

ENDED = ("Success", "Failed", "TimedOut")
UNENDED = (
    "InProgress",
    "Pending",
    "PendingApproval",
    "PendingChangeCalendarOverride",
    "RunbookInProgress",
    "Waiting",
)


@Check(
    title="Rehearse recovery and rollback runbooks before production needs them",
    row=Row.RUNBOOKS,
    scope=Scope.ACCOUNT,
    needs=(Document, At(Scope.ORGANIZATION, AutomationHistory)),
    severity=Severity.HIGH,
    best_practices=("OPS06-BP01", "OPS07-BP03"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(
        SelectorParameter("recovery_tag", {"tag": "Purpose", "tag_values": ["recovery"]}),
        Days("max_age_days", 180),
        PRODUCTION,
    ),
    not_applicable_when="The account is not in production.",
    alternatives=(Tool.RUNBOOKS,),
    remediation="Tag the runbooks that recover or roll back, share them with a test account, and"
    " run them there end to end on a game day.",
    cli=(
        "aws ssm add-tags-to-resource --resource-type Document --resource-id RUNBOOK"
        " --tags Key=Purpose,Value=recovery",
        "aws ssm modify-document-permission --name RUNBOOK --permission-type Share"
        " --account-ids-to-add TEST_ACCOUNT",
    ),
)
def ssm_recovery_runbook_rehearsed(facts: Facts, context: Context) -> Outcome:
    if not context.is_production():
        return not_applicable("the account is not in production")
    runbooks = [d for d in facts.of(Document) if d.is_own and d.is_runbook]
    recovery = [d for d in runbooks if context.recovery_tag.matches_tags(d.tags)]
    if not recovery:
        return failed("no runbook is tagged for recovery")
    outside = context.accounts_outside_production()
    if not outside:
        return unknown(not_supplied(AutomationHistory.kind))
    automations = facts.index(
        (Automations, tuple(outside)),
        lambda: automations_of(facts.of_account(AutomationHistory, each) for each in outside),
    )
    return every(recovery, lambda document: _rehearsal(document, automations, context))


def _rehearsal(document: Document, automations: Automations, context: Context) -> Outcome:
    found = rehearsal_of(document, automations, context)
    return Outcome(found.status, f"{document.name}: {found.message}", found.parts, found.gaps)


@Check(
    title="Keep the runbook success rate above the target",
    row=Row.RUNBOOKS,
    scope=Scope.ACCOUNT,
    needs=(AutomationHistory,),
    severity=Severity.MEDIUM,
    best_practices=("OPS07-BP03", "OPS09-BP01"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        DaysOfMonth("window_days", 30),
        Percent("min_percent", 90),
        Count("min_executions", 5),
    ),
    not_applicable_when="Fewer than min_executions executions of the account ended in the window.",
    remediation="Look for the step that fails most, and give it the permissions, the parameters or"
    " the time that it lacks.",
    cli=(
        "aws ssm describe-automation-executions"
        " --filters Key=ExecutionStatus,Values=Failed,TimedOut"
        " --query AutomationExecutionMetadataList[].[DocumentName,FailureMessage]",
    ),
)
def ssm_automation_success_rate(facts: Facts, context: Context) -> Outcome:
    histories = list(facts.of(AutomationHistory))
    runs = [run for history in histories for run in history.executions if not run.is_child]
    ended = [
        run
        for run in runs
        if run.status in ENDED and context.within(run.started_at, days=context.window_days)
    ]
    if len(ended) < context.min_executions:
        return not_applicable(f"{len(ended)} executions ended")
    groups = defaultdict(list)
    for run in ended:
        groups[run.document].append(run)
    often = [group for group in groups.values() if len(group) >= context.min_executions]
    return all_of(
        part("all", lambda: _succeed("executions", ended, context)),
        part("each", lambda: every(often, lambda g: _succeed(g[0].document, g, context))),
    )


def _succeed(name: str, runs: Sequence[AutomationExecution], context: Context) -> Outcome:
    succeeded = sum(run.status == "Success" for run in runs)
    told = f"{name}: {succeeded} of {len(runs)} succeeded"
    return outcome(100 * succeeded >= context.min_percent * len(runs), told)


@Check(
    title="Resolve executions that wait for approval or input",
    row=Row.RUNBOOKS,
    scope=Scope.REGION,
    needs=(AutomationHistory,),
    severity=Severity.MEDIUM,
    best_practices=("OPS07-BP03", "OPS10-BP01"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Hours("max_hours", 24),),
    not_applicable_when="AWS knows of no execution in the region.",
    remediation="Approve, reject or stop what waits, and give the steps that wait a time-out.",
    cli=(
        "aws ssm send-automation-signal --automation-execution-id ID --signal-type Approve",
        "aws ssm stop-automation-execution --automation-execution-id ID --type Cancel",
    ),
)
def ssm_automation_not_stalled(facts: Facts, context: Context) -> Outcome:
    histories = list(facts.of(AutomationHistory))
    runs = [run for history in histories for run in history.executions]
    if not runs:
        return not_applicable("no execution")
    return every([run for run in runs if run.status in UNENDED], lambda r: _is_fresh(r, context))


def _is_fresh(run: AutomationExecution, context: Context) -> Outcome:
    told = f"{run.document} is {run.status} since {run.started_at:%Y-%m-%d %H:%M} UTC"
    return outcome(context.within(run.started_at, hours=context.max_hours), told)
