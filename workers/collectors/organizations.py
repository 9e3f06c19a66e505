"""Collectors of AWS Organizations: the organization, its accounts, and who administers services."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from findings.facts.organizations import DelegatedAdministrator, MemberAccount, Organization
from workers.collectors.base import Collector, Response, Session

ADMINISTERED = (
    "config.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "health.amazonaws.com",
)
"""Services whose administrators are read."""


@Collector(fact=Organization, operations=("organizations:DescribeOrganization",))
def organizations(session: Session) -> Iterator[Organization]:
    client = session.client("organizations")
    try:
        yield parse_organization(client.describe_organization()["Organization"])
    except client.exceptions.AWSOrganizationsNotInUseException:
        return


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
