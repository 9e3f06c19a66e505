"""P2: it is evaluated continuously whether resources say who owns them."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, any_of, every, not_applicable, outcome, part
from findings.checks.parameters import Names
from findings.checks.recorders import own_recorders
from findings.facts.base import Facts, Place, Scope
from findings.facts.config import ConfigRule, Recorder
from findings.facts.organizations import TagPolicy

ACTIVE_STATES = ("ACTIVE", "EVALUATING", "DELETING_RESULTS")


@Check(
    title="Evaluate ownership tags continuously",
    row=Row.CONFIGURATION,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ACCOUNT, Recorder), At(Scope.ACCOUNT, ConfigRule), TagPolicy),
    severity=Severity.LOW,
    best_practices=("OPS02-BP01",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(Names("required_tags", ("Owner", "Environment")),),
    not_applicable_when="The account belongs to no organization and has no recorder of its own, or"
    " no tag is required.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Add the rule required-tags to the baseline stack set, so that it runs in every"
    " region that is recorded, or attach a tag policy for these keys at the root.",
    cli=(
        "aws configservice put-config-rule --config-rule"
        """ '{"ConfigRuleName": "required-tags","""
        """ "Source": {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"},"""
        """ "InputParameters": "{\\"tag1Key\\": \\"Owner\\"}"}'""",
        "aws organizations attach-policy --policy-id POLICY --target-id ROOT",
    ),
)
def config_ownership_tag_rule_deployed(facts: Facts, context: Context) -> Outcome:
    required = set(context.required_tags)
    if not required:
        return not_applicable("no tag is required")
    return any_of(
        part("rules", lambda: _are_asked_for_by_rules(required, facts)),
        part("tag policy", lambda: _are_in_policy(required, facts)),
    )


def _are_asked_for_by_rules(required: set[str], facts: Facts) -> Outcome:
    """Rules of a region evaluate the resources of that region, so each that records needs one."""
    regions = sorted({recorder.region for recorder in own_recorders(facts)})
    if not regions:
        return not_applicable("nothing is recorded")
    return every(regions, lambda region: _are_asked_for_in(region, required, facts))


def _are_asked_for_in(region: str, required: set[str], facts: Facts) -> Outcome:
    rules = facts.at(ConfigRule, Place(facts.place.account, region))
    asked = {key for rule in rules if rule.state in ACTIVE_STATES for key in rule.tag_keys}
    missing = ", ".join(sorted(required - asked))
    return outcome(not missing, f"no rule in {region} asks for {missing}")


def _are_in_policy(required: set[str], facts: Facts) -> Outcome:
    policy = next(iter(facts.of(TagPolicy)), None)
    if policy is None:
        return not_applicable("there is no organization")
    missing = ", ".join(sorted(required - set(policy.tag_keys)))
    return outcome(not missing, f"none speaks of {missing}")
