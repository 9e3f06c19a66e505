"""Scans of a region's resources: when the last one was, and what share it found in stacks."""

from datetime import datetime, timedelta

from simulator.facets.base import Facet, default_answers
from simulator.facets.stack_records import MOMENT
from simulator.operations.logs import GROUPS
from simulator.places import Place, Record

scans = Facet("cloudformation.resource_scans")

SCANS = "cloudformation.resource_scans"
REGIONS = "cloudformation.scanned_regions"
COVERED = "cloudformation_resource_coverage_minimum"
RECENT = "cloudformation_resource_scan_recent"
MONTH = timedelta(days=30)
KINDS = {
    "bucket": ("AWS::S3::Bucket", "BucketName"),
    "topic": ("AWS::SNS::Topic", "TopicArn"),
    "stream": ("AWS::Logs::LogStream", "LogStreamName"),
    "interface": ("AWS::EC2::NetworkInterface", "Id"),
    "role": ("AWS::IAM::Role", "RoleName"),
}


def _found(kind: str, count: int, *, in_stack: bool = False, name: str = "") -> list[Record]:
    type_, key = KINDS[kind]
    return [
        {
            "ResourceType": type_,
            "ResourceIdentifier": {key: f"{name or kind}-{number}"},
            "ManagedByStack": in_stack,
        }
        for number in range(count)
    ]


DO_NOT_COUNT = [
    *_found("stream", 1),
    *_found("interface", 1),
    *_found("role", 1, name="AWSServiceRoleForSupport"),
]


def _put_scan(
    place: Place, ended: datetime, status: str = "COMPLETE", *found: Record, type_: str = "FULL"
) -> None:
    is_over = status != "IN_PROGRESS"
    place.put(
        SCANS,
        {
            "ResourceScanId": place.arn(
                "cloudformation", f"resourceScan/{place.uuid(f'{ended} {type_}')}"
            ),
            "Status": status,
            "StartTime": ended - timedelta(minutes=20),
            "EndTime": ended if is_over else None,
            "PercentageCompleted": 100.0 if is_over else 40.0,
            "ScanType": type_,
            "_resources": list(found),
        },
    )


def _expect(place: Place, covered: str, completed: datetime | None = None) -> None:
    place.expect(COVERED, covered)
    place.put(REGIONS, {"completed": completed})


@default_answers(REGIONS)
def usual(place: Place, region: Record) -> None:
    """A recent scan passes for a month; where nothing runs none is asked for."""
    missing = "fail" if _has_workload(place) else "not_applicable"
    if region["completed"] is None:
        place.expect(RECENT, missing)
    else:
        over = region["completed"] + MONTH + MOMENT
        place.expect(RECENT, "pass", until=over, then=missing)


def _has_workload(place: Place) -> bool:
    stacks = place.all("cloudformation.stacks")
    deployed = [stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"]
    return bool(deployed or place.all("cloudwatch.alarms") or place.all(GROUPS))


@scans.variant("covered", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def covered(place: Place) -> None:
    """Exactly 80 percent, by a scan that was not the last one that somebody started."""
    ended = place.ago(days=3)
    own = [*_found("bucket", 4, in_stack=True), *_found("role", 1, name="worker")]
    _put_scan(place, ended, "COMPLETE", *own, *DO_NOT_COUNT)
    _put_scan(place, place.ago(days=40), "EXPIRED")
    _put_scan(place, place.ago(days=1), "FAILED")
    _expect(place, "pass", ended)


@scans.variant("mostly_outside", characters={"ordinary": 2, "neglected": 2, "new": 1})
def mostly_outside(place: Place) -> None:
    ended = place.ago(days=12)
    own = [*_found("bucket", 7, in_stack=True), *_found("topic", 2)]
    _put_scan(place, ended, "COMPLETE", *own)
    _expect(place, "fail", ended)


@scans.variant("late", characters={"ordinary": 1, "neglected": 1})
def late(place: Place) -> None:
    """A second too late, and not yet expired."""
    ended = place.ago(days=30, seconds=1)
    _put_scan(place, ended, "COMPLETE", *_found("topic", 1, in_stack=True))
    _expect(place, "pass", ended)


@scans.variant("expired", characters={"neglected": 2, "new": 1})
def expired(place: Place) -> None:
    _put_scan(place, place.ago(days=45), "EXPIRED")
    _put_scan(place, place.ago(hours=1), "IN_PROGRESS")
    _expect(place, "unknown")


@scans.variant("of_some_types", characters={"ordinary": 1, "new": 1})
def of_some_types(place: Place) -> None:
    _put_scan(place, place.ago(days=2), "COMPLETE", *_found("topic", 1), type_="PARTIAL")
    _expect(place, "unknown")


@scans.variant("nothing_found", characters={"new": 1, "locked_down": 1})
def nothing_found(place: Place) -> None:
    ended = place.ago(days=5)
    _put_scan(place, ended, "COMPLETE", *DO_NOT_COUNT)
    _expect(place, "not_applicable", ended)


@scans.variant("never", characters={"neglected": 2, "new": 2, "ordinary": 1})
def never(place: Place) -> None:
    _expect(place, "unknown")
