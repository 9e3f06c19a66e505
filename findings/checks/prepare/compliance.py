"""P2: what does not comply with the rules of Config is little and young."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
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
    passed,
    unknown,
)
from findings.checks.parameters import Days, Names, Percent
from findings.facts.base import Facts, Gap, GapReason, Scope
from findings.facts.config_compliance import RuleCompliance

NOT_READ = Gap(
    kind=RuleCompliance.kind,
    reason=GapReason.CAPPED,
    operation="config:GetComplianceDetailsByConfigRule",
)


@Check(
    title="Keep the share and age of non-compliant resources within limits",
    row=Row.CONFIGURATION,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ACCOUNT, RuleCompliance),),
    severity=Severity.HIGH,
    best_practices=("OPS01-BP04", "OPS11-BP01"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        Percent("max_percent", 10),
        Days("max_age_days", 30),
        Names("watch_rules", ()),
    ),
    not_applicable_when="No rule of the account has evaluated anything.",
    remediation="Give the oldest resources that do not comply to the team that owns them: repair"
    " each, or record an exception with an end date.",
    cli=(
        "aws configservice describe-compliance-by-config-rule --compliance-types NON_COMPLIANT",
        "aws configservice get-compliance-details-by-config-rule --config-rule-name RULE"
        " --compliance-types NON_COMPLIANT",
    ),
)
def config_noncompliant_backlog_within_limit(facts: Facts, context: Context) -> Outcome:
    rules = [
        rule
        for rule in facts.of(RuleCompliance)
        if rule.compliance in ("COMPLIANT", "NON_COMPLIANT")
    ]
    if not rules:
        return not_applicable("no rule has evaluated anything")
    failing = [rule for rule in rules if rule.compliance == "NON_COMPLIANT"]
    watched = [r for r in failing if not context.watch_rules or r.rule in context.watch_rules]
    share = f"{len(failing)} of {len(rules)} rules are not complied with"
    limit = len(rules) * context.max_percent / 100
    return all_of(
        part("share", lambda: outcome(len(failing) <= limit, share)),
        part("age", lambda: every(watched, lambda rule: _is_young(rule, context))),
    )


def _is_young(rule: RuleCompliance, context: Context) -> Outcome:
    oldest = rule.oldest_result_at
    if oldest is not None and not context.within(oldest, days=context.max_age_days):
        return failed(f"{rule.rule} is not complied with since {oldest:%Y-%m-%d}")
    return passed() if rule.is_read_whole else unknown(NOT_READ)
