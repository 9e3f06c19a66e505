"""O1: changes keep to a calendar, and to templates that somebody reviewed."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    any_of,
    every,
    not_applicable,
    outcome,
    unknown,
)
from findings.checks.parameters import PRODUCTION
from findings.facts.base import Facts, Scope, not_told
from findings.facts.ssm import Document
from findings.facts.ssm_documents import ChangeCalendar

TEMPLATE = "Automation.ChangeTemplate"


@Check(
    title="Publish change freeze periods in a change calendar",
    row=Row.CHANGE,
    scope=Scope.ACCOUNT,
    needs=(ChangeCalendar,),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS07-BP05", "OPS02-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(PRODUCTION,),
    not_applicable_when="The account is not in production.",
    alternatives=(Tool.WORK_TRACKING,),
    remediation="Create a calendar that is open by default, put the freezes into it as events, and"
    " let pipelines and runbooks ask it before they change anything.",
    cli=(
        "aws ssm create-document --name FREEZES --document-type ChangeCalendar"
        " --document-format TEXT --content file://freezes.ics",
        "aws ssm get-calendar-state --calendar-names FREEZES",
    ),
)
def ssm_change_calendar_defined(facts: Facts, context: Context) -> Outcome:
    if not context.is_production():
        return not_applicable("the account is not in production")
    return any_of(facts.of(ChangeCalendar), _answers, none="there is no change calendar")


def _answers(calendar: ChangeCalendar) -> Outcome:
    told = f"{calendar.name} is {calendar.state or 'of no known state'}"
    return outcome(calendar.state in ("OPEN", "CLOSED"), told)


@Check(
    title="Use reviewed change templates where Change Manager is in use",
    row=Row.CHANGE,
    scope=Scope.ACCOUNT,
    needs=(Document,),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS02-BP05", "OPS07-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.REFINE_PROCEDURES),
    not_applicable_when="The account has no change template of its own. Change Manager is closed to"
    " new customers.",
    remediation="Send the template for review and delete those that nobody approves, or move"
    " approvals into the pipelines.",
    cli=(
        "aws ssm update-document-metadata --name TEMPLATE --document-reviews Action=SendForReview",
        "aws ssm delete-document --name TEMPLATE",
    ),
)
def ssm_change_template_approved(facts: Facts, context: Context) -> Outcome:
    templates = [d for d in facts.of(Document) if d.is_own and d.type == TEMPLATE]
    if not templates:
        return not_applicable("no change template")
    return every(templates, _is_approved)


def _is_approved(template: Document) -> Outcome:
    if template.review_status is None:
        return unknown(not_told(Document.kind, "ssm:ListDocuments"))
    told = f"{template.name} is {template.review_status}"
    return outcome(template.review_status == "APPROVED", told)
