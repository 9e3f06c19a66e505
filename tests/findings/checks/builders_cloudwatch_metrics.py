"""Own metrics for the tables of the checks."""

from findings.facts.metrics import MetricNamespace


def namespace(name="Shop/Orders", metrics=5):
    return MetricNamespace(name=name, metrics=metrics)
