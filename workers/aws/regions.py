"""The regions of an account: those it has enabled and those it has not."""

from dataclasses import dataclass

from findings.facts.base import AWS_GLOBAL
from workers.aws.access import AccessError, Health
from workers.aws.errors import error_code, reason_of
from workers.aws.sessions import AccountSession

OPERATIONS = ("ec2:DescribeRegions",)
NOT_OPTED_IN = "not-opted-in"


@dataclass(frozen=True)
class Regions:
    enabled: tuple[str, ...]
    opted_out: tuple[str, ...]


def regions_of(session: AccountSession) -> Regions:
    """All regions of the partition as this account has them.

    Raises AccessError where the account does not tell.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
    """
    place = session.region(AWS_GLOBAL)
    try:
        with place.collecting("regions"):
            listed = place.client("ec2").describe_regions(AllRegions=True)["Regions"]
    except Exception as error:
        reason = reason_of(error)
        if reason is None or isinstance(error, AccessError):
            raise
        why = f"{session.account} does not list its regions: ec2:DescribeRegions answered "
        health = Health.DENIED if "denied" in reason else Health.UNREACHABLE
        raise AccessError(health, f"{why}{error_code(error)}") from error
    off = {raw["RegionName"] for raw in listed if raw.get("OptInStatus") == NOT_OPTED_IN}
    names = {raw["RegionName"] for raw in listed}
    return Regions(enabled=tuple(sorted(names - off)), opted_out=tuple(sorted(off)))


def enabled_regions(session: AccountSession) -> tuple[str, ...]:
    """The regions that an account has enabled, sorted; raises AccessError."""
    return regions_of(session).enabled
