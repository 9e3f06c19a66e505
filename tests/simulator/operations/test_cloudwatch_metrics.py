"""Which metrics are listed."""

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

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
