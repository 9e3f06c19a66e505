import pytest
from botocore.exceptions import ClientError

from simulator.facets.event_rules import put_rule, target

MEMBER = "100000000003"


@pytest.fixture
def place(default):
    place = default.world.place(MEMBER, "eu-west-1")
    place.records.clear()
    return place


@pytest.fixture
def client(default):
    return default.member("events", MEMBER, "eu-west-1")


def rules(client, **parameters):
    pages = client.get_paginator("list_rules").paginate(**parameters)
    return [rule["Name"] for page in pages for rule in page["Rules"]]


def test_the_default_bus_stands_everywhere(client, place):
    assert [bus["Name"] for bus in client.list_event_buses()["EventBuses"]] == ["default"]
    assert rules(client) == []


def test_rules_are_those_of_one_bus_in_pages(client, place):
    place.put("events.buses", {"Name": "orders", "Arn": place.arn("events", "event-bus/orders")})
    for number in range(3):
        put_rule(place, f"r{number}", {"source": ["x"]})
    put_rule(place, "fulfil", {"source": ["x"]}, EventBusName="orders")
    assert rules(client) == rules(client, EventBusName="default") == ["r0", "r1", "r2"]
    assert rules(client, EventBusName="orders") == ["fulfil"]
    assert rules(client, NamePrefix="r2") == ["r2"]


def test_targets_are_those_of_one_rule(client, place):
    put_rule(place, "r", {"source": ["x"]}, *(target(place, "function") for _ in range(3)))
    pages = client.get_paginator("list_targets_by_rule").paginate(Rule="r")
    assert [found["Id"] for page in pages for found in page["Targets"]] == ["1", "2", "3"]


def test_unknown_buses_and_rules_are_not_found(client, place):
    for parameters in ({"Rule": "r"}, {"Rule": "r", "EventBusName": "orders"}):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.list_targets_by_rule(**parameters)


def test_a_bad_token_is_refused(client):
    with pytest.raises(ClientError, match="ValidationException"):
        client.list_rules(NextToken="nonsense")
