import pytest
from botocore.exceptions import ClientError

MEMBER = "100000000003"


@pytest.fixture
def tagging(default):
    """A region with 25 tagged records of different spellings and one without tags."""
    place = default.world.place(MEMBER, "eu-west-1")
    place.records.clear()
    for number in range(20):
        place.put(
            "x", {"Arn": place.arn("sns", f"t{number}"), "Tags": [{"Key": "A", "Value": "1"}]}
        )
    for number in range(5):
        arn = place.arn("cloudformation", f"stack/s{number}/id")
        place.put("y", {"StackId": arn, "_tags": {"A": "2", "B": "x"}})
    place.put("z", {"arn": place.arn("logs", "log-group:g"), "tags": {}})
    return default.member("resourcegroupstaggingapi", MEMBER, "eu-west-1")


def resources(client, **parameters):
    pages = list(client.get_paginator("get_resources").paginate(**parameters))
    return [m for page in pages for m in page["ResourceTagMappingList"]], len(pages)


def test_every_tagged_record_is_listed_in_pages(tagging):
    found, pages = resources(tagging)
    assert (len(found), pages) == (25, 2)


def test_resources_may_be_asked_for_by_type(tagging):
    assert len(resources(tagging, ResourceTypeFilters=["cloudformation:stack"])[0]) == 5
    assert len(resources(tagging, ResourceTypeFilters=["sns"])[0]) == 20
    assert resources(tagging, ResourceTypeFilters=["cloudformation:other"])[0] == []


def test_resources_may_be_asked_for_by_tag(tagging):
    assert len(resources(tagging, TagFilters=[{"Key": "B"}])[0]) == 5
    assert len(resources(tagging, TagFilters=[{"Key": "A", "Values": ["1"]}])[0]) == 20


def test_a_bad_token_is_refused(tagging):
    with pytest.raises(ClientError, match="PaginationTokenExpiredException"):
        tagging.get_resources(PaginationToken="nonsense")
