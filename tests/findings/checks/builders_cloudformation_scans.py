"""Resource scans for the tables of the checks."""

from findings.facts.cloudformation_scans import ResourceScan, ScannedType
from tests.findings.checks.cases import REGION, ago

TUESDAY = ago(days=6)


def scanned(managed=0, unmanaged=0, type_="AWS::S3::Bucket"):
    return ScannedType(type=type_, managed=managed, unmanaged=unmanaged)


def scan(*resources, completed_at=TUESDAY, **fields):
    given = {"region": REGION, "last_status": "COMPLETE", "resources": resources}
    return ResourceScan(completed_at=completed_at, **(given | fields))


def no_scan(last_status=None):
    return scan(completed_at=None, resources=None, last_status=last_status)
