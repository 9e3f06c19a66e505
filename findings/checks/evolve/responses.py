"""E3: people react to what calls them."""

from __future__ import annotations

import math
from datetime import timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    at_least,
    failed,
    not_applicable,
    passed,
    unknown,
)
from findings.checks.parameters import DaysOfMonth, Minutes, Names
from findings.facts.base import Facts, Scope, not_told
from findings.facts.pages import Page


@Check(
    title="Acknowledge pages within the target time",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(Page,),
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP01", "OPS09-BP01"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.REFINE_PROCEDURES),
    parameters=(
        DaysOfMonth("window_days", 30),
        Minutes("max_minutes", 15),
        Names("page_sources", ()),
    ),
    not_applicable_when="Nothing called anybody within window_days.",
    alternatives=(Tool.INCIDENT_RESPONSE,),
    remediation="Review who is called when and how, and remove alarms that never need anybody.",
    cli=("aws ssm describe-ops-items --ops-item-filters Key=Status,Values=Open,Operator=Equal",),
)
def cloudwatch_alarm_acknowledged_in_time(facts: Facts, context: Context) -> Outcome:
    """The median is within the target when at least half of the pages are."""
    by_id = {page.id: page for page in facts.of(Page) if _counts(page, context)}
    if not by_id:
        return not_applicable("nothing called anybody")
    found = at_least(math.ceil(len(by_id) / 2), by_id.values(), lambda p: _in_time(p, context))
    if found.status is Status.UNKNOWN:
        return found
    few = "at least" if found.status is Status.PASS else "less than"
    told = f"{few} half of {len(by_id)} pages within {context.max_minutes:g} minutes"
    return Outcome(found.status, told)


def _counts(page: Page, context: Context) -> bool:
    is_of_source = not context.page_sources or page.source in context.page_sources
    return is_of_source and context.within(page.began_at, days=context.window_days)


def _in_time(page: Page, context: Context) -> Outcome:
    if page.reacted_at is None:
        if context.within(page.began_at, minutes=context.max_minutes):
            return unknown(not_told(Page.kind, "", "still waiting"))
        return failed("nobody reacted")
    if page.reacted_at <= page.began_at + timedelta(minutes=context.max_minutes):
        return passed()
    if page.is_exact:
        return failed("reacted late")
    return unknown(not_told(Page.kind, "", "first reaction"))
