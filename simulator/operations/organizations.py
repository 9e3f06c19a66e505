"""AWS Organizations: for the management account and the delegated administrator only."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID, SimAccount, Unit

PAGE_SIZE = 5
Answer = Callable[[Call], dict[str, Any]]


def _privileged(name: str) -> Callable[[Answer], Answer]:
    """Registers the operation and refuses it to all other member accounts."""

    def register(function: Answer) -> Answer:
        @operation("organizations", name)
        @wraps(function)
        def answer(call: Call) -> dict[str, Any]:
            allowed = (MANAGEMENT_ID, call.world.organization.delegated_administrator)
            if call.account.id not in allowed:
                raise AwsError(
                    "AccessDeniedException",
                    "You don't have permissions to access this resource.",
                )
            return function(call)

        return answer

    return register


def _page(call: Call, items: Sequence[Any], key: str) -> dict[str, Any]:
    return call.page(items, key, size=PAGE_SIZE, bad_token="InvalidInputException")  # noqa: S106


def _page_of_accounts(call: Call, accounts: Sequence[SimAccount]) -> dict[str, Any]:
    page = _page(call, accounts, "Accounts")
    return {**page, "Accounts": [_account(call, account) for account in page["Accounts"]]}


def _account(call: Call, account: SimAccount) -> dict[str, Any]:
    organization = call.world.organization
    return {
        "Id": account.id,
        "Arn": f"arn:aws:organizations::{MANAGEMENT_ID}:account/{organization.id}/{account.id}",
        "Name": account.name,
        "Email": account.email,
        "Status": account.status,
        "State": account.state,
        "Paths": [f"{_path(call, account.unit)}{account.id}/"],
        "JoinedMethod": "INVITED" if account.is_management else "CREATED",
        "JoinedTimestamp": call.world.epoch - timedelta(days=account.joined_days_ago),
    }


def _unit(call: Call, unit: Unit) -> dict[str, Any]:
    organization = call.world.organization
    return {
        "Id": unit.id,
        "Arn": f"arn:aws:organizations::{MANAGEMENT_ID}:ou/{organization.id}/{unit.id}",
        "Name": unit.name,
        "Path": _path(call, unit.path),
    }


def _path(call: Call, unit_path: str) -> str:
    """The ids from the organization down to a unit, each followed by a slash."""
    organization = call.world.organization
    ids = [organization.id, organization.root_id]
    names = unit_path.split("/") if unit_path else []
    ids += [organization.unit("/".join(names[: n + 1])).id for n in range(len(names))]
    return "/".join(ids) + "/"


@operation("organizations", "DescribeOrganization")
def describe_organization(call: Call) -> dict[str, Any]:
    organization = call.world.organization
    management = organization.accounts[MANAGEMENT_ID]
    return {
        "Organization": {
            "Id": organization.id,
            "Arn": organization.arn,
            "FeatureSet": "ALL",
            "MasterAccountArn": _account(call, management)["Arn"],
            "MasterAccountId": MANAGEMENT_ID,
            "MasterAccountEmail": management.email,
        }
    }


@_privileged("ListRoots")
def list_roots(call: Call) -> dict[str, Any]:
    organization = call.world.organization
    root = {
        "Id": organization.root_id,
        "Arn": f"arn:aws:organizations::{MANAGEMENT_ID}:root/{organization.id}/"
        f"{organization.root_id}",
        "Name": "Root",
        "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }
    return _page(call, [root], "Roots")


@_privileged("ListAccounts")
def list_accounts(call: Call) -> dict[str, Any]:
    return _page_of_accounts(call, call.world.accounts)


@_privileged("DescribeAccount")
def describe_account(call: Call) -> dict[str, Any]:
    return {"Account": _account(call, _found_account(call, call.parameters["AccountId"]))}


@_privileged("ListAccountsForParent")
def list_accounts_for_parent(call: Call) -> dict[str, Any]:
    parent_id = _known_parent(call)
    return _page_of_accounts(call, call.world.organization.children(parent_id))


@_privileged("ListOrganizationalUnitsForParent")
def list_organizational_units_for_parent(call: Call) -> dict[str, Any]:
    parent_id = _known_parent(call)
    units = [u for u in call.world.organization.units if u.parent_id == parent_id]
    return _page(call, [_unit(call, unit) for unit in units], "OrganizationalUnits")


@_privileged("DescribeOrganizationalUnit")
def describe_organizational_unit(call: Call) -> dict[str, Any]:
    wanted = call.parameters["OrganizationalUnitId"]
    for unit in call.world.organization.units:
        if unit.id == wanted:
            return {"OrganizationalUnit": _unit(call, unit)}
    raise AwsError(
        "OrganizationalUnitNotFoundException",
        "You specified an organizational unit that doesn't exist.",
    )


@_privileged("ListParents")
def list_parents(call: Call) -> dict[str, Any]:
    organization = call.world.organization
    child_id = call.parameters["ChildId"]
    unit = next((unit for unit in organization.units if unit.id == child_id), None)
    if unit is not None:
        parent_id = unit.parent_id
    elif call.world.account(child_id) is not None:
        parent_id = organization.parent_id(organization.accounts[child_id])
    else:
        raise AwsError("ChildNotFoundException", "You specified a child that doesn't exist.")
    kind = "ROOT" if parent_id == organization.root_id else "ORGANIZATIONAL_UNIT"
    return _page(call, [{"Id": parent_id, "Type": kind}], "Parents")


@_privileged("ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    resource_id = call.parameters["ResourceId"]
    account = call.world.account(resource_id)
    tags = account.tags if account else {}
    if account is None:
        _known_parent(call, resource_id)
    return _page(call, [{"Key": key, "Value": value} for key, value in tags.items()], "Tags")


@_privileged("ListDelegatedAdministrators")
def list_delegated_administrators(call: Call) -> dict[str, Any]:
    delegated = call.world.organization.delegated_administrator
    if delegated is None:
        return {"DelegatedAdministrators": []}
    account = call.world.organization.accounts[delegated]
    entry = _account(call, account)
    del entry["Paths"]
    entry["DelegationEnabledDate"] = call.world.epoch - timedelta(days=180)
    return _page(call, [entry], "DelegatedAdministrators")


@_privileged("ListAWSServiceAccessForOrganization")
def list_aws_service_access(call: Call) -> dict[str, Any]:
    principals = [
        {
            "ServicePrincipal": f"{name}.amazonaws.com",
            "DateEnabled": call.world.epoch - timedelta(days=180),
        }
        for name in ("cloudtrail", "config", "config-multiaccountsetup", "member.org.stacksets")
    ]
    return _page(call, principals, "EnabledServicePrincipals")


@_privileged("ListPoliciesForTarget")
def list_policies_for_target(call: Call) -> dict[str, Any]:
    """The policies attached directly to a root, unit or account, not those it inherits."""
    target_id = call.parameters["TargetId"]
    account = call.world.account(target_id)
    if account is None:
        _known_parent(call, target_id)
    if call.parameters["Filter"] != "SERVICE_CONTROL_POLICY":
        return {"Policies": []}
    policies = [_policy(call, "p-FullAWSAccess", "FullAWSAccess", is_aws_managed=True)]
    if target_id == call.world.organization.unit("Sandbox").id:
        policies.append(_policy(call, "p-regiondeny", "DenyLastRegion", is_aws_managed=False))
    return _page(call, policies, "Policies")


@operation("organizations", "DescribeEffectivePolicy")
def describe_effective_policy(call: Call) -> dict[str, Any]:
    """Any account may ask for its own; a record of `organizations.tag_policies` is the content."""
    target_id = call.parameters.get("TargetId") or call.account.id
    if target_id != call.account.id and not call.account.is_management:
        raise AwsError("AccessDeniedException", "You don't have permissions for this account.")
    account = _found_account(call, target_id)
    policies = call.world.account_place(account.id).all("organizations.tag_policies")
    kind = call.parameters["PolicyType"]
    if kind != "TAG_POLICY" or not policies:
        raise AwsError("EffectivePolicyNotFoundException", f"No effective policy of type {kind}.")
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(policies[0]),
            "LastUpdatedTimestamp": call.world.epoch - timedelta(days=90),
            "TargetId": account.id,
            "PolicyType": kind,
        }
    }


def _policy(call: Call, policy_id: str, name: str, *, is_aws_managed: bool) -> dict[str, Any]:
    owner = "aws" if is_aws_managed else MANAGEMENT_ID
    path = "" if is_aws_managed else f"{call.world.organization.id}/"
    return {
        "Id": policy_id,
        "Arn": f"arn:aws:organizations::{owner}:policy/{path}service_control_policy/{policy_id}",
        "Name": name,
        "Description": name,
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": is_aws_managed,
    }


def _found_account(call: Call, account_id: str) -> SimAccount:
    account = call.world.account(account_id)
    if account is None:
        raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
    return account


def _known_parent(call: Call, parent_id: str | None = None) -> str:
    wanted = str(parent_id or call.parameters["ParentId"])
    organization = call.world.organization
    if wanted not in (organization.root_id, *(unit.id for unit in organization.units)):
        code = "TargetNotFoundException" if parent_id else "ParentNotFoundException"
        raise AwsError(code, "You specified a root or organizational unit that doesn't exist.")
    return wanted
