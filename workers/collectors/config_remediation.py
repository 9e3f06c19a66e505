"""Collectors of the remediations of Config rules, and of their executions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from findings.facts.base import Gap
from findings.facts.config_remediation import (
    Remediation,
    RemediationExecution,
    RemediationHistory,
)
from workers.collectors.base import Collector, Response, Session, in_batches, pick, told
from workers.collectors.config_rules import listed_rules

BATCH = 25
CONFIGURATIONS = "config:DescribeRemediationConfigurations"
LISTINGS = ("config:DescribeConfigRules", CONFIGURATIONS)


@Collector(fact=Remediation, operations=LISTINGS)
def remediations(session: Session) -> Iterator[Remediation]:
    sources = _sources(session)
    for raw in _configured(session, sources):
        yield parse_remediation(raw, sources.get(raw["ConfigRuleName"]))


def _sources(session: Session) -> Mapping[str, str | None]:
    sources = (
        (raw["ConfigRuleName"], pick(raw, "Source", "SourceIdentifier"))
        for raw in listed_rules(session)
    )
    return dict(sources)


def _configured(session: Session, rules: Mapping[str, str | None]) -> Iterator[Response]:
    for names in in_batches(sorted(rules), BATCH):
        yield from session.items(
            "config",
            "describe_remediation_configurations",
            "RemediationConfigurations",
            ConfigRuleNames=names,
        )


def parse_remediation(raw: Response, rule_source: str | None) -> Remediation:
    """Absent is what Config does by default: it waits for somebody to start it."""
    return Remediation(
        rule=raw["ConfigRuleName"],
        resource_type=raw.get("ResourceType", ""),
        rule_source=rule_source,
        target_type=told(raw, "TargetType", Remediation, CONFIGURATIONS),
        target_version=raw.get("TargetVersion"),
        is_automatic=raw.get("Automatic", False),
        max_attempts=raw.get("MaximumAutomaticAttempts"),
    )


@Collector(
    fact=RemediationHistory, operations=(*LISTINGS, "config:DescribeRemediationExecutionStatus")
)
def remediation_histories(session: Session) -> Iterator[RemediationHistory]:
    client = session.client("config")
    pages = client.get_paginator("describe_remediation_execution_status")
    rules = {raw["ConfigRuleName"] for raw in _configured(session, _sources(session))}
    for rule in sorted(rules):
        asked = pages.paginate(ConfigRuleName=rule)
        try:
            executions = session.detail(asked.build_full_result)
        except client.exceptions.NoSuchRemediationConfigurationException:
            continue  # it was deleted after it was listed
        yield parse_remediation_history(rule, executions)


def parse_remediation_history(rule: str, executions: Response | Gap) -> RemediationHistory:
    listed = pick(executions, "RemediationExecutionStatuses", default=())
    if not isinstance(listed, Gap):
        listed = tuple(sorted(map(_execution, listed), key=repr))
    return RemediationHistory(rule=rule, executions=listed)


def _execution(raw: Response) -> RemediationExecution:
    """Error messages are texts of whoever wrote the runbook: none is kept."""
    steps = raw.get("StepDetails") or ()
    return RemediationExecution(
        state=raw.get("State"),
        invoked_at=raw.get("InvocationTime"),
        failed_step=next((s.get("Name") for s in steps if s.get("State") == "FAILED"), None),
    )
