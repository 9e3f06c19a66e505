"""O2: more than management events is recorded where it matters, and can be asked for answers."""

from __future__ import annotations

from functools import partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
)
from findings.checks.parameters import Days, Names, Text
from findings.checks.trails import judged_at_home
from findings.facts.base import Facts, Place, Scope
from findings.facts.cloudtrail import READ, WRITE, DataEvents, EventDataStore, Trail
from findings.facts.organizations import Organization

NOBODY = "none"


@Check(
    title="Detect unusual API call and error rates",
    row=Row.AUDIT,
    resource=Trail,
    severity=Severity.LOW,
    best_practices=("OPS08-BP02", "OPS08-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY, Principle.ANTICIPATE_FAILURE),
    parameters=(Names("required", ("ApiCallRateInsight", "ApiErrorRateInsight")),),
    not_applicable_when="The trail is judged at its home.",
    alternatives=(Tool.AUDIT_ANALYSIS,),
    remediation="Turn on CloudTrail Insights for both rates of management events, once: on the"
    " organization's trail where there is one.",
    cli=(
        "aws cloudtrail put-insight-selectors --trail-name TRAIL --insight-selectors"
        " InsightType=ApiCallRateInsight InsightType=ApiErrorRateInsight",
    ),
)
def cloudtrail_insights_enabled(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    found = {insight.type for insight in trail.insights if insight.is_of_management}
    missing = sorted(set(context.required) - found)
    return outcome(not missing, f"not looked for: {', '.join(missing)}" if missing else "")


@Check(
    title="Capture object and function data events where they matter",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ORGANIZATION, Trail), At(Scope.ORGANIZATION, EventDataStore), Organization),
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04", "OPS08-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(
        Names("required_types", ("AWS::S3::Object", "AWS::Lambda::Function")),
        Names("read_write", (READ, WRITE)),
        Names("data_event_exempt", ()),
    ),
    not_applicable_when="The account is named in data_event_exempt.",
    remediation="Add advanced event selectors for data events to the organization's trail; limit"
    " them by resources.ARN to the buckets and functions that matter, since each event costs.",
    cli=(
        "aws cloudtrail put-event-selectors --trail-name TRAIL"
        " --advanced-event-selectors file://SELECTORS.json",
    ),
)
def cloudtrail_data_events_captured(facts: Facts, context: Context) -> Outcome:
    if facts.place.account in context.data_event_exempt:
        return not_applicable("the account is exempt")
    wanted = [(type_, kind) for type_ in context.required_types for kind in context.read_write]
    return all_of(
        *(
            part(f"{kind} events of {type_}", partial(_are_captured, (type_, kind), facts))
            for type_, kind in wanted
        )
    )


def _are_captured(wanted: DataEvents, facts: Facts) -> Outcome:
    return any_of(
        part(
            "trail",
            lambda: any_of(
                facts.of(Trail, Scope.ACCOUNT), lambda trail: _trail_takes(trail, wanted, facts)
            ),
        ),
        part("event data store", lambda: _stores_take(wanted, facts)),
    )


def _trail_takes(trail: Trail, wanted: DataEvents, facts: Facts) -> Outcome:
    """Selectors are told at the home of a trail, in its owner's account."""
    home = Place(trail.owner, trail.home_region)
    return all_of(
        part("logging", lambda: trail.is_logging),
        part(
            "selected",
            lambda: any_of(
                facts.at(Trail, home),
                lambda seen: outcome(seen.arn == trail.arn and wanted in seen.data_events),
            ),
        ),
    )


def _stores_take(wanted: DataEvents, facts: Facts) -> Outcome:
    return any_of(
        part(
            "of the account",
            lambda: any_of(
                facts.of(EventDataStore, Scope.ACCOUNT), lambda store: _store_takes(store, wanted)
            ),
        ),
        part("of the organization", lambda: _organization_takes(wanted, facts)),
    )


def _organization_takes(wanted: DataEvents, facts: Facts) -> Outcome:
    """The management account owns the organization's stores, also those of an administrator."""
    return any_of(
        facts.of(Organization),
        lambda organization: any_of(
            facts.of_account(EventDataStore, organization.management_account),
            lambda store: all_of(
                part("of the organization", lambda: store.is_organization),
                part("takes them", lambda: _store_takes(store, wanted)),
            ),
        ),
    )


def _store_takes(store: EventDataStore, wanted: DataEvents) -> Outcome:
    return all_of(
        part("enabled", lambda: store.status == "ENABLED"),
        part("selected", lambda: wanted in store.data_events),
    )


@Check(
    title="Keep a queryable organization event store with protection",
    row=Row.AUDIT,
    scope=Scope.ORGANIZATION,
    needs=(EventDataStore, Organization),
    severity=Severity.LOW,
    best_practices=("OPS08-BP02", "OPS11-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Days("min_days", 365), Text("query_tool", NOBODY)),
    not_applicable_when="There is no organization, no event data store is in use (CloudTrail Lake"
    " takes no new customers), or another tool answers questions (query_tool).",
    alternatives=(Tool.AUDIT_ANALYSIS, Tool.LOG_MANAGEMENT),
    remediation="Make the event data store multi-Region and organization-wide, with a key of your"
    " own, termination protection and the retention that is asked for; or name the tool that"
    " replaces it in query_tool.",
    cli=(
        "aws cloudtrail update-event-data-store --event-data-store STORE_ARN --multi-region-enabled"
        " --organization-enabled --termination-protection-enabled --retention-period 365"
        " --kms-key-id KEY_ARN",
    ),
)
def cloudtrail_lake_store_configured(facts: Facts, context: Context) -> Outcome:
    if context.query_tool not in ("", NOBODY):
        return not_applicable(f"questions are put to {context.query_tool}")
    if not facts.of(Organization):
        return not_applicable("there is no organization")
    stores = facts.of(EventDataStore, Scope.ACCOUNT)
    used = any_of(stores, lambda store: store.status != "PENDING_DELETION")
    if used.status is Status.FAIL:
        return not_applicable("no event data store is in use")
    if used.status is Status.UNKNOWN:
        return used
    return any_of(stores, lambda store: _is_configured(store, context))


def _is_configured(store: EventDataStore, context: Context) -> Outcome:
    return all_of(
        part("enabled", lambda: store.status == "ENABLED"),
        part("multi-Region", lambda: store.is_multi_region),
        part("of the organization", lambda: store.is_organization),
        part("termination protection", lambda: store.is_protected),
        part("kept long enough", lambda: _is_kept(store, context)),
        part("key", lambda: store.key_id is not None),
    )


def _is_kept(store: EventDataStore, context: Context) -> Outcome:
    if store.retention_days >= context.min_days:
        return outcome(True)
    return failed(f"kept {store.retention_days} days")
