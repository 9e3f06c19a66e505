"""O2: every action is recorded, completely, and the record can be trusted."""

from __future__ import annotations

from dataclasses import replace

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    not_applicable,
    outcome,
    part,
)
from findings.checks.parameters import Names
from findings.checks.trails import free_of, judged_at_home
from findings.facts.base import Facts, Place, Scope
from findings.facts.cloudtrail import READ, WRITE, Trail
from findings.facts.organizations import Organization

EXCLUDABLE = ("kms.amazonaws.com", "rdsdata.amazonaws.com")


@Check(
    title="Record the whole organization with one organization trail",
    row=Row.AUDIT,
    scope=Scope.ORGANIZATION,
    needs=(Trail, Organization),
    severity=Severity.HIGH,
    best_practices=("OPS01-BP03", "OPS01-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The account belongs to no organization.",
    remediation="From the management account or CloudTrail's delegated administrator, create a"
    " multi-Region organization trail into a bucket of the log archive account and start it.",
    cli=(
        "aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET"
        " --is-organization-trail --is-multi-region-trail --enable-log-file-validation",
        "aws cloudtrail start-logging --name organization",
    ),
)
def cloudtrail_organization_trail_logging(facts: Facts, context: Context) -> Outcome:
    seen = any_of(facts.of(Trail).known, _records_organization)
    if seen.status is Status.PASS:
        return seen
    if not facts.of(Organization):
        return not_applicable("there is no organization")
    # The management account owns every organization trail, also those of an administrator.
    trails = facts.of(Trail, Scope.ACCOUNT)
    return any_of(
        trails, _records_organization, none="no trail is seen from the management account"
    )


def _records_organization(trail: Trail) -> Outcome:
    return _told_of(
        trail,
        all_of(
            part("organization trail", lambda: trail.is_organization),
            part("multi-Region", lambda: trail.is_multi_region),
            part("logging", lambda: trail.is_logging),
        ),
    )


@Check(
    title="Cover every region with an active multi-region trail",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(Trail,),
    severity=Severity.CRITICAL,
    best_practices=("OPS01-BP04", "OPS08-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    remediation="Create a multi-Region trail, or convert one, and start its logging; a trail of the"
    " organization counts for every member account.",
    cli=(
        "aws cloudtrail update-trail --name TRAIL --is-multi-region-trail"
        " --include-global-service-events",
        "aws cloudtrail start-logging --name TRAIL",
    ),
)
def cloudtrail_multi_region_logging(facts: Facts, context: Context) -> Outcome:
    none = "neither the account nor its organization has a trail"
    return any_of(facts.of(Trail), _covers_every_region, none=none)


def _covers_every_region(trail: Trail) -> Outcome:
    return _told_of(
        trail,
        all_of(
            part("multi-Region", lambda: trail.is_multi_region),
            part("global service events", lambda: trail.includes_global_events),
            part("logging", lambda: trail.is_logging),
        ),
    )


@Check(
    title="Capture read and write management events",
    row=Row.AUDIT,
    resource=Trail,
    needs=(At(Scope.ORGANIZATION, Trail),),
    severity=Severity.HIGH,
    best_practices=("OPS01-BP04", "OPS08-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Names("allowed_excludes", EXCLUDABLE),),
    not_applicable_when="The trail is judged at its home, or another active trail that covers the"
    " account's events in the same regions captures all of them.",
    remediation="Set the trail's event selectors to all management events, read and write, without"
    " leaving out services other than KMS and the RDS Data API.",
    cli=(
        "aws cloudtrail put-event-selectors --trail-name TRAIL --event-selectors"
        " ReadWriteType=All,IncludeManagementEvents=true",
    ),
)
def cloudtrail_management_events_complete(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    own = _captures_all(trail, context)
    if own.status is not Status.FAIL:
        return own
    others = any_of(
        facts.of(Trail, Scope.ACCOUNT), lambda other: _stands_in(other, trail, facts, context)
    )
    if others.status is Status.PASS:
        return not_applicable("another active trail captures all management events")
    return own if others.status is Status.FAIL else others


def _stands_in(other: Trail, trail: Trail, facts: Facts, context: Context) -> Outcome:
    """Whether another trail records what this incomplete one leaves out."""
    home = Place(other.owner, other.home_region)
    same_region = other.home_region == trail.home_region and not trail.is_multi_region
    return all_of(
        part("active", lambda: other.is_logging),
        part("same regions", lambda: other.is_multi_region or same_region),
        part(
            "all management events",
            lambda: any_of(facts.at(Trail, home), lambda seen: _is_complete(seen, other, context)),
        ),
    )


def _is_complete(seen: Trail, trail: Trail, context: Context) -> Outcome:
    """Whether a trail seen at the home of another, where its selectors are told, is that one."""
    return all_of(
        part("the trail", lambda: seen.arn == trail.arn),
        part("all management events", lambda: _captures_all(seen, context)),
    )


def _captures_all(trail: Trail, context: Context) -> Outcome:
    events = trail.management_events
    lost = sorted(events.excluded - set(context.allowed_excludes))
    return all_of(
        part("read events", lambda: READ in events.kinds),
        part("write events", lambda: WRITE in events.kinds),
        part("no service left out", lambda: outcome(not lost, ", ".join(lost))),
    )


@Check(
    title="Detect tampering with digest files",
    row=Row.AUDIT,
    resource=Trail,
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    not_applicable_when="The trail is judged at its home.",
    remediation="Turn on log file validation of the trail, and let the bucket policy admit its"
    " digest files.",
    cli=("aws cloudtrail update-trail --name TRAIL --enable-log-file-validation",),
)
def cloudtrail_log_file_validation(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    return all_of(
        part("log file validation", lambda: trail.validates_files),
        part("digests delivered", lambda: free_of(trail.digest_error)),
    )


def _told_of(trail: Trail, found: Outcome) -> Outcome:
    """The outcome with the trail's name, where many trails could be meant."""
    return replace(found, message=f"{trail.name}: {found.message}".removesuffix(": "))
