"""P3: the response to an incident begins with a runbook."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
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
)
from findings.checks.parameters import Count
from findings.facts.base import Facts, Listing, Scope
from findings.facts.incidents import ReplicationSet, ResponsePlan
from findings.facts.ssm import RESERVED_PREFIXES, Document


@Check(
    title="Start a runbook from every incident response plan",
    row=Row.RUNBOOKS,
    scope=Scope.ACCOUNT,
    needs=(ReplicationSet, ResponsePlan, Document),
    severity=Severity.MEDIUM,
    best_practices=("OPS07-BP03", "OPS10-BP01", "OPS10-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Count("min_plans", 1),),
    not_applicable_when="The account has no replication set: Incident Manager, which is closed to"
    " new customers, is not in use.",
    alternatives=(Tool.INCIDENT_RESPONSE,),
    remediation="Name an Automation runbook as the plan's action, and the people or the chat"
    " channel that it tells.",
    cli=(
        "aws ssm-incidents update-response-plan --arn PLAN --actions file://runbook.json"
        " --engagements CONTACT",
    ),
)
def incident_response_plan_runs_runbook(facts: Facts, context: Context) -> Outcome:
    if not facts.of(ReplicationSet):
        return not_applicable("Incident Manager is not in use")
    found = facts.of(ResponsePlan)
    return all_of(
        part("plans", lambda: _are_enough(found, context)),
        part("runbooks", lambda: every(found, lambda plan: _runs(plan, facts))),
        part("responders", lambda: every(found, _tells)),
    )


def _are_enough(plans: Listing[ResponsePlan], context: Context) -> Outcome:
    """Each region of the replication set tells the same plans."""
    count = len({plan.arn for plan in plans})
    return outcome(count >= context.min_plans, f"{count}, expected at least {context.min_plans:g}")


def _runs(plan: ResponsePlan, facts: Facts) -> Outcome:
    if not plan.runbooks:
        return failed(f"{plan.name} starts none")
    return every(plan.runbooks, lambda runbook: _exists(runbook, plan, facts))


def _exists(runbook: str, plan: ResponsePlan, facts: Facts) -> Outcome:
    """Own documents are listed by name, shared ones by ARN, those of AWS not at all."""
    name = runbook.rpartition("/")[2] if runbook.startswith("arn:") else runbook
    if name.lower().startswith(RESERVED_PREFIXES):
        return passed()
    message = f"{plan.name} starts {name}, which is not there"
    return any_of(
        facts.of(Document), lambda document: document.name in (runbook, name), message=message
    )


def _tells(plan: ResponsePlan) -> Outcome:
    return any_of(
        part("engagements", lambda: plan.engagements > 0),
        part("chat channel", lambda: plan.chat_channels > 0),
        message=f"{plan.name} tells nobody",
    )
