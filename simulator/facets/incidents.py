"""Incident Manager: whether it is in use, what its plans start, and which incidents it holds."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.runbook_versions import RETIRED
from simulator.facets.runbooks import STRANGER, put_document
from simulator.places import AccountPlace, Place, Record

incidents = Facet("incidents", level=ACCOUNT)

STARTS, ANALYSED = "incident_response_plan_runs_runbook", "incident_post_analysis_completed"
WINDOW, GRACE = timedelta(days=180), timedelta(days=10)
MOMENT = timedelta(microseconds=1)
PEOPLE = {"engagements": ["arn:aws:ssm-contacts:us-east-1:999999999999:contact/on-call"]}
CHAT = {"chatChannel": {"chatbotSns": ["arn:aws:sns:us-east-1:999999999999:incidents"]}}
NOBODY: Record = {"chatChannel": {"empty": {}}}


def _regions(account: AccountPlace) -> list[Place]:
    """Those of the replication set."""
    return account.regions()[:2]


def _put(account: AccountPlace, collection: str, record: Record) -> None:
    for place in _regions(account):
        place.put(f"incidents.{collection}", record)


def _use(account: AccountPlace) -> None:
    set_id = account.uuid("replication set")
    arn = f"arn:aws:ssm-incidents::{account.account.id}:replication-set/{set_id}"
    _put(account, "replication_sets", {"arn": arn})


def _plan(account: AccountPlace, name: str, document: str | None, **told: Any) -> None:
    role = f"arn:aws:iam::{account.account.id}:role/incidents"
    action = {"ssmAutomation": {"documentName": document, "roleArn": role}}
    _put(
        account,
        "plans",
        {
            "arn": f"arn:aws:ssm-incidents::{account.account.id}:response-plan/{name}",
            "name": name,
            "incidentTemplate": {"title": "The shop is down", "impact": 1},
            "actions": [action] if document else [],
            **told,
        },
    )


def _incident(
    account: AccountPlace, days: float, *related: str, impact: int = 1, **changed: Any
) -> None:
    identifier = account.uuid(f"incident {days} {impact}")
    resolved = account.ago(days=days)
    arn = f"arn:aws:ssm-incidents::{account.account.id}:incident-record/shop/{identifier}"
    items = [
        {"identifier": {"type": kind, "value": {"url": "https://incidents.example.com"}}}
        for kind in related
    ]
    source = {"createdBy": f"arn:aws:iam::{account.account.id}:root", "source": "manual"}
    _put(
        account,
        "records",
        {
            "arn": arn,
            "title": "The shop is down",
            "status": "RESOLVED",
            "impact": impact,
            "creationTime": resolved - timedelta(hours=3),
            "resolvedTime": resolved,
            "incidentRecordSource": source,
            "_related": items,
            **changed,
        },
    )


@incidents.variant("not_used", characters={"new": 3, "neglected": 2, "ordinary": 3, "exemplary": 1})
def not_used(account: AccountPlace) -> None:
    account.expect(STARTS, "not_applicable")
    account.expect(ANALYSED, "not_applicable")


@incidents.variant("exemplary", characters={"exemplary": 2, "locked_down": 1})
def exemplary(account: AccountPlace) -> None:
    """Runbooks of AWS, of the account, and of another one; one analysis for the last incident."""
    _use(account)
    home = account.home
    put_document(home, "redirect", "not_applicable", Tags=[RETIRED])
    shared = f"arn:aws:ssm:{home.region}:{STRANGER}:document/restart"
    given: dict[str, Any] = {"Owner": STRANGER, "DocumentType": "Automation"}
    put_document(home, shared, "not_applicable", "not_applicable", **given)
    _plan(account, "shop", "AWS-RestartEC2Instance", **PEOPLE)
    _plan(account, "tills", "redirect", **CHAT)
    _plan(account, "search", home.arn("ssm", "document/redirect"), **PEOPLE, **NOBODY)
    _plan(account, "mail", shared, **CHAT)
    account.expect(STARTS, "pass")
    _incident(account, 30, "METRIC", "PARENT", "ANALYSIS")
    _incident(account, 12, impact=4)
    _incident(account, 190, impact=2)
    end = account.ago(days=30) + WINDOW + MOMENT
    account.expect(ANALYSED, "pass", until=end, then="not_applicable")


@incidents.variant("no_runbook", characters={"ordinary": 1, "neglected": 1})
def no_runbook(account: AccountPlace) -> None:
    """One of two plans starts none; an incident whose analysis has time left."""
    _use(account)
    _plan(account, "shop", "AWS-RestartEC2Instance", **PEOPLE)
    _plan(account, "tills", None, **PEOPLE)
    account.expect(STARTS, "fail")
    _incident(account, 10, "METRIC")
    resolved = account.ago(days=10)
    account.expect(
        ANALYSED,
        "pass",
        until=resolved + GRACE + MOMENT,
        then="fail",
        later=((resolved + WINDOW + MOMENT, "not_applicable"),),
    )


@incidents.variant("runbook_is_gone", characters={"neglected": 1})
def runbook_is_gone(account: AccountPlace) -> None:
    """And an incident that nobody analysed."""
    _use(account)
    _plan(account, "shop", "long-gone", **PEOPLE)
    account.expect(STARTS, "fail")
    _incident(account, 10 + 1 / 86400, "AUTOMATION", impact=3)
    _incident(account, 2, status="OPEN", resolvedTime=None)
    end = account.ago(days=10 + 1 / 86400) + WINDOW + MOMENT
    account.expect(ANALYSED, "fail", until=end, then="not_applicable")


@incidents.variant("tells_nobody", characters={"ordinary": 1})
def tells_nobody(account: AccountPlace) -> None:
    _use(account)
    _plan(account, "shop", "AWS-RestartEC2Instance", **NOBODY)
    account.expect(STARTS, "fail")
    account.expect(ANALYSED, "not_applicable")


@incidents.variant("no_plan", characters=RARELY)
def no_plan(account: AccountPlace) -> None:
    _use(account)
    account.expect(STARTS, "fail")
    account.expect(ANALYSED, "not_applicable")
