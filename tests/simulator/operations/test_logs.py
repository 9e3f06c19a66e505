import pytest
from botocore.exceptions import ClientError

MEMBER = "100000000003"


@pytest.fixture
def client(default):
    place = default.world.place(MEMBER, "eu-west-1")
    place.records.clear()
    for number in (3, 1, 2, 4):
        name = f"/app/{number}"
        place.put("logs.groups", {"logGroupName": name, "arn": place.arn("logs", name)})
    return default.member("logs", MEMBER, "eu-west-1")


def names(client, **parameters):
    pages = client.get_paginator("describe_log_groups").paginate(**parameters)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def test_log_groups_are_listed_by_name_in_pages(client):
    assert names(client) == ["/app/1", "/app/2", "/app/3", "/app/4"]
    assert len(client.describe_log_groups()["logGroups"]) == 3


def test_log_groups_may_be_asked_for_by_prefix(client):
    assert names(client, logGroupNamePrefix="/app/2") == ["/app/2"]


def test_a_bad_token_is_refused(client):
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client.describe_log_groups(nextToken="nonsense")
