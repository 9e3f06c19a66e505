"""Resource scans."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import cloudformation_scans
from workers.collectors.cloudformation_scans import parse_scanned_types, resource_scans

CLOUDFORMATION = "cloudformation"
YESTERDAY = NOW - timedelta(days=1)


def summary(name="scan", status="COMPLETE", started=YESTERDAY, **fields):
    ended = started + timedelta(minutes=20)
    times = {"StartTime": started, "EndTime": ended}
    return {"ResourceScanId": name, "Status": status, **times, **fields}


def session_with(*summaries):
    session = StubbedSession()
    listing = {"ResourceScanSummaries": list(summaries)}
    session.answer(CLOUDFORMATION, "list_resource_scans", listing)
    return session


def found(session, *resources, scan="scan", token=None):
    page = {"Resources": list(resources), **({"NextToken": "more"} if token == "first" else {})}
    asked = {"NextToken": "more"} if token == "last" else {}
    session.answer(
        CLOUDFORMATION,
        "list_resource_scan_resources",
        page,
        ResourceScanId=scan,
        MaxResults=100,
        **asked,
    )


def resource(type_="AWS::S3::Bucket", managed=False, **identifier):
    given = {"ResourceType": type_, "ManagedByStack": managed}
    return given | {"ResourceIdentifier": identifier or {"BucketName": "logs"}}


def counts(*resources):
    return [(s.type, s.managed, s.unmanaged) for s in parse_scanned_types(resources)]


def test_resources_are_counted_by_type_over_all_pages():
    session = session_with(summary())
    found(session, resource(), resource(managed=True), token="first")
    found(session, resource("AWS::SNS::Topic", managed=True), resource(), token="last")
    (scan,) = resource_scans(session)
    assert (scan.region, scan.last_status) == ("eu-west-1", "COMPLETE")
    assert scan.completed_at == YESTERDAY + timedelta(minutes=20)
    assert [(s.type, s.managed, s.unmanaged) for s in scan.resources] == [
        ("AWS::S3::Bucket", 1, 2),
        ("AWS::SNS::Topic", 1, 0),
    ]
    assert "logs" not in repr(scan)
    session.assert_all_asked()


def test_roles_of_services_are_told_from_others():
    role = "AWS::IAM::Role"
    of_service = resource(role, RoleName="AWSServiceRoleForSupport")
    assert counts(of_service, resource(role, RoleName="worker")) == [
        (role, 0, 1),
        ("AWS::IAM::ServiceLinkedRole", 0, 1),
    ]


def test_what_a_resource_does_not_tell_is_not_in_a_stack():
    assert counts({"ResourceType": "T"}, {}) == [("", 0, 1), ("T", 0, 1)]


def test_the_newest_complete_scan_counts_and_the_newest_of_all_tells_its_status():
    old, running = NOW - timedelta(days=20), summary("new", "IN_PROGRESS", NOW)
    session = session_with(running, summary("old", started=old), summary("scan"))
    found(session)
    (scan,) = resource_scans(session)
    assert (scan.last_status, scan.resources) == ("IN_PROGRESS", ())
    assert scan.completed_at == YESTERDAY + timedelta(minutes=20)
    session.assert_all_asked()


@pytest.mark.parametrize(
    ("summaries", "status"),
    [
        ([], None),
        ([summary(status="EXPIRED")], "EXPIRED"),
        ([summary(status="FAILED")], "FAILED"),
        ([summary(ScanType="PARTIAL")], None),
        ([{}], None),
    ],
)
def test_no_complete_scan_of_everything_is_none(summaries, status):
    session = session_with(*summaries)
    (scan,) = resource_scans(session)
    assert (scan.last_status, scan.completed_at, scan.resources) == (status, None, None)
    session.assert_all_asked()


def test_a_scan_that_names_its_type_counts_if_it_is_of_everything():
    session = session_with(summary(ScanType="FULL"))
    found(session)
    (scan,) = resource_scans(session)
    assert scan.resources == ()


def test_an_end_that_is_not_told_is_not_known():
    raw = summary()
    del raw["EndTime"]
    session = session_with(raw)
    found(session)
    (scan,) = resource_scans(session)
    assert scan.gaps["completed_at"].reason is GapReason.NOT_SUPPLIED


def test_a_scan_without_an_id_cannot_be_asked_for():
    raw = summary()
    del raw["ResourceScanId"]
    (scan,) = resource_scans(session_with(raw))
    assert scan.gaps["resources"].reason is GapReason.NOT_IN_SCHEMA


def test_refused_resources_leave_the_scan_known():
    session = session_with(summary())
    session.refuse(CLOUDFORMATION, "list_resource_scan_resources", "AccessDeniedException")
    (scan,) = resource_scans(session)
    assert list(scan.gaps) == ["resources"]
    assert scan.completed_at


def test_a_scan_that_expired_meanwhile_is_no_longer_kept():
    session = session_with(summary())
    session.refuse(CLOUDFORMATION, "list_resource_scan_resources", "ResourceScanNotFound")
    (scan,) = resource_scans(session)
    assert scan.gaps["resources"].reason is GapReason.NO_LONGER_KEPT


def test_more_resources_than_are_read_are_not_known(monkeypatch):
    monkeypatch.setattr(cloudformation_scans, "MOST_RESOURCES", 1)
    session = session_with(summary())
    found(session, resource(), resource())
    (scan,) = resource_scans(session)
    assert scan.gaps["resources"].reason is GapReason.CAPPED
