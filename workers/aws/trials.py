"""Trying the way into accounts step by step, to say what is missing and what to do about it.

No step changes anything; trying the role without its external ID leaves a denied AssumeRole in the
account's CloudTrail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from botocore.model import OperationModel

from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, GapReason
from workers.aws.access import AccessError, Health, RoleAccess
from workers.aws.errors import error_code, is_aws_error, reason_of
from workers.aws.policy import ALWAYS, declared_operations
from workers.aws.regions import regions_of
from workers.aws.sessions import AccountSession, Hub, RegionSession
from workers.collectors.base import collectors

HUB = "hub"
REFUSED = (Health.ROLE_MISSING, Health.EXTERNAL_ID_WRONG, Health.DENIED)
ROLE = "update the role from deploy/: it is older than this version of Cairn, or was narrowed"
POLICY = "a service control policy denies it; exempt the scanner's role, or leave it as a known gap"
ADVICE = {
    GapReason.ACCESS_DENIED: ROLE,
    GapReason.DENIED_BY_POLICY: POLICY,
    GapReason.REGION_DISABLED: "the region is off in this account: choose an enabled home region",
    GapReason.CREDENTIALS: "the credentials ended during the trial: try again",
}
OTHERWISE = "try again later; if it stays so, look at the AWS Health Dashboard and the network"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One step that was tried for an account (or the hub), and how it went."""

    account: str
    step: str
    passed: bool
    told: str
    advice: str = ""


def try_hub(hub: Hub, access: RoleAccess) -> Iterator[Trial]:
    """The hub's credentials, and each call that reads the organization."""
    try:
        identity = hub.identity(access)
    except AccessError as error:
        yield Trial(
            account=HUB, step="credentials", passed=False, told=error.health, advice=error.message
        )
        return
    yield Trial(account=HUB, step="credentials", passed=True, told=f"of account {identity}")
    session = hub.organization(access)
    advice = "run in the management account, or apply deploy/organizations-delegation-policy.json"
    with session.collecting("trial"):
        client = session.client("organizations")
        try:
            root = client.list_roots()["Roots"][0]["Id"]
            client.describe_organization()
            account = client.list_accounts()["Accounts"][0]["Id"]
            client.list_accounts_for_parent(ParentId=root)
            client.list_organizational_units_for_parent(ParentId=root)
            client.list_tags_for_resource(ResourceId=account)
        except Exception as error:
            if not is_aws_error(error):
                raise
            yield _failed(HUB, "organization", error, advice)
            return
    told = "accounts, units and tags can be listed"
    yield Trial(account=HUB, step="organization", passed=True, told=told)


def try_account(
    hub: Hub, account: str, access: RoleAccess, *, is_management: bool = False
) -> Iterator[Trial]:
    """Role, external ID, regions, and one call of each service, in this order while it goes on."""
    try:
        session = hub.account(account, access)
    except AccessError as error:
        if not is_management or hub.identity(access) != account:
            yield Trial(
                account=account, step="role", passed=False, told=error.health, advice=error.message
            )
            return
        session = hub.account(account, replace(access, hub_account=account))
        told = "no role here: it is read with the hub's own credentials"
        yield Trial(account=account, step="role", passed=True, told=told)
    else:
        yield Trial(account=account, step="role", passed=True, told=access.role_name)
        yield _external_id(hub, account, access)
    yield _regions(session)
    yield from _services(session, is_management=is_management)


def _external_id(hub: Hub, account: str, access: RoleAccess) -> Trial:
    """Without the external ID the role must refuse; otherwise it protects nothing."""
    if not access.external_id:
        told, advice = "not set", "set an external ID for the organization, and update the roles"
        return Trial(account=account, step="external ID", passed=False, told=told, advice=advice)
    try:
        hub.account(account, replace(access, external_id=""))
    except AccessError as error:
        passed = error.health in REFUSED
        told = "required" if passed else error.health
        advice = "" if passed else error.message
    else:
        passed, told = False, "the role is assumed without it"
        advice = "add the condition sts:ExternalId to its trust policy, as in deploy/"
    return Trial(account=account, step="external ID", passed=passed, told=told, advice=advice)


def _regions(session: AccountSession) -> Trial:
    try:
        found = regions_of(session)
    except AccessError as error:
        return Trial(
            account=session.account,
            step="regions",
            passed=False,
            told=error.message,
            advice=ROLE if error.health is Health.DENIED else OTHERWISE,
        )
    told = f"{len(found.enabled)} enabled, {len(found.opted_out)} off"
    return Trial(account=session.account, step="regions", passed=True, told=told)


def _services(session: AccountSession, *, is_management: bool) -> Iterator[Trial]:
    """One call of each service that has one which asks for nothing, in the home region."""
    place = session.region(AWS_ORGANIZATION if is_management else AWS_GLOBAL)
    operations = sample_operations(place, is_management=is_management)
    refused = []
    for operation in operations:
        try:
            with place.collecting("trial"):
                _call(place, operation)
        except Exception as error:
            if reason_of(error) is not None:
                refused.append(_failed(session.account, operation, error, OTHERWISE))
            elif not is_aws_error(error):
                raise
    yield from refused
    told = f"{len(operations) - len(refused)} of {len(operations)} services answer"
    yield Trial(account=session.account, step="services", passed=not refused, told=told)


def sample_operations(place: RegionSession, *, is_management: bool) -> list[str]:
    """For each service one operation that the role may call, and that needs no parameters."""
    known = collectors()
    granted = {*ALWAYS, *declared_operations(known, organization=False)}
    if is_management:
        granted |= declared_operations(known, organization=True)
    found = []
    for service, operations in groupby(sorted(granted), key=lambda name: name.partition(":")[0]):
        model = place.client(service).meta.service_model
        for operation in operations:
            if _asks_for_nothing(model.operation_model(operation.partition(":")[2])):
                found.append(operation)
                break
    return found


def _asks_for_nothing(operation: OperationModel) -> bool:
    shape: Any = operation.input_shape
    return shape is None or not shape.required_members


def _call(place: RegionSession, operation: str) -> None:
    service, _, name = operation.partition(":")
    client = place.client(service)
    methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
    getattr(client, methods[name])()


def _failed(account: str, step: str, error: Exception, otherwise: str) -> Trial:
    reason = reason_of(error)
    told = f"{(reason or 'unexpected').replace('_', ' ')} ({error_code(error)})"
    advice = otherwise if account == HUB or reason is None else ADVICE.get(reason, otherwise)
    return Trial(account=account, step=step, passed=False, told=told, advice=advice)
