"""P1: how much of a region is declared in stacks, by CloudFormation's scans of its resources."""

from __future__ import annotations

from collections.abc import Sequence

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.checks.parameters import Days, Names, Percent
from findings.facts.base import Facts, Gap, GapReason, Scope
from findings.facts.cloudformation import Stack
from findings.facts.cloudformation_scans import SERVICE_LINKED_ROLE, ResourceScan, ScannedType
from findings.facts.cloudwatch import Alarm
from findings.facts.logs import LogGroup

NO_SCAN = Gap(
    kind=ResourceScan.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="cloudformation:ListResourceScans",
)
MOST_TYPES = 20


@Check(
    title="Manage at least the agreed share of resources through CloudFormation",
    row=Row.INFRASTRUCTURE_AS_CODE,
    scope=Scope.REGION,
    needs=(ResourceScan,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP03", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(
        Percent("min_percent", 80),
        Names(
            "excluded_types",
            ("AWS::EC2::NetworkInterface", "AWS::Logs::LogStream", SERVICE_LINKED_ROLE),
        ),
    ),
    not_applicable_when="The newest scan found no resource that counts.",
    alternatives=(Tool.INFRASTRUCTURE_AS_CODE,),
    remediation="Bring resources that no stack holds into one with the IaC generator or a resource"
    " import, beginning with the types of which there are most.",
    cli=(
        "aws cloudformation list-resource-scan-resources --resource-scan-id SCAN_ID",
        "aws cloudformation create-generated-template --generated-template-name NAME"
        " --resources file://resources.json",
    ),
)
def cloudformation_resource_coverage_minimum(facts: Facts, context: Context) -> Outcome:
    scans = [scan for scan in facts.of(ResourceScan) if scan.completed_at is not None]
    if not scans:
        return unknown(NO_SCAN)
    found = [
        scanned
        for scan in scans
        for scanned in scan.found
        if scanned.type not in context.excluded_types
    ]
    managed = sum(scanned.managed for scanned in found)
    total = managed + sum(scanned.unmanaged for scanned in found)
    if not total:
        return not_applicable("no resource that counts")
    return outcome(
        managed * 100 >= context.min_percent * total,
        f"{managed} of {total} resources are in stacks by the scan of"
        f" {scans[0].completed_at:%Y-%m-%d}, expected {context.min_percent:g} %"
        f"{_outside(found)}",
    )


def _outside(found: Sequence[ScannedType]) -> str:
    """The types with the most resources outside of stacks."""
    order = sorted(found, key=lambda scanned: (-scanned.unmanaged, scanned.type))
    told = [f"{each.type} {each.unmanaged}" for each in order[:MOST_TYPES] if each.unmanaged]
    return f" (outside: {', '.join(told)})" if told else ""


@Check(
    title="Refresh the account resource scan regularly",
    row=Row.INFRASTRUCTURE_AS_CODE,
    scope=Scope.REGION,
    needs=(ResourceScan, Alarm, LogGroup, Stack),
    severity=Severity.LOW,
    best_practices=("OPS05-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.REFINE_PROCEDURES),
    parameters=(Days("max_age_days", 30),),
    not_applicable_when="The region runs no workload: it has no alarm, log group or stack.",
    alternatives=(Tool.INFRASTRUCTURE_AS_CODE,),
    remediation="Start a resource scan by a scheduled job at least once a month; it only reads.",
    cli=(
        "aws cloudformation start-resource-scan",
        "aws cloudformation list-resource-scans",
    ),
)
def cloudformation_resource_scan_recent(facts: Facts, context: Context) -> Outcome:
    found = any_of(facts.of(ResourceScan), lambda scan: _is_recent(scan, context))
    if found.status is not Status.FAIL:
        return found
    workload = any_of(
        part("alarm", lambda: bool(facts.of(Alarm))),
        part("log group", lambda: bool(facts.of(LogGroup))),
        part("stack", lambda: bool(facts.of(Stack))),
    )
    if workload.status is Status.FAIL:
        return not_applicable("the region has no alarm, log group or stack")
    return found if workload.status is Status.PASS else workload


def _is_recent(scan: ResourceScan, context: Context) -> Outcome:
    if scan.completed_at is None:
        return failed("no complete scan is kept")
    return outcome(
        context.within(scan.completed_at, days=context.max_age_days),
        f"the last complete scan ended on {scan.completed_at:%Y-%m-%d}",
    )
