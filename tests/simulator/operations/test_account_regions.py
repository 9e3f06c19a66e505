import pytest
from botocore.exceptions import ClientError

from simulator.organization import Condition

MEMBER = "100000000003"


def off(caller):
    accounts = caller.world.accounts
    return next(a.id for a in accounts if a.condition is Condition.REGION_OFF)


def error(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]


def statuses(client, **parameters):
    regions = client.describe_regions(**parameters)["Regions"]
    return {region["RegionName"]: region["OptInStatus"] for region in regions}


def test_enabled_regions_are_listed_and_the_others_only_on_demand(default):
    client = default.member("ec2", MEMBER)
    assert set(statuses(client)) == set(default.world.regions)
    assert statuses(client, AllRegions=True)["af-south-1"] == "not-opted-in"


def test_the_region_that_is_off_is_not_opted_in(default):
    client = default.member("ec2", off(default))
    assert "ap-southeast-2" not in statuses(client)
    assert statuses(client, AllRegions=True)["ap-southeast-2"] == "not-opted-in"


def test_named_regions_only(default):
    assert set(statuses(default.client("ec2"), RegionNames=["eu-west-1"])) == {"eu-west-1"}


def test_account_management_says_the_same(default):
    asked = default.client("account").list_regions(AccountId=off(default))["Regions"]
    regions = {region["RegionName"]: region["RegionOptStatus"] for region in asked}
    assert regions["ap-southeast-2"] == "DISABLED"
    assert regions["us-east-1"] == "ENABLED_BY_DEFAULT"


def test_regions_may_be_filtered_by_status(default):
    asked = default.client("account").list_regions(RegionOptStatusContains=["DISABLED"])
    assert {region["RegionName"] for region in asked["Regions"]} == {"af-south-1", "me-south-1"}


def test_a_member_may_not_ask_about_another(default):
    client = default.member("account", MEMBER)
    assert error(client.list_regions, AccountId="100000000004")["Code"] == "AccessDeniedException"


def test_a_contact_that_is_not_set_is_not_found(default):
    client = default.member("account", MEMBER)
    wrong = error(client.get_alternate_contact, AlternateContactType="BILLING")
    assert wrong["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("cloudtrail", "describe_trails", "UnrecognizedClientException"),
    ],
)
@pytest.mark.parametrize("region", ["ap-southeast-2", "af-south-1"])
def test_a_region_that_is_off_knows_no_key(default, service, operation, code, region):
    client = default.member(service, off(default), region)
    assert error(getattr(client, operation)) == {
        "Code": code,
        "Message": "The security token included in the request is invalid.",
    } | {key: value for key, value in [("Type", "Sender")] if service == "sts"}


def test_the_sandbox_is_denied_the_last_region_by_policy(default):
    sandbox = next(a.id for a in default.world.accounts if a.unit == "Sandbox")
    for service, operation in (("cloudtrail", "describe_trails"), ("ec2", "describe_regions")):
        client = default.member(service, sandbox, "ap-southeast-2")
        wrong = error(getattr(client, operation))
        assert wrong["Message"].endswith("with an explicit deny in a service control policy")
    assert default.member("sts", sandbox, "ap-southeast-2").get_caller_identity()
    assert default.member("cloudtrail", sandbox, "eu-west-1").describe_trails()
