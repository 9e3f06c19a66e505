"""A trail, and what is said of it at its home and where it is only seen."""

from datetime import datetime, timedelta
from typing import Any

from simulator.operations.cloudtrail import TRAILS
from simulator.places import Place, Record

EVENTS = "cloudtrail_management_events_complete"
VALIDATION = "cloudtrail_log_file_validation"
DELIVERY = "cloudtrail_s3_delivery_healthy"
STREAM = "cloudtrail_cloudwatch_logs_integrated"
NOTIFIED = "cloudtrail_delivery_notified"
INSIGHTS = "cloudtrail_insights_enabled"
ENCRYPTED = "cloudtrail_kms_encrypted"
PROTECTED = "cloudtrail_bucket_protected"
ACCESS_LOGGED = "cloudtrail_bucket_access_logged"
KEPT = "cloudtrail_bucket_lifecycle_set"
OF_TRAILS = (
    EVENTS,
    VALIDATION,
    DELIVERY,
    STREAM,
    NOTIFIED,
    INSIGHTS,
    ENCRYPTED,
    PROTECTED,
    ACCESS_LOGGED,
    KEPT,
)
"""Checks of each trail, which are judged at its home only."""

ORGANIZATION_BUCKET = "organization-trail-logs"
CENTRAL_BUCKET = "central-audit-logs"
PARTNERS_BUCKET = "partner-trail-logs"
"""Of an account outside the organization."""

DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)
ALL = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}


OBJECTS = frozenset({("AWS::S3::Object", "read"), ("AWS::S3::Object", "write")})
FUNCTIONS = frozenset({("AWS::Lambda::Function", "read"), ("AWS::Lambda::Function", "write")})
EVERYTHING = OBJECTS | FUNCTIONS
"""Data events of both types, as pairs of type and kind."""


def of_type(name: str, *fields: Record) -> list[Record]:
    """An advanced selector of the data events of a type of resource."""
    return [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [name]},
        *fields,
    ]


def put_trail(
    place: Place,
    name: str = "management-events",
    *,
    status: Record | None = None,
    selectors: list[Record] | None = None,
    advanced: list[list[Record]] | None = None,
    insights: list[Record] | None = None,
    **changed: Any,
) -> Record:
    """A healthy multi-region trail at home in this place; what is given differs."""
    healthy = _healthy(place, delivers_to_logs="CloudWatchLogsLogGroupArn" in changed)
    selected: Record = {"EventSelectors": selectors or [ALL]}
    if advanced:
        selected = {"AdvancedEventSelectors": [{"FieldSelectors": fields} for fields in advanced]}
    return place.put(
        TRAILS,
        {
            "Name": name,
            "TrailARN": place.arn("cloudtrail", f"trail/{name}"),
            "S3BucketName": f"trail-logs-{place.account.id}",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "HomeRegion": place.region,
            "LogFileValidationEnabled": True,
            "HasCustomEventSelectors": selectors is not None,
            "HasInsightSelectors": bool(insights),
            "IsOrganizationTrail": False,
            "_status": healthy | (status or {}),
            "_selectors": selected,
            "_insights": insights,
            "_data": frozenset(),
            **changed,
        },
    )


def _healthy(place: Place, *, delivers_to_logs: bool) -> Record:
    status = {
        "IsLogging": True,
        "LatestDeliveryTime": place.moving(minutes=5),
        "LatestDigestDeliveryTime": place.moving(minutes=40),
        "StartLoggingTime": place.ago(days=200),
    }
    if delivers_to_logs:
        status["LatestCloudWatchLogsDeliveryTime"] = place.moving(minutes=5)
    return status


def expect_trail(
    place: Place,
    trail: Record,
    *,
    events: str = "pass",
    validation: str = "pass",
    delivery: str = "pass",
    until: datetime | None = None,
    then: str | None = None,
) -> None:
    """The answers at home, of which the delivery's may turn; and those of its shadows."""
    arn = trail["TrailARN"]
    place.expect(EVENTS, events, resource=arn)
    place.expect(VALIDATION, validation, resource=arn)
    place.expect(DELIVERY, delivery, resource=arn, until=until, then=then)
    if trail["IsMultiRegionTrail"]:
        expect_shadows(place, trail, [r for r in place.world.regions if r != place.region])


def expect_shadows(place: Place, trail: Record, regions: list[str]) -> None:
    for region in regions:
        for check in OF_TRAILS:
            place.expect(check, "not_applicable", resource=trail["TrailARN"], region=region)


def streaming(place: Place) -> Record:
    """The members of a trail that writes to a log group."""
    return {
        "CloudWatchLogsLogGroupArn": place.arn("logs", "log-group:/aws/cloudtrail/trail:*"),
        "CloudWatchLogsRoleArn": f"arn:aws:iam::{place.account.id}:role/trail-to-logs",
    }


def rates(*categories: str) -> list[Record]:
    """Insight selectors of both rates, of these categories of events where they are given."""
    types = ("ApiCallRateInsight", "ApiErrorRateInsight")
    return [{"InsightType": type_, "EventCategories": list(categories) or None} for type_ in types]


def notifying(place: Place) -> Record:
    """The members of a trail that tells a topic of its files."""
    topic = "trail-files"
    return {"SnsTopicName": topic, "SnsTopicARN": place.arn("sns", topic)}
