"""Collector of CloudWatch dashboards. Of their bodies only the alarms they show are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.dashboards import Dashboard
from workers.collectors.base import Collector, Response, Session

BODY = "cloudwatch:GetDashboard"


@Collector(fact=Dashboard, operations=("cloudwatch:ListDashboards", BODY))
def dashboards(session: Session) -> Iterator[Dashboard]:
    client = session.client("cloudwatch")
    # Both errors of the model have the code ResourceNotFound; which is raised is botocore's affair.
    gone = (client.exceptions.DashboardNotFoundError, client.exceptions.ResourceNotFound)
    for raw in session.items("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = raw["DashboardName"]
        try:
            described = session.detail(client.get_dashboard, DashboardName=name)
        except gone:
            continue  # it was deleted after it was listed
        yield parse_dashboard(name, described)


def parse_dashboard(name: str, described: Response | Gap) -> Dashboard:
    if isinstance(described, Gap):
        return Dashboard(name=name, alarms=described)  # type: ignore[arg-type]  # a gap is a value
    try:
        body: Any = json.loads(described.get("DashboardBody", ""))
    except ValueError:
        gap = not_told(Dashboard.kind, BODY, "DashboardBody")
        return Dashboard(name=name, alarms=gap)  # type: ignore[arg-type]  # a gap is a value
    return Dashboard(name=name, alarms=tuple(sorted(set(_alarms(body)))))


def _alarms(body: Any) -> Iterator[str]:
    """Of widgets of alarms, and of metrics that are annotated with one.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    for widget in _member(body, "widgets") or ():
        properties = _member(widget, "properties")
        yield from filter(_is_text, _member(properties, "alarms") or ())
        annotations = _member(properties, "annotations")
        yield from filter(_is_text, _member(annotations, "alarms") or ())


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
