"""Resource scans: records of `cloudformation.resource_scans`, on which hang their `_resources`.

Those that somebody started find what the last complete one found.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.jobs import Job
from simulator.operations.base import Call, operation

SCANS = "cloudformation.resource_scans"
RESOURCE_SCAN = "resource scan"
_TOKENS: dict[str, Any] = {"bad_token": "ValidationError"}


@operation("cloudformation", "ListResourceScans")
def list_resource_scans(call: Call) -> dict[str, Any]:
    """The newest first; those of all types, unless the others are asked for."""
    wanted = call.parameters.get("ScanTypeFilter", "FULL")
    found = [scan for scan in _scans(call) if scan["ScanType"] == wanted]
    found.sort(key=lambda scan: scan["StartTime"], reverse=True)
    return call.page(found, "ResourceScanSummaries", size=2, **_TOKENS)


@operation("cloudformation", "ListResourceScanResources")
def list_resource_scan_resources(call: Call) -> dict[str, Any]:
    wanted = call.parameters["ResourceScanId"]
    scan = next((scan for scan in _scans(call) if scan["ResourceScanId"] == wanted), None)
    if scan is None or scan["Status"] == "EXPIRED":
        raise AwsError("ResourceScanNotFound", f"Resource scan {wanted} does not exist")
    if scan["Status"] != "COMPLETE":
        raise AwsError("ResourceScanInProgress", f"Resource scan {wanted} is not complete")
    return call.page(scan["_resources"], "Resources", size=8, **_TOKENS)


@operation("cloudformation", "StartResourceScan")
def start_resource_scan(call: Call) -> dict[str, Any]:
    """One at a time in a region; the same token is answered by the same scan."""
    running = [scan for scan in call.place.all(SCANS) if scan["Status"] == "IN_PROGRESS"]
    place = call.place
    job = running or call.world.jobs.start(
        RESOURCE_SCAN,
        call.account.id,
        call.region,
        "",
        lambda number: place.arn("cloudformation", f"resourceScan/{place.uuid(f'job {number}')}"),
        call.parameters.get("ClientRequestToken", ""),
    )
    if not isinstance(job, Job):
        raise AwsError("ResourceScanInProgress", "A resource scan is in progress")
    return {"ResourceScanId": job.id}


@operation("cloudformation", "DescribeResourceScan")
def describe_resource_scan(call: Call) -> dict[str, Any]:
    wanted = call.parameters["ResourceScanId"]
    call.world.jobs.look(RESOURCE_SCAN, call.account.id, call.region, wanted)
    scan = next((scan for scan in _scans(call) if scan["ResourceScanId"] == wanted), None)
    if scan is None:
        raise AwsError("ResourceScanNotFound", f"Resource scan {wanted} does not exist")
    return {name: value for name, value in scan.items() if name not in ("ScanType", "_resources")}


def _scans(call: Call) -> list[dict[str, Any]]:
    """What stands in the place, and what was started there."""
    standing = call.place.all(SCANS)
    complete = [scan for scan in standing if scan["Status"] == "COMPLETE"]
    newest = sorted(complete, key=lambda scan: scan["StartTime"])[-1:]
    resources = newest[0]["_resources"] if newest else []
    started = call.world.jobs.of(RESOURCE_SCAN, call.account.id, call.region)
    return [*standing, *(_started(job, resources) for job in started)]


def _started(job: Job, resources: list[Any]) -> dict[str, Any]:
    return {
        "ResourceScanId": job.id,
        "Status": "COMPLETE" if job.ended_at else "IN_PROGRESS",
        "StartTime": job.started_at,
        "EndTime": job.ended_at,
        "PercentageCompleted": 100.0 if job.ended_at else 50.0,
        "ScanType": "FULL",
        "_resources": resources,
    }
