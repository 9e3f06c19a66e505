"""The event history of CloudTrail."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change
from tests.simulator.conftest import EPOCH

ACCOUNT, REGION = "100000000003", "us-east-1"


@pytest.fixture
def client(simulator):
    """CloudTrail of an account in which a person updated the stack till three days ago."""
    change = Change(
        day=1,
        facet="cloudformation.stacks.deployments",
        variant="by_person",
        account=ACCOUNT,
        region=REGION,
    )
    used = Change(
        day=1, facet="cloudformation.stacks", variant="healthy", account=ACCOUNT, region=REGION
    )
    return simulator(changes=[change, used]).member("cloudtrail", ACCOUNT)


def looked_up(client, name, **parameters):
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    return client.lookup_events(LookupAttributes=[attribute], **parameters)["Events"]


def test_a_call_is_found_by_its_name_and_tells_who_made_it(client):
    (event,) = looked_up(client, "UpdateStack")
    assert event["EventTime"] == EPOCH - timedelta(days=3)
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"]["type"] == "IAMUser"
    assert record["requestParameters"] == {"stackName": "till"}


def test_calls_before_the_start_are_not_told(client):
    assert looked_up(client, "UpdateStack", StartTime=EPOCH - timedelta(days=2)) == []


def test_the_newest_comes_first(client):
    times = [event["EventTime"] for event in looked_up(client, "ExecuteChangeSet")]
    assert times == sorted(times, reverse=True)
    assert times


def test_events_are_looked_up_by_their_name_only(client):
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        client.lookup_events(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "j"}])
