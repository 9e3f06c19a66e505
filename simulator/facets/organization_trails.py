"""How the trail of the organization is set up: it stands in the management account.

Every account sees it as a shadow.
"""

from simulator.facets.base import ORGANIZATION, Facet
from simulator.facets.trail_keys import central_key
from simulator.facets.trail_records import (
    ORGANIZATION_BUCKET,
    expect_shadows,
    expect_trail,
    put_trail,
    streaming,
)
from simulator.operations.cloudtrail import TRAILS
from simulator.organization import MANAGEMENT_ID
from simulator.places import AccountPlace, OrganizationPlace, Record

organization_trail = Facet("cloudtrail.organization_trail", level=ORGANIZATION)

ORGANIZATION_CHECK = "cloudtrail_organization_trail_logging"


def organization_records(account: AccountPlace, *, every_region: bool = True) -> bool:
    """Whether the organization's trail records the account: every region, or its home region."""
    home = account.world.organization_place.member(MANAGEMENT_ID).home
    return any(
        found["_status"]["IsLogging"] and (found["IsMultiRegionTrail"] or not every_region)
        for found in home.all(TRAILS)
    )


def _put_organization_trail(
    organization: OrganizationPlace, *, is_logging: bool = True, is_multi_region: bool = True
) -> None:
    home = organization.member(MANAGEMENT_ID).home
    status: Record = {"IsLogging": is_logging}
    if not is_logging:
        status["LatestDeliveryTime"] = home.ago(days=40)
    found = put_trail(
        home,
        "organization",
        status=status,
        IsOrganizationTrail=True,
        IsMultiRegionTrail=is_multi_region,
        S3BucketName=ORGANIZATION_BUCKET,
        KmsKeyId=central_key(home),
        **streaming(home),
    )
    expect_trail(home, found, delivery="pass" if is_logging else "not_applicable")
    regions = list(organization.world.regions) if is_multi_region else [home.region]
    for account in organization.world.accounts:
        if account.id != MANAGEMENT_ID:
            expect_shadows(organization.member(account.id).home, found, regions)


@organization_trail.variant("stopped")
def organization_trail_stopped(organization: OrganizationPlace) -> None:
    """Somebody stopped it 40 days ago: every account depends on its own trail."""
    _put_organization_trail(organization, is_logging=False)
    organization.expect(ORGANIZATION_CHECK, "fail")


@organization_trail.variant("logging")
def organization_trail_logging(organization: OrganizationPlace) -> None:
    _put_organization_trail(organization)
    organization.expect(ORGANIZATION_CHECK, "pass")


@organization_trail.variant("of_one_region")
def organization_trail_of_one_region(organization: OrganizationPlace) -> None:
    _put_organization_trail(organization, is_multi_region=False)
    organization.expect(ORGANIZATION_CHECK, "fail")
