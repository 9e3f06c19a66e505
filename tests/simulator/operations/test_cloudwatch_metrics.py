"""Which metrics are listed, and their data."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change
from tests.simulator.conftest import EPOCH

ACCOUNT = "100000000003"


def test_metrics_that_got_no_data_lately_are_listed_only_without_a_window(simulator):
    change = Change(day=1, facet="cloudwatch.kpis", variant="no_longer_published", account=ACCOUNT)
    client = simulator(changes=[change]).member("cloudwatch", ACCOUNT)
    pages = client.get_paginator("list_metrics")

    def namespaces(**window):
        return {m["Namespace"] for page in pages.paginate(**window) for m in page["Metrics"]}

    assert namespaces() - namespaces(RecentlyActive="PT3H") == {"Shop/Orders"}
    with pytest.raises(ClientError, match="PT3H"):
        client.list_metrics(RecentlyActive="PT5H")


def test_a_metric_has_a_value_for_each_full_period_or_none_at_all(default):
    place = default.world.place(ACCOUNT, "us-east-1")
    place.records.clear()
    place.put(
        "cloudwatch.metric_data",
        {"Namespace": "AWS/Lambda", "Dimensions": ["shop"], "_hourly": 6},
    )

    def query(number, function):
        dimensions = [{"Name": "FunctionName", "Value": function}]
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": dimensions}
        return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": 7200, "Stat": "Sum"}}

    found = default.member("cloudwatch", ACCOUNT).get_metric_data(
        MetricDataQueries=[query(0, "shop"), query(1, "cart")],
        StartTime=EPOCH - timedelta(hours=5),
        EndTime=EPOCH,
    )["MetricDataResults"]
    assert [(one["Id"], one["Values"]) for one in found] == [("q0", [12.0, 12.0]), ("q1", [])]
    assert found[0]["Timestamps"][0] == EPOCH - timedelta(hours=5)
