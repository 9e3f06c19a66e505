"""P2: rules that a runbook can repair have a remediation."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, any_of, not_applicable, outcome, part
from findings.checks.parameters import Names
from findings.facts.base import Facts
from findings.facts.config import ConfigRule
from findings.facts.config_remediation import REMEDIABLE, Remediation


@Check(
    title="Attach a remediation to rules that can be repaired by runbook",
    row=Row.CONFIGURATION,
    resource=ConfigRule,
    needs=(Remediation,),
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP07", "OPS07-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Names("remediable_rules", tuple(REMEDIABLE)),),
    not_applicable_when="No runbook in remediable_rules repairs what the rule finds, a service,"
    " a conformance pack or the organization created it, or it is being deleted.",
    alternatives=(Tool.RUNBOOKS,),
    remediation="Give the rule a remediation by an Automation runbook of a fixed version, and start"
    " it by hand until it has proved itself.",
    cli=(
        "aws configservice put-remediation-configurations --remediation-configurations"
        " ConfigRuleName=RULE,TargetType=SSM_DOCUMENT,TargetId=RUNBOOK,TargetVersion=1",
        "aws configservice start-remediation-execution --config-rule-name RULE"
        " --resource-keys resourceType=TYPE,resourceId=ID",
    ),
)
def config_rule_remediation_configured(rule: ConfigRule, facts: Facts, context: Context) -> Outcome:
    if rule.source not in context.remediable_rules:
        return not_applicable("no runbook is known for it")
    if rule.created_by is not None:
        return not_applicable(f"{rule.created_by} created it")
    if rule.state == "DELETING":
        return not_applicable("it is being deleted")
    own = [one for one in facts.of(Remediation) if one.rule == rule.name]
    return any_of(own, _is_by_runbook, none="it has no remediation")


def _is_by_runbook(remediation: Remediation) -> Outcome:
    return all_of(
        part("runbook", lambda: remediation.target_type == "SSM_DOCUMENT"),
        part("fixed version", lambda: _is_pinned(remediation)),
    )


def _is_pinned(remediation: Remediation) -> Outcome:
    return outcome(remediation.is_pinned, f"names version {remediation.target_version}")
