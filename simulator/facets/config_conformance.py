"""Conformance packs: of a region, how they score, and how those of the organization spread."""

from typing import Any

from simulator.facets.base import ORGANIZATION, RARELY, Facet
from simulator.facets.config import has_recorder
from simulator.organization import MANAGEMENT_ID
from simulator.places import OrganizationPlace, Place

packs = Facet("config.packs")
spread = Facet("config.organization_packs", level=ORGANIZATION)

DEPLOYED = "config_conformance_pack_deployed"
SCORED = "config_conformance_pack_score_minimum"
ROLLED_OUT = "config_organization_conformance_packs_rolled_out"


def _put(
    place: Place, name: str, state: str, score: str | None, scored: str, **members: Any
) -> None:
    arn = place.arn("config", f"conformance-pack/{name}/conformance-pack-{name[:4]}")
    place.put(
        "config.packs",
        {
            "ConformancePackName": name,
            "ConformancePackId": f"conformance-pack-{place.hexadecimal(name)}",
            "ConformancePackArn": arn,
            "ConformancePackState": state,
            "LastUpdateRequestedTime": place.ago(days=40),
            "_score": {"Score": score, "LastUpdatedTime": place.moving(hours=3)},
            **members,
        },
    )
    place.expect(SCORED, scored, resource=name)


def _expect(place: Place, status: str) -> None:
    place.expect(DEPLOYED, status if has_recorder(place) else "not_applicable")


@packs.variant("deployed", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def deployed(place: Place) -> None:
    """The limit of the score exactly."""
    _put(place, "OrgConformsPack-baseline-a1b2c3d4", "CREATE_COMPLETE", "90.0", "pass")
    _expect(place, "pass")


@packs.variant("updated", characters={"exemplary": 1, "ordinary": 1})
def updated(place: Place) -> None:
    """Among three: one is new and nothing of it was evaluated."""
    _put(place, "baseline", "UPDATE_COMPLETE", "100", "pass")
    _put(place, "encryption", "CREATE_IN_PROGRESS", "INSUFFICIENT_DATA", "not_applicable")
    _put(place, "resilience", "UPDATE_FAILED", "89.99", "fail")
    _expect(place, "pass")


@packs.variant("failing", characters={"neglected": 2, "ordinary": 1})
def failing(place: Place) -> None:
    _put(place, "baseline", "CREATE_FAILED", "INSUFFICIENT_DATA", "not_applicable")
    _put(place, "encryption", "UPDATE_IN_PROGRESS", "8.5", "fail")
    _expect(place, "fail")


@packs.variant("none", characters={"new": 3, "neglected": 2, "ordinary": 1, "locked_down": 1})
def none(place: Place) -> None:
    _expect(place, "fail")


@packs.variant("score_not_told", characters=RARELY)
def score_not_told(place: Place) -> None:
    _put(place, "baseline", "CREATE_COMPLETE", None, "unknown", _score=None)
    _put(place, "encryption", "DELETE_FAILED", "high", "unknown")
    _expect(place, "pass")


LEFT = ("200000000001", "200000000002", "200000000003")
"""Accounts that a pack was deployed to before they left."""


def _spread(
    organization: OrganizationPlace, status: str, *accounts: str, owner: str | None = None
) -> None:
    """A pack, and how it stands in the accounts that come first; small worlds have had others."""
    administrator = organization.world.organization.delegated_administrator or MANAGEMENT_ID
    home = organization.member(owner or administrator).home
    known = [*organization.world.organization.accounts, *LEFT]
    home.put(
        "config.organization_packs",
        {
            "OrganizationConformancePackName": f"baseline-{len(accounts)}",
            "Status": status,
            "LastUpdateTime": home.ago(days=30),
            "_accounts": [
                {
                    "AccountId": known[number],
                    "ConformancePackName": "OrgConformsPack-baseline-a1b2c3d4",
                    "Status": told,
                }
                for number, told in enumerate(accounts)
            ],
        },
    )


@spread.variant("everywhere")
def everywhere(organization: OrganizationPlace) -> None:
    _spread(organization, "CREATE_SUCCESSFUL", *["CREATE_SUCCESSFUL"] * 3)
    _spread(organization, "UPDATE_SUCCESSFUL", "UPDATE_SUCCESSFUL", owner=MANAGEMENT_ID)
    organization.expect(ROLLED_OUT, "pass")


@spread.variant("failed_in_an_account")
def failed_in_an_account(organization: OrganizationPlace) -> None:
    _spread(organization, "CREATE_SUCCESSFUL", *["CREATE_SUCCESSFUL"] * 2, "UPDATE_FAILED")
    organization.expect(ROLLED_OUT, "fail")


@spread.variant("nowhere")
def nowhere(organization: OrganizationPlace) -> None:
    _spread(organization, "DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS")
    organization.expect(ROLLED_OUT, "not_applicable")


@spread.variant("failed_by_the_management_account")
def failed_by_the_management_account(organization: OrganizationPlace) -> None:
    _spread(organization, "CREATE_FAILED", "CREATE_SUCCESSFUL", owner=MANAGEMENT_ID)
    organization.expect(ROLLED_OUT, "fail")
