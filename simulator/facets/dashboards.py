"""Dashboards of accounts, and the alarms that they show."""

from typing import Any

from simulator.answers import AWS_GLOBAL
from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.operations.cloudwatch_dashboards import DASHBOARDS
from simulator.places import AccountPlace, Place

dashboards = Facet("cloudwatch.dashboards", level=ACCOUNT)
shown = Facet("watching.dashboards")

CHECK = "cloudwatch_dashboard_present"
STRANGER = "arn:aws:cloudwatch:us-east-1:999999999999:alarm:partner"


def _metrics(*alarms: str) -> dict[str, Any]:
    metrics = [["AWS/Lambda", "Errors", "FunctionName", "orders"]]
    annotations = {"annotations": {"alarms": list(alarms)}} if alarms else {}
    return {"type": "metric", "properties": {"metrics": metrics, **annotations}}


def _text() -> dict[str, Any]:
    return {"type": "text", "properties": {"markdown": "# Shop"}}


def _put(account: AccountPlace, name: str, *widgets: dict[str, Any], **own: Any) -> None:
    arn = f"arn:aws:cloudwatch::{account.account.id}:dashboard/{name}"
    body = {"start": "-PT6H", "widgets": list(widgets)}
    account.put(
        DASHBOARDS,
        {
            "DashboardName": name,
            "DashboardArn": arn,
            "LastModified": account.ago(days=60),
            "Size": 400,
            "_body": body,
            **own,
        },
    )


def _alarm(account: AccountPlace, name: str) -> str:
    return account.home.arn("cloudwatch", f"alarm:{name}")


@dashboards.variant("metrics", characters={"exemplary": 3, "ordinary": 3, "locked_down": 2})
def metrics(account: AccountPlace) -> None:
    """Three, which come on two pages."""
    for name in ("orders", "payments", "shop"):
        _put(account, name, _text(), _metrics())


@dashboards.variant("none", characters={"neglected": 3, "ordinary": 1, "new": 2})
def none(account: AccountPlace) -> None:
    """Nobody has made any."""


@dashboards.variant("alarms", characters={"exemplary": 2, "ordinary": 2, "locked_down": 1})
def alarms(account: AccountPlace) -> None:
    """Shows an alarm twice, which exists in most accounts."""
    arn = _alarm(account, "orders-errors")
    widget = {"type": "alarm", "properties": {"title": "Alarms", "alarms": [arn]}}
    _put(account, "shop", widget, _metrics(arn), _alarms=[arn])


@dashboards.variant("alarm_gone", characters={"neglected": 2, "ordinary": 1})
def alarm_gone(account: AccountPlace) -> None:
    arn = _alarm(account, "retired")
    _put(account, "orders", _metrics())
    _put(account, "shop", _metrics(arn), _alarms=[arn])


@dashboards.variant("alarm_of_a_stranger", characters=RARELY)
def alarm_of_a_stranger(account: AccountPlace) -> None:
    _put(account, "shop", _metrics(STRANGER), _is_known=False)


@dashboards.variant("unreadable", characters=RARELY)
def unreadable(account: AccountPlace) -> None:
    _put(account, "shop", _body="not a dashboard", _is_known=False)


@shown.variant("as_they_are")
def as_they_are(place: Place) -> None:
    """Built after all alarms; dashboards of this world show those of their own home region."""
    account = place.parent
    if place is not account.home:
        return
    found = account.all(DASHBOARDS)
    known = {alarm["AlarmArn"] for alarm in place.all(ALARMS)}
    status = "pass" if found else "fail"
    for dashboard in found:
        if not dashboard.get("_is_known", True):
            status = "unknown"
        elif not known.issuperset(dashboard.get("_alarms", ())):
            status = "fail"
    place.expect(CHECK, status, region=AWS_GLOBAL)
