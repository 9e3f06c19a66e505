"""CloudFormation templates and policies of ``deploy/``, made from the same declarations."""

from __future__ import annotations

import json
from typing import Any

import yaml

from workers.aws.policy import (
    VERSION,
    Policy,
    Role,
    hub_statements,
    job_policy,
    organization_actions,
    scanner_policy,
)

Template = dict[str, Any]
HEADER = "# Made by `manage.py scanner_policy --write deploy`; do not edit.\n"
ACCOUNT_ID = r"\d{12}"

PARAMETERS: dict[str, Template] = {
    "HubAccountId": {
        "Type": "String",
        "AllowedPattern": ACCOUNT_ID,
        "Description": "The account in which Cairn runs",
    },
    "HubRoleName": {
        "Type": "String",
        "Default": "CairnHub",
        "Description": "The role by which Cairn runs there",
    },
    "ExternalId": {
        "Type": "String",
        "AllowedPattern": r"[\w+=,.@:/-]{16,1224}",
        "Description": "The external ID that Cairn shows for the organization",
    },
    "OrganizationId": {
        "Type": "String",
        "AllowedPattern": "o-[a-z0-9]{10,32}",
        "Description": "The id of the AWS Organization",
    },
    "RoleName": {
        "Type": "String",
        "Default": "CairnScanner",
        "Description": "The role by which Cairn reads an account",
    },
    "HubService": {
        "Type": "String",
        "Default": "ecs-tasks.amazonaws.com",
        "AllowedValues": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"],
        "Description": "What Cairn runs on: tasks of ECS, or instances of EC2",
    },
    "AllowJobs": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether Cairn may start drift detection and resource scans",
    },
}
SCANNER_PARAMETERS = (
    "HubAccountId",
    "HubRoleName",
    "ExternalId",
    "OrganizationId",
    "RoleName",
    "AllowJobs",
)


def documents() -> dict[str, str]:
    """The generated files of ``deploy/`` by name."""
    return {
        "member-role.yaml": _yaml(scanner_template(Role.MEMBER)),
        "management-role.yaml": _yaml(scanner_template(Role.MANAGEMENT)),
        "hub-role.yaml": _yaml(hub_template()),
        "organizations-delegation-policy.json": json.dumps(delegation_policy(), indent=2) + "\n",
    }


def scanner_template(role: Role) -> Template:
    """The scanner's role: who may assume it, what it may read, and the jobs it may start if any."""
    where = {
        Role.MEMBER: "every member account: deploy as a service-managed StackSet",
        Role.MANAGEMENT: "the management account, which StackSets do not reach: deploy as a stack",
    }
    template = _template(
        f"The role by which Cairn reads {where[role]}",
        SCANNER_PARAMETERS,
        "ScannerRole",
        {
            "RoleName": {"Ref": "RoleName"},
            "Description": "Cairn reads the configuration of this account; it changes nothing",
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": trust_policy(),
            "Policies": [{"PolicyName": "CairnScanner", "PolicyDocument": scanner_policy(role)}],
        },
    )
    resources = template.pop("Resources") | {"JobsPolicy": _jobs_resource()}
    outputs = template.pop("Outputs")
    condition = {"JobsAllowed": {"Fn::Equals": [{"Ref": "AllowJobs"}, "true"]}}
    return template | {"Conditions": condition, "Resources": resources, "Outputs": outputs}


def _jobs_resource() -> Template:
    return {
        "Type": "AWS::IAM::RolePolicy",
        "Condition": "JobsAllowed",
        "Properties": {
            "PolicyName": "CairnJobs",
            "RoleName": {"Ref": "ScannerRole"},
            "PolicyDocument": job_policy(),
        },
    }


def trust_policy() -> Policy:
    """Only the hub's role, of this organization, that knows the external ID."""
    hub = "arn:${AWS::Partition}:iam::${HubAccountId}:"
    principal = {"AWS": {"Fn::Sub": f"{hub}root"}}
    is_hub = {"aws:PrincipalArn": {"Fn::Sub": f"{hub}role/${{HubRoleName}}"}}
    is_ours = {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}
    knows = {"sts:ExternalId": {"Ref": "ExternalId"}}
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "HubWithExternalId",
                "Effect": "Allow",
                "Principal": principal,
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {**knows, **is_ours}, "ArnEquals": is_hub},
            },
            {
                "Sid": "HubTagsItsSessions",
                "Effect": "Allow",
                "Principal": principal,
                "Action": "sts:TagSession",
                "Condition": {"StringEquals": is_ours, "ArnEquals": is_hub},
            },
        ],
    }


def hub_template() -> Template:
    """The role of Cairn itself: it becomes the scanner, and reads the organization."""
    become = {
        "Sid": "BecomeTheScanner",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Resource": {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/${RoleName}"},
        "Condition": {"StringEquals": {"aws:ResourceOrgID": {"Ref": "OrganizationId"}}},
    }
    runs = {
        "Effect": "Allow",
        "Principal": {"Service": {"Ref": "HubService"}},
        "Action": "sts:AssumeRole",
    }
    policy = {"Version": VERSION, "Statement": [become, *hub_statements()]}
    return _template(
        "The role by which Cairn runs: deploy as a stack in the account where it runs",
        ("HubRoleName", "RoleName", "OrganizationId", "HubService"),
        "HubRole",
        {
            "RoleName": {"Ref": "HubRoleName"},
            "Description": "Cairn runs by this role and becomes the scanner in each account",
            "AssumeRolePolicyDocument": {"Version": VERSION, "Statement": [runs]},
            "Policies": [{"PolicyName": "CairnHub", "PolicyDocument": policy}],
        },
    )


def delegation_policy() -> Policy:
    """Lets a hub outside of the management account read AWS Organizations.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate.html
    """
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "CairnReadsTheOrganization",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::HUB_ACCOUNT_ID:role/CairnHub"},
                "Action": organization_actions(),
                "Resource": "*",
            }
        ],
    }


def _template(
    description: str, parameters: tuple[str, ...], name: str, properties: Template
) -> Template:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Parameters": {parameter: PARAMETERS[parameter] for parameter in parameters},
        "Resources": {name: {"Type": "AWS::IAM::Role", "Properties": properties}},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": [name, "Arn"]}}},
    }


def _yaml(template: Template) -> str:
    return HEADER + yaml.dump(template, Dumper=_Plain, sort_keys=False, width=100)


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice twice, instead of an anchor, which nobody reads."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
