"""Collector of Config rules and of how their last evaluations went."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.config import ConfigRule
from workers.collectors.base import Collector, Response, Session, pick

_TAG_KEY = re.compile(r"tag\d+Key")

NOT_TOLD = Gap(
    kind=ConfigRule.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeConfigRuleEvaluationStatus",
)
"""The state of a rule is missing in the list of all states."""


@Collector(
    fact=ConfigRule,
    operations=("config:DescribeConfigRules", "config:DescribeConfigRuleEvaluationStatus"),
)
def config_rules(session: Session) -> Iterator[ConfigRule]:
    listed = list(listed_rules(session))
    if not listed:
        return
    pages = session.client("config").get_paginator("describe_config_rule_evaluation_status")
    told = session.detail(pages.paginate().build_full_result)
    states = pick(told, "ConfigRulesEvaluationStatus", default=())
    if not isinstance(states, Gap):
        states = {state.get("ConfigRuleName"): state for state in states}
    for raw in listed:
        name = raw["ConfigRuleName"]
        yield parse_config_rule(
            raw, states if isinstance(states, Gap) else states.get(name, NOT_TOLD)
        )


def listed_rules(session: Session) -> Iterator[Response]:
    """All rules, also those of conformance packs."""
    return session.items("config", "describe_config_rules", "ConfigRules")


def parse_config_rule(raw: Response, status: Response | Gap) -> ConfigRule:
    return ConfigRule(
        name=raw["ConfigRuleName"],
        arn=raw.get("ConfigRuleArn"),
        created_by=raw.get("CreatedBy"),
        owner=pick(raw, "Source", "Owner"),
        source=pick(raw, "Source", "SourceIdentifier"),
        resource_types=tuple(sorted(pick(raw, "Scope", "ComplianceResourceTypes", default=()))),
        tag_keys=_tag_keys(raw),
        period=_period(raw),
        activated_at=pick(status, "FirstActivatedTime"),
        state=raw.get("ConfigRuleState"),
        evaluated_at=pick(status, "LastSuccessfulEvaluationTime"),
        failed_at=_latest(status, "LastFailedInvocationTime", "LastFailedEvaluationTime"),
        error_code=pick(status, "LastErrorCode"),
        was_evaluated=pick(status, "FirstEvaluationStarted"),
    )


def _latest(status: Response | Gap, *names: str) -> Any:
    if isinstance(status, Gap):
        return status
    return max((status[name] for name in names if status.get(name)), default=None)


def _period(raw: Response) -> str | None:
    """Only rules that Config starts by itself have one; managed ones may leave it out."""
    details = pick(raw, "Source", "SourceDetails", default=())
    scheduled = [d for d in details if d.get("MessageType") == "ScheduledNotification"]
    told = [raw.get("MaximumExecutionFrequency")]
    told += [detail.get("MaximumExecutionFrequency", "TwentyFour_Hours") for detail in scheduled]
    return next((period for period in told if period), None)


def _tag_keys(raw: Response) -> tuple[str, ...]:
    if pick(raw, "Source", "SourceIdentifier") != "REQUIRED_TAGS":
        return ()
    try:
        given = json.loads(raw.get("InputParameters") or "{}")
    except ValueError:
        return ()
    return tuple(sorted(str(value) for name, value in given.items() if _TAG_KEY.fullmatch(name)))
