"""O2: somebody learns at once of what the record shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.audit_patterns import BASELINE, Event, api_call
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Part,
    Status,
    all_of,
    any_of,
    at_least,
    every,
    failed,
    not_applicable,
    part,
    unknown,
)
from findings.checks.parameters import Names, Percent, Text
from findings.facts.base import Facts, Listing, Place, Scope, not_supplied
from findings.facts.cloudtrail import Trail
from findings.facts.cloudwatch import Alarm
from findings.facts.events import Rule
from findings.facts.logs import MetricFilter

NOBODY = "none"
TRAIL_CHANGES = "cloudtrail"
AUDIT_CHANGES = (
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "config:StopConfigurationRecorder",
    "config:DeleteDeliveryChannel",
)


@Check(
    title="Alarm on changes to the audit and configuration recorders",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(Trail, At(Scope.ORGANIZATION, MetricFilter), At(Scope.ORGANIZATION, Alarm), Rule),
    severity=Severity.HIGH,
    best_practices=("OPS08-BP04", "OPS10-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(Names("events", AUDIT_CHANGES), Text("alerting_tool", NOBODY)),
    not_applicable_when="Another tool alerts (alerting_tool), or only changes of trails are asked"
    " for and the account has no trail of its own.",
    alternatives=(Tool.AUDIT_ANALYSIS,),
    remediation="Add a metric filter for these events to the trail's log group, with an alarm that"
    " notifies a topic, or in each Region an event rule for AWS API Call via CloudTrail that sends"
    " them to a topic; deploy them with the audit baseline.",
    cli=(
        "aws logs put-metric-filter --log-group-name GROUP --filter-name audit-changes"
        " --filter-pattern PATTERN --metric-transformations"
        " metricName=AuditChanges,metricNamespace=CloudTrailMetrics,metricValue=1",
        "aws cloudwatch put-metric-alarm --alarm-name audit-changes --namespace CloudTrailMetrics"
        " --metric-name AuditChanges --statistic Sum --period 300 --evaluation-periods 1"
        " --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold"
        " --alarm-actions TOPIC_ARN",
    ),
)
def cloudtrail_audit_change_alarmed(facts: Facts, context: Context) -> Outcome:
    if context.alerting_tool not in ("", NOBODY):
        return not_applicable(f"{context.alerting_tool} alerts")
    alarms = _Alarms(facts)
    return all_of(*(part(name, partial(_is_noticed, name, alarms)) for name in context.events))


def _is_noticed(name: str, alarms: _Alarms) -> Outcome:
    """Of a call, named ``service:Operation``. Who has no trail cannot change one."""
    facts = alarms.facts
    service, _, operation = name.partition(":")
    is_of_trails = service == TRAIL_CHANGES
    own = any_of(facts.of(Trail), lambda trail: not trail.is_shadow)
    if is_of_trails and own.status is Status.FAIL:
        return not_applicable("the account has no trail of its own")
    event = api_call(service, operation)
    routed = _is_routed_at_homes if is_of_trails else _is_routed_everywhere
    return any_of(
        part("alarm", lambda: _is_alarmed(event, alarms)),
        part(
            "event rule",
            lambda: routed({"source": f"aws.{service}", **_BY_API, "detail": event}, facts),
        ),
    )


_BY_API = {"detail-type": "AWS API Call via CloudTrail"}


def _is_routed_at_homes(event: Event, facts: Facts) -> Outcome:
    """A trail is changed in its home Region, and a rule hears of its own Region only."""
    seen = facts.of(Trail)
    own = Listing([trail for trail in seen.known if not trail.is_shadow], seen.gaps)
    return every(own, lambda trail: _is_routed(trail.home_region, event, facts))


def _is_routed_everywhere(event: Event, facts: Facts) -> Outcome:
    if not facts.regions:
        return unknown(not_supplied(Rule.kind))
    return every(facts.regions, lambda region: _is_routed(region, event, facts))


def _is_routed(region: str, event: Event, facts: Facts) -> Outcome:
    return any_of(
        facts.at(Rule, Place(facts.place.account, region)),
        lambda rule: all_of(
            part("the event", lambda: rule.routes(event)),
            part("target", lambda: bool(rule.targets)),
        ),
        none=f"no event rule in {region}",
    )


def _is_alarmed(event: Event, alarms: _Alarms) -> Outcome:
    """Whether an alarm goes off: of a trail that the account sees, in the trail's log group."""
    return any_of(
        alarms.trails,
        lambda trail: all_of(
            *alarms.recording(trail),
            part("metric filter with an alarm", lambda: _is_counted(trail, event, alarms)),
        ),
        none="no trail",
    )


def _is_counted(trail: Trail, event: Event, alarms: _Alarms) -> Outcome:
    """The log group may be in another account: that of the organization's trail."""
    if trail.log_group_arn is None:
        return failed("the trail has no log group")
    place, filters = alarms.filters(trail.log_group_arn)
    return any_of(filters, lambda found: _raises_alarm(found, event, place, alarms))


def _raises_alarm(found: MetricFilter, event: Event, place: Place, alarms: _Alarms) -> Outcome:
    if not found.takes(event):
        return failed("no metric filter takes it")
    return alarms.of(found, place)


class _Alarms:
    """What is the same for every event, judged once: trails, their filters, what those raise."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._judged: dict[tuple[Place, str], Outcome] = {}
        self._recording: dict[str, tuple[Part, ...]] = {}
        self._filters: dict[str, tuple[Place, Listing[MetricFilter]]] = {}

    @cached_property
    def trails(self) -> Listing[Trail]:
        """Each once, however many Regions see it."""
        seen = self.facts.of(Trail)
        return Listing({trail.arn: trail for trail in seen.known}.values(), seen.gaps)

    def recording(self, trail: Trail) -> tuple[Part, ...]:
        """Whether a trail records what happens, wherever it happens."""
        if trail.arn not in self._recording:
            self._recording[trail.arn] = (
                part("multi-Region", lambda: trail.is_multi_region),
                part("logging", lambda: trail.is_logging),
            )
        return self._recording[trail.arn]

    def filters(self, log_group_arn: str) -> tuple[Place, Listing[MetricFilter]]:
        """Where a log group is, and its metric filters."""
        if log_group_arn not in self._filters:
            _, _, _, region, account, _, group, *_ = log_group_arn.split(":")
            place = Place(account, region)
            found = self.facts.at(MetricFilter, place)
            of_group = Listing([f for f in found.known if f.log_group == group], found.gaps)
            self._filters[log_group_arn] = (place, of_group)
        return self._filters[log_group_arn]

    def of(self, found: MetricFilter, place: Place) -> Outcome:
        """Whether an alarm goes off by what a filter counts."""
        key = (place, found.key)
        if key not in self._judged:
            listing = self.facts.at(Alarm, place)
            self._judged[key] = any_of(listing, partial(_goes_off, found), none="no alarm")
        return self._judged[key]


def _goes_off(found: MetricFilter, alarm: Alarm) -> Outcome:
    counted = {(metric.namespace, metric.name) for metric in found.metrics}
    return all_of(
        part("metric", lambda: any((m.namespace, m.name) in counted for m in alarm.metrics)),
        part("action", lambda: bool(alarm.alarm_actions)),
        part("actions enabled", lambda: alarm.actions_enabled),
    )


@Check(
    title="Alarm on the baseline set of audit events",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(Trail, At(Scope.ORGANIZATION, MetricFilter), At(Scope.ORGANIZATION, Alarm)),
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP04", "OPS10-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(
        Names("pattern_set", tuple(BASELINE)),
        Percent("min_covered_percent", 100),
        Text("alerting_tool", NOBODY),
    ),
    not_applicable_when="Security Hub, GuardDuty, a SIEM or another tool alerts (alerting_tool), or"
    " no kind of event is asked for.",
    alternatives=(Tool.AUDIT_ANALYSIS,),
    remediation="Deploy the metric filters and alarms of the CIS AWS Foundations Benchmark once, at"
    " the log group of the organization's trail.",
    cli=(
        "aws logs put-metric-filter --log-group-name GROUP --filter-name root-use --filter-pattern"
        " PATTERN --metric-transformations"
        " metricName=RootUse,metricNamespace=CloudTrailMetrics,metricValue=1",
    ),
)
def cloudtrail_baseline_metric_filters_alarmed(facts: Facts, context: Context) -> Outcome:
    if context.alerting_tool not in ("", NOBODY):
        return not_applicable(f"{context.alerting_tool} alerts")
    wanted = {name: events for name, events in BASELINE.items() if name in context.pattern_set}
    if not wanted:
        return not_applicable("no kind of event is asked for")
    alarms = _Alarms(facts)
    parts = [part(name, partial(_are_alarmed, events, alarms)) for name, events in wanted.items()]
    least = len(parts) * context.min_covered_percent / 100
    found = at_least(least, parts, lambda one: Outcome(one.status, one.name, gaps=one.gaps))
    missing = ", ".join(one.name for one in parts if one.status is not Status.PASS)
    told = f"{len(parts)} kinds of events are asked for; not alarmed: {missing or 'none'}"
    return replace(found, parts=tuple(parts), message=told)


def _are_alarmed(events: Sequence[Event], alarms: _Alarms) -> Outcome:
    return every(events, lambda event: _is_alarmed(event, alarms))
