"""Events that the audit is watched for: what the filters of the CIS AWS Foundations Benchmark ask.

Each kind of event is given by examples: the fields that make them what they are.
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]


def api_call(service: str, operation: str) -> Event:
    """A call that succeeds, as far as its record tells what it is."""
    return {"eventSource": f"{service}.amazonaws.com", "eventName": operation}


def _calls(service: str, operations: Iterable[str]) -> tuple[Event, ...]:
    return tuple(api_call(service, operation) for operation in operations)


def _each(verbs: str, noun: str) -> list[str]:
    return [f"{verb}{noun}" for verb in verbs.split()]


_IAM = [
    *_each("Create Delete", "Policy"),
    *_each("Create Delete", "PolicyVersion"),
    *(
        name
        for kind in ("Group", "Role", "User")
        for name in _each("Attach Detach", f"{kind}Policy")
    ),
    *(name for kind in ("Group", "Role", "User") for name in _each("Put Delete", f"{kind}Policy")),
]
_BUCKETS = [
    "PutBucketAcl",
    *(
        n
        for what in ("Policy", "Cors", "Lifecycle", "Replication")
        for n in _each("Put Delete", f"Bucket{what}")
    ),
]
_SECURITY_GROUPS = [
    *_each("Authorize Revoke", "SecurityGroupIngress"),
    *_each("Authorize Revoke", "SecurityGroupEgress"),
    *_each("Create Delete", "SecurityGroup"),
]
_NETWORK_ACLS = [
    *_each("Create Delete", "NetworkAcl"),
    *_each("Create Delete Replace", "NetworkAclEntry"),
    "ReplaceNetworkAclAssociation",
]
_GATEWAYS = [
    *_each("Create Delete", "CustomerGateway"),
    *_each("Create Delete Attach Detach", "InternetGateway"),
]
_ROUTES = [
    *_each("Create Delete Replace", "Route"),
    *_each("Create Delete Disassociate", "RouteTable"),
    "ReplaceRouteTableAssociation",
]
_VPCS = [
    *_each("Create Delete", "Vpc"),
    "ModifyVpcAttribute",
    *_each("Create Accept Reject Delete", "VpcPeeringConnection"),
]
_ORGANIZATIONS = [
    *_each("Accept Decline", "Handshake"),
    *_each("Create Delete Attach Detach Update", "Policy"),
    *_each("Enable Disable", "PolicyType"),
    *_each("Create Delete Update", "OrganizationalUnit"),
    *_each("Delete Leave", "Organization"),
    "CreateAccount",
    "MoveAccount",
    "InviteAccountToOrganization",
    "RemoveAccountFromOrganization",
]
_WITHOUT_MFA = {
    "eventName": "ConsoleLogin",
    "userIdentity": {"type": "IAMUser"},
    "additionalEventData": {"MFAUsed": "No"},
    "responseElements": {"ConsoleLogin": "Success"},
}

BASELINE: Mapping[str, tuple[Event, ...]] = {
    "use of root": ({"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"},),
    "unauthorised calls": (
        {"errorCode": "Client.UnauthorizedOperation"},
        {"errorCode": "AccessDenied"},
    ),
    "sign-in without MFA": (_WITHOUT_MFA,),
    "IAM policies": _calls("iam", _IAM),
    "deletion of keys": _calls("kms", ("DisableKey", "ScheduleKeyDeletion")),
    "bucket policies": _calls("s3", _BUCKETS),
    "security groups": _calls("ec2", _SECURITY_GROUPS),
    "network ACLs": _calls("ec2", _NETWORK_ACLS),
    "gateways": _calls("ec2", _GATEWAYS),
    "route tables": _calls("ec2", _ROUTES),
    "VPCs": _calls("ec2", _VPCS),
    "Organizations": _calls("organizations", _ORGANIZATIONS),
}
