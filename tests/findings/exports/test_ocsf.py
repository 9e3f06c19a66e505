import datetime as dt
import json
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from findings.exports.ocsf import CheckTold, compliance_finding
from findings.exports.values import json_lines

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
SCHEMA = json.loads(Path("tests/data/ocsf/compliance_finding.schema.json").read_text())
CHECK = CheckTold(
    title="Trails log", remediation="Start it.", best_practices=("OPS08-BP02",), version=1
)
ROW = {
    "uid": UUID("01900000-0000-7000-8000-000000000001"),
    "fingerprint": "v1:00",
    "check_id": "cloudtrail_multi_region_logging",
    "row": "O2",
    "severity": "high",
    "account_id": "200000000000",
    "partition": "aws",
    "region": "eu-west-1",
    "resource": "arn:aws:x",
    "evidence_status": "fail",
    "is_open": True,
    "workflow": "new",
    "suppressed_until": None,
    "close_cause": "",
    "message": "it does not log",
    "opened_at": AT,
    "changed_at": AT,
    "facts_at": AT,
    "unverified_since": None,
}
DAY = dt.timedelta(days=1)
CLOSED = {"is_open": False, "changed_at": AT + dt.timedelta(days=1)}


def event(check=CHECK, **changes):
    """An event, valid as it is in its line."""
    found = compliance_finding(ROW | changes, check)
    line = json.loads(json_lines([found]))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(line)] == []
    return line


def test_an_open_finding():
    told = event()
    assert (told["type_uid"], told["severity_id"], told["status"]) == (200301, 4, "New")
    assert told["time"] == 1772442000000
    assert told["compliance"]["status"] == "Fail"
    assert told["cloud"]["account"]["uid"] == "200000000000"
    assert told["remediation"] == {"desc": "Start it."}


@pytest.mark.parametrize(
    ("changes", "activity", "status", "result"),
    [
        ({"changed_at": AT + dt.timedelta(1)}, "Update", "New", "Fail"),
        ({"workflow": "fix_claimed"}, "Create", "In Progress", "Fail"),
        ({"unverified_since": AT}, "Create", "New", "Warning"),
        ({"suppressed_until": AT + DAY}, "Create", "Suppressed", "Fail"),
        ({"suppressed_until": AT + DAY, "workflow": "fix_claimed"}, "Create", "Suppressed", "Fail"),
        ({**CLOSED, "suppressed_until": AT + DAY, "workflow": "resolved", "close_cause": "verified",
          "evidence_status": "pass"}, "Close", "Resolved", "Pass"),
        ({**CLOSED, "workflow": "resolved", "close_cause": "verified", "evidence_status": "pass"},
         "Close", "Resolved", "Pass"),
        ({**CLOSED, "close_cause": "resource_gone", "evidence_status": "gone"},
         "Close", "resource gone", "gone"),
        ({**CLOSED, "close_cause": "out_of_scope", "evidence_status": "not_applicable"},
         "Close", "out of scope", "not applicable"),
        ({"workflow": ""}, "Create", "New", "Fail"),
    ],
)  # fmt: skip
def test_how_it_stands(changes, activity, status, result):
    told = event(**changes)
    assert (told["activity_name"], told["status"]) == (activity, status)
    assert told["compliance"]["status"] == result


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low", "informational"])
def test_every_severity_has_its_number(severity):
    assert event(severity=severity)["severity"] == severity.title()


@pytest.mark.parametrize("region", ["aws-global", "aws-organization"])
def test_what_is_no_region_is_told_as_none(region):
    told = event(region=region, resource="")
    assert "region" not in told["cloud"]
    assert told["resources"] == [
        {"uid": "200000000000", "type": "AWS Account", "cloud_partition": "aws"}
    ]


def test_a_check_that_the_catalogue_no_longer_has():
    told = event(check=None, message="")
    assert told["finding_info"]["title"] == told["message"] == ROW["check_id"]


def test_an_event_has_a_uid_of_its_own_that_changes_with_what_it_tells():
    first, again = event(), event()
    assert first["metadata"]["uid"] == again["metadata"]["uid"]
    assert first["metadata"]["uid"] != first["finding_info"]["uid"] == str(ROW["uid"])
    others = [
        {"facts_at": AT + DAY},
        {"workflow": "triaged"},
        {"severity": "low"},
        {"suppressed_until": AT + DAY},
        {"uid": UUID("01900000-0000-7000-8000-000000000002")},
    ]
    uids = {event(**changes)["metadata"]["uid"] for changes in others}
    assert len(uids | {first["metadata"]["uid"]}) == 1 + len(others)


@pytest.mark.parametrize(
    "text",
    [
        "a\ud800b",
        "\0",
        "\u2028\u2029\x85\n\r",
        "</script>\x1b[31m",
        "x" * 1_000_000,
        "\ufeff\u202e",
    ],
)
def test_hostile_text_stays_on_its_line_as_it_is(text):
    changes = {"message": text, "resource": text, "check_id": text}
    told = event(check=None, **changes)
    assert told["message"] == told["resources"][0]["uid"] == told["compliance"]["control"] == text
    line = json_lines([compliance_finding(ROW | changes, None)])
    assert len(line.splitlines()) == len(line.decode().splitlines()) == 1


def test_the_schema_refuses_what_the_class_does_not_have():
    validator = Draft202012Validator(SCHEMA)
    assert not validator.is_valid(event() | {"account": "x"})
    assert not validator.is_valid({k: v for k, v in event().items() if k != "time"})
    assert not validator.is_valid(event() | {"type_uid": 200302})
