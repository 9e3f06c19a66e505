"""Collectors of AWS Organizations: organization, accounts, administrators and tag policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.organizations import (
    DelegatedAdministrator,
    MemberAccount,
    Organization,
    TagPolicy,
)
from workers.collectors.base import Collector, Response, Session, pick

ADMINISTERED = (
    "config.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "health.amazonaws.com",
)
"""Services whose administrators are read."""

EFFECTIVE = "organizations:DescribeEffectivePolicy"
NO_CONTENT = Gap(kind=TagPolicy.kind, reason=GapReason.NOT_SUPPLIED, operation=EFFECTIVE)


@Collector(fact=Organization, operations=("organizations:DescribeOrganization",))
def organizations(session: Session) -> Iterator[Organization]:
    client = session.client("organizations")
    try:
        answer = session.once("organizations", "describe_organization")
    except client.exceptions.AWSOrganizationsNotInUseException:
        return
    yield parse_organization(answer["Organization"])


def parse_organization(raw: Response) -> Organization:
    return Organization(
        id=raw["Id"],
        management_account=raw["MasterAccountId"],
        has_all_features=raw.get("FeatureSet") == "ALL",
    )


@Collector(fact=DelegatedAdministrator, operations=("organizations:ListDelegatedAdministrators",))
def delegated_administrators(session: Session) -> Iterator[DelegatedAdministrator]:
    client = session.client("organizations")
    for service in ADMINISTERED:
        try:
            for raw in session.items(
                "organizations",
                "list_delegated_administrators",
                "DelegatedAdministrators",
                ServicePrincipal=service,
            ):
                yield parse_delegated_administrator(raw, service)
        except client.exceptions.AWSOrganizationsNotInUseException:
            return
        except client.exceptions.InvalidInputException as error:
            if not _is_unrecognized(error):
                raise


def _is_unrecognized(error: ClientError) -> bool:
    """Whether Organizations does not know the service here: then nobody administers it.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html
    """
    reason = error.response.get("Reason", "")
    return reason == "UNRECOGNIZED_SERVICE_PRINCIPAL" or "unrecognized service" in str(error)


def parse_delegated_administrator(raw: Response, service: str) -> DelegatedAdministrator:
    return DelegatedAdministrator(service=service, account=raw["Id"])


@Collector(fact=MemberAccount, operations=("organizations:ListAccounts",))
def member_accounts(session: Session) -> Iterator[MemberAccount]:
    client = session.client("organizations")
    try:
        for raw in session.items("organizations", "list_accounts", "Accounts"):
            yield parse_member_account(raw)
    except client.exceptions.AWSOrganizationsNotInUseException:
        return


def parse_member_account(raw: Response) -> MemberAccount:
    """Status is the older member, which knows fewer values."""
    return MemberAccount(id=raw["Id"], state=raw.get("State") or raw.get("Status"))


@Collector(fact=TagPolicy, operations=(EFFECTIVE,))
def tag_policies(session: Session) -> Iterator[TagPolicy]:
    """Any account may ask for its own; one outside an organization has none."""
    client = session.client("organizations")
    try:
        response = client.describe_effective_policy(
            PolicyType="TAG_POLICY", TargetId=session.account
        )
    except client.exceptions.AWSOrganizationsNotInUseException:
        return
    except client.exceptions.EffectivePolicyNotFoundException:
        yield TagPolicy(account=session.account, tag_keys=())
        return
    yield parse_tag_policy(response, session.account)


def parse_tag_policy(response: Response, account: str) -> TagPolicy:
    content = pick(response, "EffectivePolicy", "PolicyContent")
    keys: Any = NO_CONTENT if content is None else _tag_keys(content)
    return TagPolicy(account=account, tag_keys=keys)


def _tag_keys(content: str) -> Any:
    """A key is spelled as its tag_key says, and in small letters where there is none.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
    """
    try:
        tags = json.loads(content).get("tags", {})
        return tuple(sorted(_spelling(key, policy) for key, policy in tags.items()))
    except (ValueError, AttributeError):
        return not_told(TagPolicy.kind, EFFECTIVE, "PolicyContent")


def _spelling(key: str, policy: Mapping[str, Any]) -> str:
    return str(policy.get("tag_key") or key)
