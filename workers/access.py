"""Entering an organization's accounts with what the organization's row says of its role."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from django.conf import settings

from accounts.models import Account, Organization
from workers.aws.sessions import AccessError, AccountSession, Health, Hub, RoleAccess


@cache
def process_hub() -> Hub:
    """The hub of this process: one set of clients and credentials for all accounts."""
    return Hub()


def role_access(organization: Organization) -> RoleAccess:
    return RoleAccess(
        partition=organization.partition,
        role_name=organization.role_name,
        external_id=organization.external_id,
        session_name=organization.session_name,
        session_tags=organization.session_tags,
        home_region=organization.home_region,
        endpoint_url=settings.AWS_ENDPOINT_URL or "",
    )


def enter(account: Account, hub: Hub) -> AccountSession:
    """A session in an account by the organization's role; raises AccessError.

    The management account may do without the role where the hub stands in it.
    """
    access = role_access(account.organization)
    try:
        return hub.account(account.account_id, access)
    except AccessError as error:
        is_missing = error.health in (Health.ROLE_MISSING, Health.DENIED)
        if not account.is_management or not is_missing:
            raise
        if hub.identity(access) != account.account_id:
            raise
    return hub.account(account.account_id, replace(access, hub_account=account.account_id))
