import pytest

from simulator.days import Change

ACCOUNT = "100000000003"
IN_SET, OUTSIDE = ("us-east-1", "eu-west-1"), "ap-southeast-2"


@pytest.fixture
def member(simulator):
    change = Change(day=1, facet="incidents", variant="exemplary", account=ACCOUNT)
    return simulator(changes=[change]).member


def plans_in(client):
    pages = client.get_paginator("list_response_plans").paginate()
    return [plan["arn"] for page in pages for plan in page["responsePlanSummaries"]]


def test_each_region_of_the_replication_set_tells_the_same(member):
    one, other = (member("ssm-incidents", ACCOUNT, region) for region in IN_SET)
    assert plans_in(one) == plans_in(other)
    assert len(plans_in(one)) == 4
    assert one.get_response_plan(arn=plans_in(one)[0])["name"] == "shop"


def test_outside_of_it_there_is_nothing(member):
    client = member("ssm-incidents", ACCOUNT, OUTSIDE)
    assert client.list_replication_sets()["replicationSetArns"] == []
    assert plans_in(client) == []


def test_incidents_are_told_by_status(member):
    client = member("ssm-incidents", ACCOUNT, IN_SET[0])

    def told(status):
        condition = {"equals": {"stringValues": [status]}}
        asked = {"filters": [{"key": "status", "condition": condition}]}
        pages = client.get_paginator("list_incident_records").paginate(**asked)
        return [record for page in pages for record in page["incidentRecordSummaries"]]

    resolved = told("RESOLVED")
    assert (len(resolved), told("OPEN")) == (3, [])
    items = client.list_related_items(incidentRecordArn=resolved[0]["arn"])
    assert len(items["relatedItems"]) == 2
    assert "nextToken" in items


def test_what_is_not_there_has_no_plan(member):
    client = member("ssm-incidents", ACCOUNT, IN_SET[0])
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_response_plan(arn="arn:aws:ssm-incidents::1:response-plan/none")
