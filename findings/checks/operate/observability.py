"""O3: operators see every account from one place."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
)
from findings.checks.parameters import Count, Flag, Percent
from findings.facts.base import Facts, Place, Scope
from findings.facts.cloudwatch import Alarm
from findings.facts.dashboards import Dashboard
from findings.facts.oam import AttachedLink, Link, Sink
from findings.facts.organizations import MemberAccount

SHOWN = {"AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"}


@Check(
    title="Provide operations dashboards",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(Dashboard, At(Scope.ORGANIZATION, Alarm)),
    severity=Severity.LOW,
    best_practices=("OPS08-BP05", "OPS10-BP06"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Count("min_dashboards", 1), Flag("in_monitoring_account", False)),
    not_applicable_when="in_monitoring_account says that the account's dashboards are kept in a"
    " monitoring account.",
    alternatives=(Tool.MONITORING,),
    remediation="Add a dashboard per service to the stack that owns it, and take alarms that no"
    " longer exist off the others.",
    cli=(
        "aws cloudwatch put-dashboard --dashboard-name SERVICE --dashboard-body file://SERVICE.json",
    ),
)
def cloudwatch_dashboard_present(facts: Facts, context: Context) -> Outcome:
    if context.in_monitoring_account:
        return not_applicable("its dashboards are kept in a monitoring account")
    return all_of(
        part("dashboards", lambda: _are_enough(facts, context)),
        part("alarms exist", lambda: every(facts.of(Dashboard), lambda one: _is_true(one, facts))),
    )


def _are_enough(facts: Facts, context: Context) -> Outcome:
    count = len(facts.of(Dashboard))
    return outcome(count >= context.min_dashboards, f"{count} dashboards")


def _is_true(dashboard: Dashboard, facts: Facts) -> Outcome:
    """Whether every alarm that it shows exists, in whichever account of the organization."""
    return every(dashboard.alarms, lambda arn: _exists(arn, dashboard, facts))


def _exists(arn: str, dashboard: Dashboard, facts: Facts) -> Outcome:
    parts = arn.split(":", 6)
    told = f"{dashboard.name} shows {arn}, which does not exist"
    if len(parts) < 7:
        return failed(told)
    found = facts.at(Alarm, Place(parts[4], parts[3])).get(parts[6])
    return outcome(found is not None, told if found is None else "")


@Check(
    title="Link accounts to a monitoring account",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(Link, Sink, MemberAccount),
    severity=Severity.LOW,
    best_practices=("OPS08-BP01", "OPS09-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Percent("min_percent", 95),),
    not_applicable_when="The organization has one active account.",
    alternatives=(Tool.MONITORING,),
    remediation="Give the monitoring account a sink whose policy admits the organization, and"
    " deploy a link to it to all accounts with a stack set.",
    cli=(
        "aws oam create-link --label-template $AccountName --sink-identifier SINK_ARN"
        " --resource-types AWS::CloudWatch::Metric AWS::Logs::LogGroup AWS::XRay::Trace",
    ),
)
def cloudwatch_cross_account_observability_linked(facts: Facts, context: Context) -> Outcome:
    if any(sink.links for sink in facts.of(Sink)):
        return any_of(facts.of(Sink), lambda sink: _shows_accounts(sink, facts, context))
    linked = any_of(facts.of(Link), _shows_all, none="the account is linked to no sink")
    if linked.status is Status.FAIL and not _others(facts):
        return not_applicable("the organization has one active account")
    return linked


def _shows_all(link: Link | AttachedLink) -> Outcome:
    missing = sorted(SHOWN.difference(link.resource_types))
    return outcome(not missing, f"the link does not show {', '.join(missing)}" if missing else "")


def _shows_accounts(sink: Sink, facts: Facts, context: Context) -> Outcome:
    wanted = _others(facts)
    linked = {link.account for link in sink.links if not SHOWN.difference(link.resource_types)}
    count = len(wanted.intersection(linked))
    told = f"{sink.name} shows {count} of {len(wanted)} accounts"
    return outcome(100 * count >= context.min_percent * len(wanted), told)


def _others(facts: Facts) -> set[str]:
    """All active accounts of the organization but this one."""
    active = {member.id for member in facts.of(MemberAccount) if member.state == "ACTIVE"}
    return active - {facts.place.account}
