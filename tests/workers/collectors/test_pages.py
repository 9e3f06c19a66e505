"""What called people in the last thirty days, and when they reacted."""

from datetime import timedelta

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.pages import HISTORY, pages, parse_incident, parse_ops_item

SINCE = NOW - HISTORY
BEGAN = NOW - timedelta(days=1)
ITEM = {"OpsItemId": "oi-1", "CreatedTime": BEGAN, "LastModifiedTime": NOW, "Source": "CloudWatch"}
INCIDENT = {
    "arn": "arn:i",
    "title": "t",
    "status": "OPEN",
    "impact": 1,
    "creationTime": BEGAN,
    "incidentRecordSource": {"createdBy": "arn:aws:iam::1:root", "source": "manual"},
}


def event(kind, minutes):
    at = BEGAN + timedelta(minutes=minutes)
    given = {"eventId": f"{kind} {minutes}", "incidentRecordArn": "arn:i", "eventUpdatedTime": NOW}
    return given | {"eventType": kind, "eventTime": at}


ACKNOWLEDGED = "SSM Contacts Page Acknowledgement for Incident"


def session(*items, sets=(), incidents=()):
    asked = StubbedSession()
    asked.answer("ssm", "describe_ops_items", {"NextToken": "more"}, MaxResults=50)
    lately = {"Key": "CreatedTime", "Values": [SINCE.isoformat()], "Operator": "GreaterThan"}
    asked.answer(
        "ssm", "describe_ops_items", {"OpsItemSummaries": list(items)}, OpsItemFilters=[lately]
    )
    asked.answer("ssm-incidents", "list_replication_sets", {"replicationSetArns": list(sets)})
    if sets:
        filters = [{"key": "creationTime", "condition": {"after": SINCE}}]
        answer = {"incidentRecordSummaries": list(incidents)}
        asked.answer("ssm-incidents", "list_incident_records", answer, filters=filters)
    return asked


def test_issues_of_the_last_thirty_days_are_pages():
    asked = session(
        ITEM | {"Status": "Open"},
        ITEM | {"OpsItemId": "oi-2", "Status": "Open", "OpsItemType": "/aws/changerequest"},
        ITEM | {"OpsItemId": "oi-3", "Status": "Open", "CreatedTime": SINCE - timedelta(seconds=1)},
        ITEM | {"OpsItemId": "oi-4", "Status": "Open", "CreatedTime": SINCE},
    )
    assert [page.key for page in pages(asked)] == ["oi-1", "oi-4"]
    asked.assert_all_asked()


def test_items_that_are_told_at_once_are_judged_by_when_they_began():
    asked = StubbedSession()
    old = ITEM | {"OpsItemId": "oi-2", "CreatedTime": SINCE - timedelta(seconds=1)}
    told = {"OpsItemSummaries": [ITEM | {"Status": "Resolved"}, old]}
    asked.answer("ssm", "describe_ops_items", told, MaxResults=50)
    asked.answer("ssm-incidents", "list_replication_sets", {"replicationSetArns": []})
    assert [page.key for page in pages(asked)] == ["oi-1"]
    asked.assert_all_asked()


def test_an_open_item_waits_and_any_other_was_changed_at_the_latest_when_it_last_was():
    waiting, working = (parse_ops_item(ITEM | {"Status": s}) for s in ("Open", "InProgress"))
    assert (waiting.reacted_at, waiting.source, waiting.began_at) == (None, "CloudWatch", BEGAN)
    assert (working.reacted_at, working.is_exact) == (NOW, False)


def test_an_item_that_tells_nothing_is_not_known():
    page = parse_ops_item({"OpsItemId": "oi-1"})
    assert page.gaps.keys() == {"began_at", "reacted_at"}


def test_incidents_are_asked_where_they_are_kept():
    old = INCIDENT | {"arn": "arn:old", "creationTime": SINCE - timedelta(seconds=1)}
    asked = session(sets=["arn:s"], incidents=[INCIDENT, old])
    timeline = {"eventSummaries": [event(ACKNOWLEDGED, 7)]}
    asked.answer("ssm-incidents", "list_timeline_events", timeline, incidentRecordArn="arn:i")
    (page,) = pages(asked)
    assert (page.key, page.source, page.is_exact) == ("arn:i", "Incident Manager", True)
    assert page.reacted_at == BEGAN + timedelta(minutes=7)
    asked.assert_all_asked()


def test_a_denied_timeline_costs_only_itself():
    asked = session(sets=["arn:s"], incidents=[INCIDENT])
    asked.refuse("ssm-incidents", "list_timeline_events", "AccessDeniedException")
    (page,) = pages(asked)
    assert page.gaps["reacted_at"].reason is GapReason.ACCESS_DENIED
    assert page.gaps.keys() == {"reacted_at", "is_exact"}


def test_the_first_event_that_people_make_is_the_reaction():
    events = [event("SSM Incident Trigger", 0), event("Custom Event", 9), event(ACKNOWLEDGED, 7)]
    page = parse_incident(INCIDENT, {"eventSummaries": events})
    assert (page.reacted_at, page.is_exact) == (BEGAN + timedelta(minutes=7), True)


def test_without_one_an_incident_waits_until_it_is_resolved():
    events = {"eventSummaries": [event("SSM Incident Trigger", 0)]}
    assert parse_incident(INCIDENT, events).reacted_at is None
    resolved = parse_incident(INCIDENT | {"resolvedTime": NOW}, events)
    assert (resolved.reacted_at, resolved.is_exact) == (NOW, False)
