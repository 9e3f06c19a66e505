"""Trusted Advisor answers in one region, and only with a support plan."""

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT = "100000000003"


def member(simulator, variant, region="us-east-1"):
    change = Change(day=1, facet="advice", variant=variant, account=ACCOUNT)
    return simulator(changes=[change]).member("trustedadvisor", ACCOUNT, region)


def test_recommendations_are_filtered_by_pillar_and_status(simulator):
    client = member(simulator, "none")
    assert len(client.list_recommendations()["recommendationSummaries"]) == 2
    asked = {"pillar": "operational_excellence", "status": "error"}
    assert client.list_recommendations(**asked)["recommendationSummaries"] == []
    asked = {"pillar": "security", "status": "error"}
    (found,) = client.list_recommendations(**asked)["recommendationSummaries"]
    assert found["name"] == "Security groups"


def test_another_region_does_not_answer(simulator):
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        member(simulator, "none", "eu-west-1").list_recommendations()


def test_without_a_plan_it_asks_for_a_subscription(simulator):
    with pytest.raises(ClientError, match="Premium Support Subscription"):
        member(simulator, "without_plan").list_recommendations()
