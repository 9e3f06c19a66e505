import pytest

from simulator.organization import Condition
from workers.aws.access import AccessError, Health
from workers.aws.regions import enabled_regions, regions_of


def test_enabled_regions_are_told_apart_from_those_that_are_off(simulated):
    world = simulated()
    found = regions_of(world.account(world.conditioned(Condition.REGION_OFF)))
    assert found.enabled == ("eu-west-1", "us-east-1")
    assert found.opted_out == ("af-south-1", "ap-southeast-2", "me-south-1")


def test_regions_are_sorted(simulated):
    assert enabled_regions(simulated().account()) == ("ap-southeast-2", "eu-west-1", "us-east-1")


@pytest.mark.parametrize(
    ("fault", "health"), [("access_denied", Health.DENIED), ("error500", Health.UNREACHABLE)]
)
def test_an_account_that_does_not_tell_its_regions_says_why(simulated, fault, health):
    account = simulated(faults=[f"{fault}:ec2"]).account()
    with pytest.raises(AccessError, match="ec2:DescribeRegions") as refused:
        enabled_regions(account)
    assert refused.value.health is health
