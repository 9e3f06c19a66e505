"""Namespaces of custom metrics."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.metrics import metric_namespaces


def test_namespaces_of_aws_are_left_out_and_the_others_counted():
    session = StubbedSession()
    names = ["Shop/Orders", "AWS/Lambda", "CWAgent", "Shop/Orders", "AWSome"]
    metrics = [{"Namespace": name, "MetricName": "m"} for name in names] + [{"MetricName": "m"}]
    session.answer("cloudwatch", "list_metrics", {"Metrics": metrics}, RecentlyActive="PT3H")
    found = {namespace.name: namespace.metrics for namespace in metric_namespaces(session)}
    assert found == {"AWSome": 1, "CWAgent": 1, "Shop/Orders": 2}
