"""Versions and secrets of documents, and change calendars."""

import pytest

from findings.facts.base import GapReason
from findings.facts.secrets import RULES_VERSION
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.ssm_documents import (
    change_calendars,
    document_descriptions,
    document_secrets,
    parse_document_description,
)

OWN = {"Name": "restore", "DocumentType": "Automation"}
TOLD = {
    "Name": "restore",
    "Status": "Active",
    "Description": "Restores",
    "VersionName": "1.4.0",
    "DefaultVersion": "3",
    "LatestVersion": "3",
    "CreatedDate": NOW,
}


def listing(*documents, owner="Self"):
    session = StubbedSession()
    answer(session, *documents, owner=owner)
    return session


def answer(session, *documents, owner):
    filters = [{"Key": "Owner", "Values": [owner]}]
    told = {"DocumentIdentifiers": list(documents)}
    session.answer("ssm", "list_documents", told, Filters=filters)


def test_a_runbook_whose_latest_version_is_the_default_is_described_once():
    session = listing(OWN)
    session.answer("ssm", "describe_document", {"Document": TOLD}, Name="restore")
    (found,) = document_descriptions(session)
    assert (found.status, found.version_name, found.has_description) == ("Active", "1.4.0", True)
    assert (found.default_version, found.latest_version, found.approved_version) == ("3", "3", None)
    assert found.latest_created_at == NOW
    session.assert_all_asked()


def test_a_newer_version_tells_its_own_date():
    session = listing(OWN)
    old = TOLD | {"CreatedDate": NOW.replace(year=2020), "LatestVersion": "4"}
    session.answer("ssm", "describe_document", {"Document": old | {"ApprovedVersion": "3"}})
    latest = {"Document": TOLD | {"VersionName": "draft"}}
    session.answer("ssm", "describe_document", latest, Name="restore", DocumentVersion="$LATEST")
    (found,) = document_descriptions(session)
    assert (found.version_name, found.approved_version) == ("1.4.0", "3")
    assert found.latest_created_at == NOW
    session.assert_all_asked()


def test_only_runbooks_of_people_are_described():
    command = OWN | {"DocumentType": "Command"}
    of_aws = OWN | {"Name": "AWSQuickSetup-Patching"}
    session = listing(command, of_aws, {"Name": "untyped"})
    assert list(document_descriptions(session)) == []


@pytest.mark.parametrize(
    ("collector", "method"),
    [(document_descriptions, "describe_document"), (document_secrets, "get_document")],
)
def test_a_document_that_is_gone_meanwhile_is_left_out(collector, method):
    session = listing(OWN)
    session.refuse("ssm", method, "InvalidDocument")
    assert list(collector(session)) == []


def test_a_refused_description_leaves_the_name():
    session = listing(OWN)
    session.refuse("ssm", "describe_document", "AccessDeniedException")
    (found,) = document_descriptions(session)
    assert found.name == "restore"
    assert len(found.gaps) == 7


def test_nothing_is_invented_for_what_a_description_does_not_say():
    found = parse_document_description("restore", {"Document": {}}, {"Document": {}})
    told = {gap.reason for gap in found.gaps.values()}
    assert told == {GapReason.NOT_IN_SCHEMA}
    names = {"status", "default_version", "latest_version", "latest_created_at"}
    assert set(found.gaps) == names
    assert (found.has_description, found.version_name) == (False, None)


def test_of_a_secret_only_line_and_rule_are_kept():
    session = listing(OWN, OWN | {"Name": "dump", "DocumentType": "Command"})
    content = "schemaVersion: '0.3'\nparameters:\n  Password:\n    default: hunter2\n"
    session.answer("ssm", "get_document", {"Content": content}, Name="restore")
    session.answer("ssm", "get_document", {"Content": "{}"}, Name="dump")
    found, clean = document_secrets(session)
    assert [(hit.location, hit.pattern) for hit in found.secrets] == [
        ("line 4", "name of a secret")
    ]
    assert (found.secret_rules, clean.secrets) == (RULES_VERSION, ())
    assert "hunter2" not in repr(found)


def test_content_that_is_refused_or_not_told_is_not_known():
    session = listing(OWN, OWN | {"Name": "dump"})
    session.refuse("ssm", "get_document", "AccessDeniedException")
    session.answer("ssm", "get_document", {})
    refused, untold = document_secrets(session)
    assert refused.gaps["secrets"].reason is GapReason.ACCESS_DENIED
    assert untold.gaps["secrets"].reason is GapReason.NOT_IN_SCHEMA


def test_calendars_of_all_owners_are_asked_for_their_state():
    calendar = {"Name": "freezes", "DocumentType": "ChangeCalendar"}
    session = listing(OWN, calendar)
    answer(session, calendar | {"Name": "holidays"}, calendar, owner="Private")
    session.answer("ssm", "get_calendar_state", {"State": "OPEN"}, CalendarNames=["freezes"])
    session.refuse("ssm", "get_calendar_state", "UnsupportedCalendarException")
    found = [(one.name, one.state) for one in change_calendars(session)]
    assert found == [("freezes", "OPEN"), ("holidays", None)]


def test_a_calendar_that_is_refused_is_not_known():
    session = listing({"Name": "freezes", "DocumentType": "ChangeCalendar"})
    answer(session, owner="Private")
    session.refuse("ssm", "get_calendar_state", "AccessDeniedException")
    (found,) = change_calendars(session)
    assert found.gaps["state"].reason is GapReason.ACCESS_DENIED
