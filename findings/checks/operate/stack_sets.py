"""O1: stack sets change many accounts gradually, and completely."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, not_applicable, outcome, part, unknown
from findings.checks.parameters import Percent
from findings.facts.base import Facts, not_told
from findings.facts.cloudformation_stack_sets import (
    StackInstances,
    StackSetOperation,
    StackSetRun,
)

RECENT_DAYS = 90


@Check(
    title="Finish stack set operations without failed instances",
    row=Row.CHANGE,
    resource=StackSetRun,
    needs=(StackInstances,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP10", "OPS06-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Percent("max_failure_percent", 20), Percent("max_concurrent_percent", 50)),
    not_applicable_when="No operation that began in the last 90 days has ended.",
    remediation="Read why instances failed, correct the role or resource that stands in the way in"
    " their accounts, and run the operation again with a low failure tolerance and in few accounts"
    " at once.",
    cli=(
        "aws cloudformation list-stack-set-operation-results --stack-set-name STACK_SET"
        " --operation-id OPERATION_ID --filters Name=OPERATION_RESULT_STATUS,Values=FAILED",
        "aws cloudformation update-stack-set --stack-set-name STACK_SET --use-previous-template"
        " --operation-preferences FailureTolerancePercentage=10,MaxConcurrentPercentage=25",
    ),
)
def cloudformation_stackset_operations_succeed(
    run: StackSetRun, facts: Facts, context: Context
) -> Outcome:
    latest: StackSetOperation | None = run.latest
    if latest is None:
        return not_applicable("no operation has ended")
    if not context.within(latest.started_at, days=RECENT_DAYS):
        return not_applicable(f"the last operation was on {latest.started_at:%Y-%m-%d}")
    return all_of(
        part("status", lambda: _succeeded(latest)),
        part("failed instances", lambda: _none_failed(latest)),
        part("failure tolerance", lambda: _tolerates_few(latest, run, facts, context)),
        part("concurrency", lambda: _goes_gradually(latest, run, facts, context)),
    )


def _succeeded(latest: StackSetOperation) -> Outcome:
    told = f"the {latest.action} of {latest.started_at:%Y-%m-%d} is {latest.status}"
    return outcome(latest.status == "SUCCEEDED", told)


def _none_failed(latest: StackSetOperation) -> Outcome:
    if latest.failed_instances is None:
        return unknown(not_told(StackSetRun.kind, "cloudformation:ListStackSetOperations"))
    return outcome(latest.failed_instances == 0, f"{latest.failed_instances} failed")


def _tolerates_few(
    latest: StackSetOperation, run: StackSetRun, facts: Facts, context: Context
) -> Outcome:
    most = context.max_failure_percent
    if latest.tolerated_percent is not None:
        told = f"{latest.tolerated_percent} %, expected at most {most:g} %"
        return outcome(latest.tolerated_percent <= most, told)
    return _is_share(latest.tolerated_count or 0, most, run, facts)


def _goes_gradually(
    latest: StackSetOperation, run: StackSetRun, facts: Facts, context: Context
) -> Outcome:
    """One account at once cannot be less."""
    most = context.max_concurrent_percent
    if latest.concurrent_percent is not None:
        told = f"{latest.concurrent_percent} %, expected at most {most:g} %"
        return outcome(latest.concurrent_percent <= most, told)
    count = latest.concurrent_count or 1
    return outcome(True) if count == 1 else _is_share(count, most, run, facts)


def _is_share(count: int, most: float, run: StackSetRun, facts: Facts) -> Outcome:
    """Whether a count of accounts is at most so many percent of those that have instances."""
    if count == 0:
        return outcome(True)
    instances = facts.of(StackInstances).get(run.stack_set)
    accounts = instances.accounts if instances else 0
    told = f"{count} of {accounts} accounts, expected at most {most:g} %"
    return outcome(count * 100 <= most * accounts, told)
