"""E1: builds say what they tested."""

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
from findings.checks.parameters import DaysOfMonth, Percent
from findings.facts.base import Facts, Scope
from findings.facts.codebuild import BuildProject, ReportGroup


@Check(
    title="Publish test and coverage reports from builds",
    row=Row.DELIVERY,
    scope=Scope.REGION,
    needs=(ReportGroup, BuildProject),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP02", "OPS05-BP07"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(DaysOfMonth("max_age_days", 30), Percent("min_coverage", 60)),
    not_applicable_when="The region has no build project.",
    alternatives=(Tool.DELIVERY,),
    remediation="Add a reports section to the buildspec of the project that runs the tests, and"
    " leave the encryption of exported reports on.",
    cli=(
        "aws codebuild create-report-group --name tests --type TEST --export-config"
        " exportConfigType=NO_EXPORT",
    ),
)
def codebuild_test_reports_published(facts: Facts, context: Context) -> Outcome:
    if not facts.of(BuildProject):
        return not_applicable("nothing is built")
    groups = facts.of(ReportGroup)
    return all_of(
        part(
            "recent test report",
            lambda: any_of(groups, lambda g: _is_tested(g, context), none="no report group"),
        ),
        part("coverage", lambda: every(groups, lambda group: _is_covered(group, context))),
        part("exports encrypted", lambda: every(groups, _is_encrypted)),
    )


def _is_tested(group: ReportGroup, context: Context) -> Outcome:
    return all_of(
        part("of tests", lambda: group.type == "TEST"),
        part("recent", lambda: _is_recent(group, context)),
    )


def _is_recent(group: ReportGroup, context: Context) -> Outcome:
    reported = group.succeeded_at
    if reported is None:
        return failed("no report succeeded")
    told = f"newest of {reported:%Y-%m-%d}"
    return outcome(context.within(reported, days=context.max_age_days), told)


def _is_covered(group: ReportGroup, context: Context) -> Outcome:
    """Where the newest report tells how many lines the tests ran."""
    covered = group.line_coverage
    if covered is None:
        return passed()
    told = f"{_name(group)} covers {covered:.0f} percent of lines"
    return outcome(covered >= context.min_coverage, told)


def _is_encrypted(group: ReportGroup) -> Outcome:
    return outcome(group.is_export_encrypted, f"{_name(group)} is exported in plain")


def _name(group: ReportGroup) -> str:
    return group.arn.rpartition("/")[2]
