"""Reading an AWS Organization: its units, its accounts and their tags.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.snapshot import AccountSnapshot, OrganizationSnapshot, OuSnapshot
from accounts.states import AccountState
from findings.facts.base import Gap
from workers.aws.access import AccessError, Health
from workers.aws.errors import error_code, gap_of, reason_of
from workers.aws.roles import HOW_TO_SIGN_IN
from workers.aws.sessions import RegionSession

NOT_IN_USE = "AWSOrganizationsNotInUseException"


def read_snapshot(session: RegionSession) -> OrganizationSnapshot:
    """One reading of the organization, by ``Hub.organization``.

    What breaks off leaves ``complete`` false and what was seen until then. Raises AccessError
    where not even the organization itself can be described.
    """
    with session.collecting("organization"):
        client = session.client("organizations")
        organization = _described(client)
        reading = _Reading(client)
        reading.read()
        return OrganizationSnapshot(
            organization_id=organization["Id"],
            management_account_id=organization["MasterAccountId"],
            units=tuple(reading.units),
            accounts=tuple(reading.tagged(session)),
            complete=not reading.errors,
            error="; ".join(reading.errors),
        )


def _described(client: Any) -> Mapping[str, str]:
    try:
        organization: Mapping[str, str] = client.describe_organization()["Organization"]
    except Exception as error:
        if error_code(error) == NOT_IN_USE:
            why = "the hub's account is in no AWS Organization: import its accounts from a file"
            raise AccessError(Health.DENIED, why) from error
        reason = reason_of(error)
        if reason is None or isinstance(error, AccessError):
            raise
        if "denied" in reason:
            raise AccessError(Health.DENIED, _what_is_missing(error)) from error
        why = f"the organization cannot be read ({error_code(error)}): {HOW_TO_SIGN_IN}"
        raise AccessError(Health.UNREACHABLE, why) from error
    return organization


def _what_is_missing(error: Exception) -> str:
    return (
        f"the hub may not read AWS Organizations ({error_code(error)}): run it in the management"
        " account, or in a delegated administrator to which deploy/"
        "organizations-delegation-policy.json was applied"
    )


@dataclass
class _Reading:
    """What was seen so far, and where it broke off."""

    client: Any
    units: list[OuSnapshot] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def read(self) -> None:
        for raw in self._listed("list_accounts", "Accounts"):
            self.accounts[raw["Id"]] = raw
        waiting = [root["Id"] for root in self._listed("list_roots", "Roots")]
        while waiting and not self.errors:
            parent = waiting.pop()
            for raw in self._listed("list_accounts_for_parent", "Accounts", ParentId=parent):
                self.accounts.setdefault(raw["Id"], raw)
                self.parents[raw["Id"]] = parent
            for unit in self._units_of(parent):
                self.units.append(unit)
                waiting.append(unit.id)

    def _units_of(self, parent: str) -> Iterator[OuSnapshot]:
        listing = "list_organizational_units_for_parent"
        for raw in self._listed(listing, "OrganizationalUnits", ParentId=parent):
            yield OuSnapshot(id=raw["Id"], name=raw["Name"], parent_id=parent)

    def _listed(self, method: str, key: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """The items of all pages; a listing that breaks off is noted, and ends."""
        try:
            for page in self.client.get_paginator(method).paginate(**parameters):
                yield from page[key]
        except Exception as error:
            if reason_of(error) is None:
                raise
            operation = self.client.meta.method_to_api_mapping[method]
            self.errors.append(f"organizations:{operation} broke off: {error_code(error)}")

    def tagged(self, session: RegionSession) -> Iterator[AccountSnapshot]:
        """The accounts with their tags, which stop being asked for once they are refused."""
        may_read_tags = True
        for raw in self.accounts.values():
            account = _account(raw, self.parents.get(raw["Id"]))
            if may_read_tags:
                tags = _tags(session, raw["Id"])
                may_read_tags = not isinstance(tags, Gap)
                account = replace(account, tags=None if isinstance(tags, Gap) else tags)
            yield account


def _account(raw: Mapping[str, Any], parent_id: str | None) -> AccountSnapshot:
    return AccountSnapshot(
        id=raw["Id"],
        name=raw.get("Name", ""),
        email=raw.get("Email", ""),
        state=AccountState(raw.get("State") or raw["Status"]),
        parent_id=parent_id,
        tags=None,
        joined_at=raw.get("JoinedTimestamp"),
    )


def _tags(session: RegionSession, account_id: str) -> dict[str, str] | Gap:
    listing = ("organizations", "list_tags_for_resource", "Tags")
    try:
        pairs = session.items(*listing, ResourceId=account_id)
        return {pair["Key"]: pair["Value"] for pair in pairs}
    except Exception as error:
        return gap_of("organization", error)
