"""Resource scans: records of `cloudformation.resource_scans`, on which hang their `_resources`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

SCANS = "cloudformation.resource_scans"
_TOKENS: dict[str, Any] = {"bad_token": "ValidationError"}


@operation("cloudformation", "ListResourceScans")
def list_resource_scans(call: Call) -> dict[str, Any]:
    """The newest first; those of all types, unless the others are asked for."""
    wanted = call.parameters.get("ScanTypeFilter", "FULL")
    found = [scan for scan in call.place.all(SCANS) if scan["ScanType"] == wanted]
    found.sort(key=lambda scan: scan["StartTime"], reverse=True)
    return call.page(found, "ResourceScanSummaries", size=2, **_TOKENS)


@operation("cloudformation", "ListResourceScanResources")
def list_resource_scan_resources(call: Call) -> dict[str, Any]:
    wanted = call.parameters["ResourceScanId"]
    scan = call.place.find(SCANS, ResourceScanId=wanted)
    if scan is None or scan["Status"] == "EXPIRED":
        raise AwsError("ResourceScanNotFound", f"Resource scan {wanted} does not exist")
    if scan["Status"] != "COMPLETE":
        raise AwsError("ResourceScanInProgress", f"Resource scan {wanted} is not complete")
    return call.page(scan["_resources"], "Resources", size=8, **_TOKENS)
