"""Resource scans of CloudFormation (IaC generator): what a region holds, in stacks and outside."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record

SERVICE_LINKED_ROLE = "AWS::IAM::ServiceLinkedRole"


class ScannedType(Record):
    """How many resources of a type a scan found in stacks, and how many outside.

    Roles that AWS services made for themselves count as service-linked roles, as they are called.
    """

    type: str
    managed: int
    unmanaged: int


class ResourceScan(
    Fact,
    kind="cloudformation.resource_scan",
    identity=("region",),
    volatile=("last_status",),
):
    """The newest scan of a region's resources that is complete and not expired.

    ``completed_at`` and ``resources`` are None where there is none; ``last_status`` is that of the
    newest scan of all, None where none is known. Scans of chosen types only do not count.
    CloudFormation keeps a scan for 30 days.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/generate-IaC.html
    """

    region: str
    last_status: str | None
    completed_at: datetime | None
    resources: tuple[ScannedType, ...] | None

    @property
    def found(self) -> tuple[ScannedType, ...]:
        resources: tuple[ScannedType, ...] | None = self.resources
        return resources or ()
