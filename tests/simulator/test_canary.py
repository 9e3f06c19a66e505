import json

import pytest
from botocore.exceptions import ClientError

from simulator.canary import Canary, is_free
from simulator.protocol import service_model

TOKEN = "C4N4RY"
STRING = service_model("cloudtrail").shape_for("String")
MEMBER = "100000000003"


def test_a_free_string_carries_the_mark_of_its_member():
    marked = Canary(TOKEN)("archive", STRING, "cloudtrail:DescribeTrails.trailList[0].S3BucketName")
    assert marked == "archive-C4N4RY-DescribeTrails-S3BucketName"


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:s3:::a",
        "100000000001",
        "eu-west-1",
        "2026-01-01T00:00:00Z",
        "ou-1234-abcd",
        "",
        "true",
    ],
)
def test_identifiers_stay_as_they_are(value):
    assert not is_free(value, STRING, "Description")


@pytest.mark.parametrize("member", ["TrailARN", "NextToken", "Key", "AccountId", "Status"])
def test_members_that_the_product_lives_by_stay_as_they_are(member):
    assert not is_free("anything", STRING, member)


def test_documents_stay_documents():
    marked = Canary(TOKEN)('{"a": 1}', STRING, "cloudformation:GetTemplate.TemplateBody")
    assert json.loads(marked) == {"a": 1, "Canary": "-C4N4RY-GetTemplate-TemplateBody"}


def test_marks_are_taken_off_requests_however_deep():
    canary = Canary(TOKEN)
    name = canary("web", STRING, "logs:X.Name")
    assert canary.stripped({"a": [name], "b": 3}) == {"a": ["web"], "b": 3}


def test_a_token_is_letters_and_digits():
    with pytest.raises(ValueError, match="letters and digits"):
        Canary("a-b")


def test_names_with_marks_are_found_again(simulator):
    client = simulator(canary=TOKEN).member("cloudtrail", MEMBER)
    (trail,) = client.describe_trails(includeShadowTrails=False)["trailList"]
    assert TOKEN in trail["Name"]
    assert TOKEN in trail["S3BucketName"]
    assert client.get_trail_status(Name=trail["Name"])["IsLogging"] in (True, False)


def test_messages_of_errors_carry_it_too(simulator):
    client = simulator(canary=TOKEN).member("organizations", MEMBER)
    with pytest.raises(ClientError, match=f"{TOKEN}-ListAccounts-Message"):
        client.list_accounts()


def test_scanning_still_finds_its_way(simulator):
    world = simulator(canary=TOKEN)
    organization = world.client("organizations")
    root = organization.list_roots()["Roots"][0]["Id"]
    units = organization.list_organizational_units_for_parent(ParentId=root)
    assert all(TOKEN in unit["Name"] for unit in units["OrganizationalUnits"])
    assert world.assumed(MEMBER)
