"""The service graph moves with time, and is told for six hours at most."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change
from tests.simulator.conftest import EPOCH

ACCOUNT, REGION = "100000000003", "us-east-1"


@pytest.fixture
def graph(simulator):
    """Asks for the graph of a service that sent its last trace 23 hours before the epoch."""
    change = Change(
        day=1, facet="tracing.graph", variant="going_silent", account=ACCOUNT, region=REGION
    )
    client = simulator(changes=[change]).member("xray", ACCOUNT)

    def ask(start, end):
        since, until = (EPOCH - timedelta(hours=hours) for hours in (start, end))
        return client.get_service_graph(StartTime=since, EndTime=until)["Services"]

    return ask


@pytest.mark.parametrize(("start", "end"), [(7, 0), (0, 1), (1, 1)])
def test_a_window_has_at_most_six_hours(graph, start, end):
    with pytest.raises(ClientError, match="6 hours"):
        graph(start, end)


def test_a_silent_service_is_in_the_windows_before_it_fell_silent(graph):
    assert graph(22.9, 18) == []
    (service,) = graph(24, 18)
    assert service["EndTime"] == EPOCH - timedelta(hours=23)
    assert service["SummaryStatistics"]["TotalCount"] >= 360


@pytest.fixture
def place(default):
    place = default.world.place(ACCOUNT, REGION)
    place.records.clear()
    return place


def insights(default, *, days, states=("ACTIVE",)):
    found = default.member("xray", ACCOUNT).get_insight_summaries(
        GroupName="a", States=list(states), StartTime=EPOCH - timedelta(days=days), EndTime=EPOCH
    )
    return [insight["InsightId"] for insight in found["InsightSummaries"]]


def test_insights_are_told_for_thirty_days(default, place):
    with pytest.raises(ClientError, match="30 days"):
        insights(default, days=31)


def test_an_insight_is_told_by_when_it_began_and_whether_it_goes_on(default, place):
    begun = {"GroupName": "a", "State": "ACTIVE", "StartTime": EPOCH - timedelta(days=3)}
    place.put("xray.insights", {**begun, "InsightId": "1"})
    place.put("xray.insights", {**begun, "InsightId": "2", "State": "CLOSED"})
    place.put("xray.insights", {**begun, "InsightId": "3", "GroupName": "b"})
    before = EPOCH - timedelta(seconds=1)
    place.put("xray.insights", {**begun, "InsightId": "4", "_closed_at": before})
    assert insights(default, days=7) == ["1"]
    assert insights(default, days=2) == []


def test_a_region_is_encrypted_by_xray_unless_it_was_configured(default, place):
    client = default.member("xray", ACCOUNT)
    default_ = {"Type": "NONE", "Status": "ACTIVE"}
    assert client.get_encryption_config()["EncryptionConfig"] == default_
