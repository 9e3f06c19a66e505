import pytest
from botocore.exceptions import ClientError

from simulator.days import Change
from simulator.organization import MANAGEMENT_ID

MEMBER = "100000000003"
STANDS = [
    Change(day=1, facet="cloudtrail.trail", variant="logging", account=MEMBER),
    Change(day=1, facet="cloudtrail.organization_trail", variant="logging"),
]


@pytest.fixture
def world(simulator):
    return simulator(changes=STANDS)


def names(client, **parameters):
    return [trail["Name"] for trail in client.describe_trails(**parameters)["trailList"]]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_member_sees_its_trail_and_the_organizations_in_every_region(world, region):
    assert names(world.member("cloudtrail", MEMBER, region)) == [
        "management-events",
        "organization",
    ]


def test_without_shadows_a_trail_is_seen_at_home_only(world):
    home = world.member("cloudtrail", MEMBER)
    elsewhere = world.member("cloudtrail", MEMBER, "eu-west-1")
    assert names(home, includeShadowTrails=False) == ["management-events"]
    assert names(elsewhere, includeShadowTrails=False) == []


def test_the_status_of_a_shadow_is_told_by_its_arn_not_its_name(world):
    client = world.member("cloudtrail", MEMBER, "eu-west-1")
    for trail in client.describe_trails()["trailList"]:
        assert client.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
        with pytest.raises(ClientError, match="TrailNotFoundException"):
            client.get_trail_status(Name=trail["Name"])


def test_selectors_are_told_to_the_owner_at_home(world):
    (arn,) = (
        trail["TrailARN"]
        for trail in world.member("cloudtrail", MEMBER).describe_trails()["trailList"]
        if trail["IsOrganizationTrail"]
    )
    owner = world.member("cloudtrail", MANAGEMENT_ID)
    assert owner.get_event_selectors(TrailName=arn)["EventSelectors"]
    for account, region in ((MANAGEMENT_ID, "eu-west-1"), (MEMBER, "us-east-1")):
        with pytest.raises(ClientError, match="TrailNotFoundException"):
            world.member("cloudtrail", account, region).get_event_selectors(TrailName=arn)
