"""The least that Cairn needs: IAM policies made from what the collectors declare.

A policy's statements are grouped by where they are needed and by access level, its actions sorted,
so that a new collector shows as one more line in a review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from findings.facts.base import Scope
from workers.aws import collection, regions
from workers.aws.operations import (
    Operation,
    hub_operations,
    job_operations,
    scanner_operations,
)
from workers.collectors.base import Registered, collectors

Policy = dict[str, Any]
VERSION = "2012-10-17"
ALWAYS = ("sts:GetCallerIdentity", *regions.OPERATIONS, *collection.OPERATIONS)
"""What the way into an account needs, whatever is collected there."""
ASKED_BY_DRIFT_DETECTION = (
    "cloudformation:BatchDescribeTypeConfigurations",
    "cloudformation:DetectStackResourceDrift",
)
"""AWS asks these of whoever detects drift; Cairn calls neither.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""


class Role(StrEnum):
    """The roles of an installation."""

    MEMBER = "member"
    MANAGEMENT = "management"
    HUB = "hub"


def declared_operations(known: Mapping[str, Registered], *, organization: bool) -> set[str]:
    """Operations of the collectors of organization scope, or of all others."""
    return {
        operation
        for registered in known.values()
        if (registered.fact.scope is Scope.ORGANIZATION) is organization
        for operation in registered.operations
    }


def scanner_policy(role: Role) -> Policy:
    """The policy of the scanner's role in member accounts or in the management account."""
    known = collectors()
    everywhere = {*ALWAYS, *declared_operations(known, organization=False)}
    statements = _statements("Account", _listed(everywhere))
    if role is Role.MANAGEMENT:
        only_there = declared_operations(known, organization=True) - everywhere
        statements += _statements("Organization", _listed(only_there))
    return {"Version": VERSION, "Statement": statements}


def job_policy() -> Policy:
    """What starts and polls jobs of AWS: apart from the reads, for those who switch them on."""
    listed = {entry.iam_action for entry in job_operations().values()}
    statement = {
        "Sid": "JobsAccount",
        "Effect": "Allow",
        "Action": sorted({*listed, *ASKED_BY_DRIFT_DETECTION}),
        "Resource": "*",
    }
    return {"Version": VERSION, "Statement": [statement]}


def hub_statements() -> list[Policy]:
    """What the hub itself reads of the organization; assuming roles is granted per role."""
    read = [entry for entry in hub_operations().values() if entry.access != "Write"]
    return _statements("Hub", read)


def organization_actions() -> list[str]:
    """What the management account delegates to a hub elsewhere."""
    actions = {entry.iam_action for entry in hub_operations().values()}
    return sorted(action for action in actions if action.startswith("organizations:"))


def _listed(operations: Iterable[str]) -> list[Operation]:
    known = scanner_operations()
    return [known[operation] for operation in operations]


def _statements(place: str, operations: Iterable[Operation]) -> list[Policy]:
    by_access: dict[str, set[str]] = {}
    for entry in operations:
        by_access.setdefault(entry.access, set()).add(entry.iam_action)
    return [
        {
            "Sid": f"{access}{place}",
            "Effect": "Allow",
            "Action": sorted(by_access[access]),
            "Resource": "*",
        }
        for access in sorted(by_access)
    ]
