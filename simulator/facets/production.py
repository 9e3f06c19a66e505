"""Which accounts are production, and what that does to an answer."""

from simulator.organization import SimAccount
from simulator.places import Spot

PRODUCTION_UNIT = "Workloads/Prod"


def is_production(account: SimAccount) -> bool:
    """By the tag Environment, where the account has none by its unit."""
    environment = account.tags.get("Environment")
    return environment == "production" if environment else account.unit == PRODUCTION_UNIT


def in_production(place: Spot, status: str) -> str:
    """The answer of a check that applies to production accounts only."""
    return status if is_production(place.account) else "not_applicable"
