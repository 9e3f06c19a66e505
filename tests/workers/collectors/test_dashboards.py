"""Dashboards, and the alarms that they show."""

import json

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.dashboards import dashboards, parse_dashboard


@pytest.fixture
def session():
    session = StubbedSession()
    entries = [{"DashboardName": "shop"}]
    session.answer("cloudwatch", "list_dashboards", {"DashboardEntries": entries})
    yield session
    session.assert_all_asked()


def shown(*widgets):
    return parse_dashboard("shop", {"DashboardBody": json.dumps({"widgets": widgets})})


def test_the_body_of_each_dashboard_is_read(session):
    body = {"DashboardBody": json.dumps({"widgets": [{"properties": {"alarms": ["arn:a"]}}]})}
    session.answer("cloudwatch", "get_dashboard", body, DashboardName="shop")
    (dashboard,) = dashboards(session)
    assert (dashboard.key, dashboard.alarms) == ("shop", ("arn:a",))


def test_a_denied_body_costs_only_itself(session):
    session.refuse("cloudwatch", "get_dashboard", "AccessDeniedException")
    (dashboard,) = dashboards(session)
    assert dashboard.gaps["alarms"].reason is GapReason.ACCESS_DENIED


def test_a_dashboard_that_was_deleted_meanwhile_is_left_out(session):
    session.refuse("cloudwatch", "get_dashboard", "ResourceNotFound")
    assert list(dashboards(session)) == []


def test_alarms_stand_in_widgets_and_in_annotations():
    dashboard = shown(
        {"type": "alarm", "properties": {"alarms": ["arn:b", "arn:a"]}},
        {"type": "metric", "properties": {"annotations": {"alarms": ["arn:c", "arn:a"]}}},
        {"type": "text", "properties": {"markdown": "arn:d"}},
    )
    assert dashboard.alarms == ("arn:a", "arn:b", "arn:c")
    assert "arn:d" not in repr(dashboard)


@pytest.mark.parametrize(
    "widget", ["x", {}, {"properties": []}, {"properties": {"alarms": None, "annotations": 1}}]
)
def test_widgets_of_an_odd_shape_show_no_alarm(widget):
    assert shown(widget).alarms == ()


@pytest.mark.parametrize("body", ["", "{"])
def test_a_body_that_is_no_json_is_not_known(body):
    gap = parse_dashboard("shop", {"DashboardBody": body}).gaps["alarms"]
    assert gap.reason is GapReason.NOT_IN_SCHEMA
