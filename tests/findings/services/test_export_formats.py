"""Every outcome that a finding may have, with hostile strings, in every format of exports."""

import csv
import datetime as dt
import io
import json

import pytest
from django.db import transaction
from jsonschema import Draft202012Validator

from accounts.models import Organization
from findings.exports.spreadsheet import FORMULA_STARTS
from findings.models import Finding
from findings.selectors.export_findings import FINDING_COLUMNS
from tests.factories.accounts import (
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    UserFactory,
)
from tests.factories.findings import EpisodeFactory, FindingFactory, SuppressedFindingFactory
from tests.findings.exports.test_ocsf import SCHEMA
from tests.findings.services.exporting import NOW, asked, content

DAY = dt.timedelta(days=1)
HOSTILE = (
    "=1+1",
    "\uff1dcmd",
    "@SUM(A1)\n=2",
    '",=1\r\n"',
    "a\u2028=b\u2029\x85c",
    "\u202e\ufeff<script>alert(1)</script>",
    "\x1b[31m\x7f\x01",
    "-" * 100_000,
    "é𝄞",
)
CLOSED = (
    ("verified", "pass", "resolved"),
    ("resource_gone", "gone", "triaged"),
    ("account_left", "gone", "new"),
    ("out_of_scope", "not_applicable", "fix_claimed"),
    ("check_changed", "not_applicable", "in_progress"),
)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def viewer_of_module(django_db_setup, django_db_blocker):
    """Who sees an organization in which everything that can be of a finding is of one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_findings()
        transaction.set_rollback(True)


def make_findings():
    organization = OrganizationFactory()
    account = AccountFactory(
        organization=organization, name="=shop", ou=OuFactory(organization=organization, name="@")
    )

    def finding(**fields):
        return FindingFactory(account=account, **fields)

    for rank, severity in enumerate(("critical", "high", "medium", "low", "informational")):
        finding(severity=severity, severity_rank=rank)
    for workflow in ("new", "triaged", "in_progress", "fix_claimed"):
        EpisodeFactory(finding=finding(changed_at=NOW + DAY), workflow=workflow)
    for cause, status, workflow in CLOSED:
        closed = finding(is_open=False, evidence_status=status, changed_at=NOW + DAY)
        EpisodeFactory(finding=closed, closed_at=NOW + DAY, close_cause=cause, workflow=workflow)
    again = finding()
    EpisodeFactory(finding=again, number=2, open_cause="regressed", workflow="triaged")
    EpisodeFactory(finding=again, closed_at=NOW, close_cause="verified", workflow="resolved")
    SuppressedFindingFactory(finding=finding())
    SuppressedFindingFactory(finding=finding(resource="over"), until_at=NOW)
    finding(unverified_since=NOW)
    finding(region="aws-global", resource="")
    finding(region="aws-organization", resource="", message="", check_id="no_longer_there")
    for text in HOSTILE:
        finding(resource=text[:2048], message=text)
    viewer = UserFactory()
    GrantFactory(user=viewer, organization=organization)
    return viewer


@pytest.fixture
def export(viewer_of_module, db, tmp_path):
    def of(format):
        asking = asked(viewer_of_module, Organization.objects.get(), format=format, state="all")
        return content(asking, tmp_path)

    return of


def uids():
    return {str(uid) for uid in Finding.objects.values_list("uid", flat=True)}


def test_every_line_of_ocsf_is_valid_and_tells_one_finding(export):
    lines = export("ocsf").decode().split("\n")
    assert lines.pop() == ""
    validator = Draft202012Validator(SCHEMA)
    events = [json.loads(line) for line in lines]
    assert [error.message for event in events for error in validator.iter_errors(event)] == []
    assert sorted(event["finding_info"]["uid"] for event in events) == sorted(uids())
    assert len({event["metadata"]["uid"] for event in events}) == len(events)
    assert {(event["activity_name"], event["status"], event["compliance"]["status"])
            for event in events} == {
        ("Create", "New", "Fail"),
        ("Create", "New", "Warning"),
        ("Create", "In Progress", "Fail"),
        ("Create", "Suppressed", "Fail"),
        ("Update", "New", "Fail"),
        ("Update", "In Progress", "Fail"),
        ("Close", "Resolved", "Pass"),
        ("Close", "resource gone", "gone"),
        ("Close", "account left", "gone"),
        ("Close", "out of scope", "not applicable"),
        ("Close", "check changed", "not applicable"),
    }  # fmt: skip


def test_each_line_of_json_is_a_row_with_every_column(export):
    lines = export("jsonl").decode().splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["uid"] for row in rows} == uids()
    assert {tuple(sorted(row)) for row in rows} == {tuple(sorted(FINDING_COLUMNS))}
    assert set(HOSTILE) < {row["message"] for row in rows}
    (again,) = [row for row in rows if row["open_cause"] == "regressed"]
    assert (again["workflow"], again["close_cause"]) == ("triaged", "")
    suppressed = [row for row in rows if row["suppressed_until"]]
    assert [row["suppressed_until"] for row in suppressed] == ["2026-04-01T09:00:00Z"]


@pytest.mark.parametrize("format", ["csv", "csv_bom"])
def test_no_cell_of_a_csv_is_a_formula_and_none_leaves_its_place(export, format):
    text = export(format).decode("utf-8-sig" if format == "csv_bom" else "utf-8")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(head) == FINDING_COLUMNS
    assert {len(row) for row in rows} == {len(head)}
    assert {row[0] for row in rows} == uids()
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(FORMULA_STARTS)] == []
    assert "'" + "-" * 100_000 in cells
