"""Which regions an account has enabled: EC2 DescribeRegions and Account Management."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID, SimAccount
from simulator.world import OPT_IN_REGIONS, World


def _opt_in_status(world: World, account: SimAccount, region: str) -> str:
    if not world.is_region_enabled(account, region):
        return "not-opted-in"
    return "opt-in-not-required"


@operation("ec2", "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """Without AllRegions only those that the account has enabled."""
    wanted = call.parameters.get("RegionNames")
    regions = [
        {
            "RegionName": region,
            "Endpoint": f"ec2.{region}.amazonaws.com",
            "OptInStatus": _opt_in_status(call.world, call.account, region),
        }
        for region in (*call.world.regions, *OPT_IN_REGIONS)
        if not wanted or region in wanted
    ]
    if not call.parameters.get("AllRegions"):
        regions = [region for region in regions if region["OptInStatus"] != "not-opted-in"]
    return {"Regions": regions}


@operation("account", "ListRegions")
def list_regions(call: Call) -> dict[str, Any]:
    """The management account may ask about a member by AccountId."""
    account = _asked_account(call)
    statuses = call.parameters.get("RegionOptStatusContains")
    regions = [
        {
            "RegionName": region,
            "RegionOptStatus": "ENABLED_BY_DEFAULT"
            if call.world.is_region_enabled(account, region)
            else "DISABLED",
        }
        for region in (*call.world.regions, *OPT_IN_REGIONS)
    ]
    wanted = [r for r in regions if not statuses or r["RegionOptStatus"] in statuses]
    return call.page(wanted, "Regions", size=50, bad_token="ValidationException")  # noqa: S106


@operation("account", "GetAlternateContact")
def get_alternate_contact(call: Call) -> dict[str, Any]:
    account = _asked_account(call)
    kind = call.parameters["AlternateContactType"]
    place = call.world.account_place(account.id)
    contact = place.find("account.alternate_contacts", AlternateContactType=kind)
    if contact is None:
        raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate type.")
    return {"AlternateContact": contact}


def _asked_account(call: Call) -> SimAccount:
    asked = call.parameters.get("AccountId")
    if asked is None or asked == call.account.id:
        return call.account
    account = call.world.account(asked)
    allowed = (MANAGEMENT_ID, call.world.organization.delegated_administrator)
    if account is None or call.account.id not in allowed:
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.principal.arn} is not authorized to perform: account:{call.name}",
        )
    return account
