"""Collector of the stack sets that the administrator account sees in its home region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap
from findings.facts.cloudformation import StackSet
from workers.collectors.base import Collector, Response, Session, pick, tags_of, told
from workers.collectors.cloudformation import is_invalid


@Collector(
    fact=StackSet,
    operations=(
        "organizations:DescribeOrganization",
        "cloudformation:ListStackSets",
        "cloudformation:DescribeStackSet",
    ),
)
def stack_sets(session: Session) -> Iterator[StackSet]:
    client = session.client("cloudformation")
    for name, (raw, role) in listed_stack_sets(session).items():
        try:
            response = session.detail(client.describe_stack_set, StackSetName=name, CallAs=role)
        except client.exceptions.StackSetNotFoundException:
            continue  # it was deleted after it was listed
        yield parse_stack_set(raw, response)


def listed_stack_sets(session: Session) -> dict[str, tuple[Response, str]]:
    """The active stack sets by name, each with the role in which the account may ask about it."""
    return {
        raw["StackSetName"]: (raw, role)
        for role in _roles(session)
        for raw in _seen_as(session, role)
    }


def _seen_as(session: Session, role: str) -> list[Response]:
    listing = {"Status": "ACTIVE", "CallAs": role}
    try:
        return list(session.items("cloudformation", "list_stack_sets", "Summaries", **listing))
    except ClientError as error:
        if not is_invalid(error):
            raise
        # So it refuses an account that is no delegated administrator of stack sets.
        error.response["Error"]["Code"] = "AccessDenied"
        raise


def _roles(session: Session) -> tuple[str, ...]:
    """The management account sees all as itself; a delegated administrator sees its own
    self-managed ones so, and those of the organization as what it is.
    """
    client = session.client("organizations")
    try:
        organization = session.once("organizations", "describe_organization")["Organization"]
    except client.exceptions.AWSOrganizationsNotInUseException:
        return ("SELF",)
    is_management = organization["MasterAccountId"] == session.account
    return ("SELF",) if is_management else ("SELF", "DELEGATED_ADMIN")


def parse_stack_set(raw: Response, response: Response | Gap) -> StackSet:
    details = pick(response, "StackSet", "StackSetDriftDetectionDetails", default={})
    return StackSet(
        name=raw["StackSetName"],
        id=told(raw, "StackSetId", StackSet, "cloudformation:ListStackSets"),
        permission_model=raw.get("PermissionModel"),
        deploys_automatically=pick(raw, "AutoDeployment", "Enabled", default=False),
        tags=tags_of(pick(response, "StackSet", "Tags", default=())),
        drift_status=raw.get("DriftStatus"),
        drift_checked_at=raw.get("LastDriftCheckTimestamp"),
        drifted_instances=pick(details, "DriftedStackInstancesCount"),
        failed_instances=pick(details, "FailedStackInstancesCount"),
        instances=pick(details, "TotalStackInstancesCount"),
        regions=_regions(response),
    )


def _regions(response: Response | Gap) -> Any:
    """An empty list is told as such; one that is left out says nothing."""
    described = pick(response, "StackSet", default={})
    if isinstance(described, Gap):
        return described
    regions = told(described, "Regions", StackSet, "cloudformation:DescribeStackSet")
    return regions if isinstance(regions, Gap) else tuple(sorted(regions))
