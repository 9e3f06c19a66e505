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
