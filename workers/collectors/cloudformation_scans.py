"""Collector of resource scans. It starts none: only what CloudFormation already keeps is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.cloudformation_scans import SERVICE_LINKED_ROLE, ResourceScan, ScannedType
from workers.collectors.base import Collector, Response, Session, told

MOST_RESOURCES = 20_000
PAGE = 100
LONG_AGO = datetime.min.replace(tzinfo=UTC)
ROLE, OF_SERVICE = "AWS::IAM::Role", "AWSServiceRoleFor"
OPERATION = "cloudformation:ListResourceScanResources"


@Collector(fact=ResourceScan, operations=("cloudformation:ListResourceScans", OPERATION))
def resource_scans(session: Session) -> Iterator[ResourceScan]:
    """One fact per region, also where nobody ever scanned."""
    listed = session.items("cloudformation", "list_resource_scans", "ResourceScanSummaries")
    scans = [scan for scan in listed if scan.get("ScanType") in (None, "FULL")]
    newest: Response = max(scans, key=_started_at, default={})
    complete = [scan for scan in scans if scan.get("Status") == "COMPLETE"]
    if not complete:
        yield ResourceScan(
            region=session.region,
            last_status=newest.get("Status"),
            completed_at=None,
            resources=None,
        )
        return
    scan = max(complete, key=_started_at)
    yield ResourceScan(
        region=session.region,
        last_status=newest.get("Status"),
        completed_at=told(scan, "EndTime", ResourceScan, "cloudformation:ListResourceScans"),
        resources=_resources(session, scan),
    )


def _started_at(scan: Response) -> datetime:
    started: datetime = scan.get("StartTime") or LONG_AGO
    return started


def _resources(session: Session, scan: Response) -> Any:
    if "ResourceScanId" not in scan:
        return not_told(ResourceScan.kind, "cloudformation:ListResourceScans")
    client = session.client("cloudformation")
    pages = client.get_paginator("list_resource_scan_resources").paginate(
        ResourceScanId=scan["ResourceScanId"],
        PaginationConfig={"PageSize": PAGE, "MaxItems": MOST_RESOURCES + 1},
    )
    try:
        found = session.detail(pages.build_full_result)
    except client.exceptions.ResourceScanNotFoundException:
        return Gap(kind=ResourceScan.kind, reason=GapReason.NO_LONGER_KEPT, operation=OPERATION)
    if isinstance(found, Gap):
        return found
    resources = found.get("Resources") or ()
    if len(resources) > MOST_RESOURCES:
        return Gap(kind=ResourceScan.kind, reason=GapReason.CAPPED, operation=OPERATION)
    return tuple(parse_scanned_types(resources))


def parse_scanned_types(resources: Iterable[Response]) -> Iterator[ScannedType]:
    """Counts by type; names and identifiers are not kept."""
    counts = Counter((_type(raw), bool(raw.get("ManagedByStack"))) for raw in resources)
    for type_ in sorted({type_ for type_, _ in counts}):
        yield ScannedType(type=type_, managed=counts[type_, True], unmanaged=counts[type_, False])


def _type(raw: Response) -> str:
    type_: str = raw.get("ResourceType", "")
    name = (raw.get("ResourceIdentifier") or {}).get("RoleName", "")
    return SERVICE_LINKED_ROLE if type_ == ROLE and name.startswith(OF_SERVICE) else type_
