"""O2: the record of what happened reaches those who need it, in time."""

from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import Flag, Hours, Text
from findings.checks.trails import free_of, judged_at_home
from findings.facts.base import Facts
from findings.facts.cloudtrail import Trail

NOBODY = "none"


@Check(
    title="Deliver trail files without errors",
    row=Row.AUDIT,
    resource=Trail,
    severity=Severity.HIGH,
    best_practices=("OPS08-BP04",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Hours("max_age_hours", 24),),
    not_applicable_when="The trail is judged at its home, or is not logging.",
    remediation="Repair the bucket policy, or the key policy, that the delivery error names; then"
    " watch the time of the last delivery.",
    cli=(
        "aws cloudtrail get-trail-status --name TRAIL",
        "aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
    ),
)
def cloudtrail_s3_delivery_healthy(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    if not trail.is_logging:
        return not_applicable("it is not logging")
    return all_of(
        part("no delivery error", lambda: free_of(trail.delivery_error)),
        part("recent delivery", lambda: _is_recent(trail.delivered_at, trail, context)),
    )


@Check(
    title="Stream trail events to CloudWatch Logs and keep the stream fresh",
    row=Row.AUDIT,
    resource=Trail,
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP02", "OPS08-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY, Principle.ANTICIPATE_FAILURE),
    parameters=(Hours("max_age_hours", 24), Flag("accept_lake", False)),
    not_applicable_when="The trail is judged at its home, or an event data store with alerts is"
    " accepted in its place (accept_lake).",
    alternatives=(Tool.AUDIT_ANALYSIS, Tool.LOG_MANAGEMENT),
    remediation="Give the trail a log group, and a role that may write to it; where the stream has"
    " an error, repair that role or the log group.",
    cli=(
        "aws cloudtrail update-trail --name TRAIL --cloud-watch-logs-log-group-arn"
        " LOG_GROUP_ARN --cloud-watch-logs-role-arn ROLE_ARN",
        "aws cloudtrail get-trail-status --name TRAIL",
    ),
)
def cloudtrail_cloudwatch_logs_integrated(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    if context.accept_lake:
        return not_applicable("an event data store with alerts is accepted in its place")
    if trail.log_group_arn is None:
        return failed("it has no log group")
    return all_of(
        part("no delivery error", lambda: free_of(trail.logs_error)),
        part("recent delivery", lambda: _is_recent(trail.logs_delivered_at, trail, context)),
    )


@Check(
    title="Notify consumers when trail files arrive",
    row=Row.AUDIT,
    resource=Trail,
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS08-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Text("consumer", NOBODY),),
    not_applicable_when="The trail is judged at its home, or a consumer that learns of new files in"
    " another way is named.",
    alternatives=(Tool.AUDIT_ANALYSIS, Tool.LOG_MANAGEMENT),
    remediation="Give the trail an SNS topic that the readers of its files subscribe to, or let the"
    " bucket notify them and name the consumer here.",
    cli=(
        "aws cloudtrail update-trail --name TRAIL --sns-topic-name TOPIC",
        "aws sns list-subscriptions-by-topic --topic-arn TOPIC_ARN",
    ),
)
def cloudtrail_delivery_notified(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    if context.consumer not in ("", NOBODY):
        return not_applicable(f"{context.consumer} is told in another way")
    return failed("it has no topic") if trail.topic_arn is None else passed(trail.topic_arn)


def _is_recent(delivered_at: datetime | None, trail: Trail, context: Context) -> Outcome:
    """A trail that has just been started has that long for its first delivery."""
    instants = [at for at in (delivered_at, trail.started_at) if at is not None]
    if not instants:
        return failed("nothing was ever delivered")
    last = max(instants)
    if context.within(last, hours=context.max_age_hours):
        return outcome(True)
    return failed(f"nothing since {last:%Y-%m-%d %H:%M} UTC")
