"""O1: what Config finds is repaired automatically, and the repairs succeed."""

from __future__ import annotations

from collections import Counter
from math import ceil

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    at_least,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Days, Names, Percent
from findings.facts.base import Facts, NotCollected, Scope, not_told
from findings.facts.config_remediation import (
    SAFE,
    Remediation,
    RemediationExecution,
    RemediationHistory,
)

OPERATION = "config:DescribeRemediationExecutionStatus"
KNOWN_STATES = ("QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED")


@Check(
    title="Remediate safe findings automatically",
    row=Row.CHANGE,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ACCOUNT, Remediation),),
    severity=Severity.LOW,
    best_practices=("OPS10-BP07", "OPS05-BP10"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(Names("safe_rules", SAFE), Percent("min_percent", 50)),
    not_applicable_when="No rule in safe_rules has a remediation.",
    remediation="Let the remediation of a safe rule start by itself once it ran well by hand, with"
    " limits on its attempts and on how many resources it repairs at once.",
    cli=(
        "aws configservice describe-remediation-configurations --config-rule-names RULE",
        "aws configservice put-remediation-configurations --remediation-configurations"
        " ConfigRuleName=RULE,TargetType=SSM_DOCUMENT,TargetId=RUNBOOK,TargetVersion=1,"
        "Automatic=true,MaximumAutomaticAttempts=3,RetryAttemptSeconds=300",
    ),
)
def config_remediation_automatic(facts: Facts, context: Context) -> Outcome:
    safe = [one for one in facts.of(Remediation) if one.rule_source in context.safe_rules]
    if not safe:
        return not_applicable("no safe rule has a remediation")
    return at_least(ceil(len(safe) * context.min_percent / 100), safe, _starts_by_itself)


def _starts_by_itself(remediation: Remediation) -> Outcome:
    return all_of(
        part("automatic", lambda: outcome(remediation.is_automatic, remediation.rule)),
        part(
            "attempts limited",
            lambda: outcome(remediation.max_attempts is not None, remediation.rule),
        ),
    )


@Check(
    title="Fix remediations that fail",
    row=Row.CHANGE,
    resource=RemediationHistory,
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP07", "OPS11-BP01"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("window_days", 30), Percent("max_percent", 10)),
    not_applicable_when="The remediation was not executed within window_days.",
    remediation="Correct the role or the parameters of the runbook at the step that fails, and"
    " start the remediation again for the resources that it failed for.",
    cli=(
        "aws configservice describe-remediation-execution-status --config-rule-name RULE",
        "aws configservice start-remediation-execution --config-rule-name RULE"
        " --resource-keys resourceType=TYPE,resourceId=ID",
    ),
)
def config_remediation_executions_succeed(
    history: RemediationHistory, facts: Facts, context: Context
) -> Outcome:
    recent = [one for one in history.executions if _is_recent(one, context)]
    if not recent:
        return not_applicable("it was not executed")
    failing = [one for one in recent if one.state == "FAILED"]
    unclear = [one for one in recent if one.state not in KNOWN_STATES]
    allowed = len(recent) * context.max_percent / 100
    told = f"{len(failing)} of {len(recent)} executions failed"
    if len(failing) > allowed:
        return failed(f"{told}: {_steps(failing)}")
    if len(failing) + len(unclear) > allowed:
        return unknown(not_told(history.kind, OPERATION, "State"))
    return passed(told)


def _is_recent(execution: RemediationExecution, context: Context) -> bool:
    if execution.invoked_at is None:
        raise NotCollected(not_told(RemediationHistory.kind, OPERATION, "InvocationTime"))
    return context.within(execution.invoked_at, days=context.window_days)


def _steps(failing: list[RemediationExecution]) -> str:
    """The steps that failed, the most frequent first."""
    counts = Counter(one.failed_step or "no step told" for one in failing)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{step} ({count})" for step, count in ranked)
