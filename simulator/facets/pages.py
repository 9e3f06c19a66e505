"""What called people, and when they reacted.

How an account reacts is drawn once; the pages are put after all others that may count as such,
and are always more than those, so that they decide.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from simulator.answers import AWS_GLOBAL
from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.places import AccountPlace, Place, Record

answers = Facet("pages.answers", level=ACCOUNT)
judged = Facet("watching.pages")

CHECK = "cloudwatch_alarm_acknowledged_in_time"
ITEMS, RECORDS = "ssm.ops_items", "incidents.records"
WINDOW, MOMENT = timedelta(days=30), timedelta(microseconds=1)
LIMIT, LATE = timedelta(minutes=15), timedelta(minutes=15, seconds=1)
PAGED = "SSM Contacts Page for Incident"
ACKNOWLEDGED = "SSM Contacts Page Acknowledgement for Incident"


def _answer(account: AccountPlace, status: str, **told: Any) -> None:
    account.put("pages.answers", {"_status": status, **told})


@answers.variant("none", characters={"new": 4, "ordinary": 1, "locked_down": 1})
def nothing(account: AccountPlace) -> None:
    """Nobody is called, unless others have put what calls somebody."""


@answers.variant("in_time", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def in_time(account: AccountPlace) -> None:
    """The last change of each item came at the limit exactly."""
    _answer(account, "pass", after=LIMIT, item="Resolved")


@answers.variant("waiting", characters={"neglected": 3, "ordinary": 2})
def waiting(account: AccountPlace) -> None:
    """Nobody has looked at any of them for half an hour."""
    _answer(account, "fail", after=LIMIT, item="Open")


@answers.variant("changed_later", characters={"ordinary": 1, "neglected": 1})
def changed_later(account: AccountPlace) -> None:
    """The last change came a second after the limit; when the first came nobody knows."""
    _answer(account, "unknown", after=LATE, item="InProgress")


@answers.variant("incidents_in_time", characters={"exemplary": 2, "locked_down": 1})
def incidents_in_time(account: AccountPlace) -> None:
    """Where Incident Manager is in use; elsewhere items of work."""
    _answer(account, "pass", after=LIMIT, item="Resolved", event=ACKNOWLEDGED)


@answers.variant("incidents_late", characters=RARELY)
def incidents_late(account: AccountPlace) -> None:
    _answer(account, "fail", after=LATE, item="Open", event="Custom Event")


@judged.variant("as_they_are")
def as_they_are(place: Place) -> None:
    """Once for each account, from its home region."""
    account = place.parent
    if place is not account.home:
        return
    others = {key for key, began in _pages(account) if began >= place.ago() - WINDOW}
    given = next(iter(account.all("pages.answers")), None)
    if given is None and others:
        given = {"_status": "pass", "after": LIMIT, "item": "Resolved"}
    if given is None:
        place.expect(CHECK, "not_applicable", region=AWS_GLOBAL)
        return
    began = place.ago(minutes=30)
    uses_incidents = "event" in given and place.all("incidents.replication_sets")
    for number in range(len(others) + 2):
        put = _put_incident if uses_incidents else _put_item
        put(place, number, began, given)
    until = began + WINDOW + MOMENT
    place.expect(CHECK, given["_status"], region=AWS_GLOBAL, until=until, then="not_applicable")


def _pages(account: AccountPlace) -> Iterator[tuple[str, datetime]]:
    """What others have put, and when it began."""
    for place in account.regions():
        for item in place.all(ITEMS):
            yield item["OpsItemId"], item["CreatedTime"]
        for record in place.all(RECORDS):
            yield record["arn"], record["creationTime"]


def _put_item(place: Place, number: int, began: datetime, given: Record) -> None:
    place.put(
        ITEMS,
        {
            "OpsItemId": f"oi-{place.hexadecimal(f'page {number}', 12)}",
            "Title": "Orders fail",
            "Source": "CloudWatch",
            "Status": given["item"],
            "CreatedTime": began,
            "LastModifiedTime": began + given["after"],
            "CreatedBy": f"arn:aws:sts::{place.account.id}:assumed-role/operator/jane",
            "OpsItemType": "/aws/issue",
        },
    )


def _put_incident(place: Place, number: int, began: datetime, given: Record) -> None:
    account = place.account.id
    arn = f"arn:aws:ssm-incidents::{account}:incident-record/pages/{place.uuid(f'page {number}')}"
    events = (
        (PAGED, timedelta(0)),
        ("SSM Automation", LIMIT / 3),
        (given["event"], given["after"]),
    )
    timeline = [
        {
            "eventId": place.uuid(f"event {number} {kind}"),
            "eventTime": began + after,
            "eventUpdatedTime": began + after,
            "eventType": kind,
            "incidentRecordArn": arn,
        }
        for kind, after in events
    ]
    source = {"createdBy": f"arn:aws:iam::{account}:root", "source": "aws.cloudwatch"}
    place.put(
        RECORDS,
        {
            "arn": arn,
            "title": "Orders fail",
            "status": "OPEN",
            "impact": 2,
            "creationTime": began,
            "incidentRecordSource": source,
            "_timeline": timeline,
        },
    )
