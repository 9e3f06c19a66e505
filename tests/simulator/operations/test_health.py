"""Health tells administrators of the organization's events."""

import pytest
from botocore.exceptions import ClientError

FILTER = {"eventTypeCategories": ["scheduledChange"], "eventStatusCodes": ["open", "upcoming"]}


def listed(client, **parameters):
    pages = client.get_paginator("describe_events_for_organization").paginate(**parameters)
    return [event for page in pages for event in page["events"]]


def test_events_are_filtered_by_category_and_status(simulator):
    client = simulator().client("health")
    assert {event["statusCode"] for event in listed(client)} == {"open", "upcoming", "closed"}
    found = listed(client, filter=FILTER)
    assert {event["eventTypeCategory"] for event in found} == {"scheduledChange"}
    assert {event["statusCode"] for event in found} == {"open", "upcoming"}


def test_a_member_is_refused(simulator):
    with pytest.raises(ClientError, match="AccessDenied"):
        listed(simulator().member("health", "100000000003"))


def test_an_account_of_its_own_has_no_events(simulator):
    assert simulator().member("health", "100000000003").describe_events()["events"] == []
