"""Where strings of AWS's answers end up: only where they are meant to.

Every free string of every simulated answer carries a mark with its operation and member. Afterwards
`kept_strings.csv` names each one that may be in the database; logs and pages hold fewer still.
"""

import csv
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from findings.models import Finding, Scan
from tests.factories.accounts import person_with
from tests.flow.harness import Demo, for_a_module, running_demo

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TOKEN = "CANARY7"
MARK = re.compile(rf"{TOKEN}-(\w+)-(\w+)")
KEPT = Path(__file__).parents[1] / "data" / "kept_strings.csv"
FAULTS = ["access_denied:cloudtrail", "error500:xray", "throttle:ssm:ListDocuments"]
TABLES_OF_THE_ORGANIZATION = {"Account", "AccountEvent", "OrganizationalUnit", "Organization"}
PERSONAL = {"ListAccounts.Email"}


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Demo]:
    """Scanned twice: when all is well, and when AWS's errors carry the mark, too."""
    with (
        for_a_module(django_db_blocker),
        running_demo(accounts=8, regions=2, canary=TOKEN) as demo,
        pytest.MonkeyPatch.context() as monkeypatch,
    ):
        records: list[str] = []
        monkeypatch.setattr("logging.Logger.handle", lambda _, r: records.append(r.getMessage()))
        demo.scan()
        demo.world.faults.set(FAULTS)
        demo.scan(rows=["P3", "O2", "O4"])
        demo.logged = "\n".join(records)  # type: ignore[attr-defined]
        yield demo


def kept(*kinds: str) -> set[str]:
    """The members that may be kept, of some of the kinds in the file; all without any."""
    with KEPT.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["member"] for row in rows if not kinds or row["kind"] in kinds}


def marks_in(text: str) -> set[str]:
    return {f"{operation}.{member}" for operation, member in MARK.findall(text)}


def texts() -> Iterator[tuple[str, str]]:
    """Every value of every row: (table, text)."""
    for name in ("findings", "accounts"):
        for model in apps.get_app_config(name).get_models():
            for row in model._default_manager.all():
                for text in map(str, values_of(row)):
                    yield model.__name__, text


def values_of(row: models.Model) -> Iterator[object]:
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, bytes | memoryview):
            value = zlib.decompress(bytes(value)).decode()
        yield value


def test_the_database_holds_only_what_parsers_are_allowed_to_keep(demo):
    found: dict[str, set[str]] = {}
    for table, text in texts():
        found.setdefault(table, set()).update(marks_in(text))
    evidence = set().union(*(s for t, s in found.items() if t not in TABLES_OF_THE_ORGANIZATION))
    assert evidence
    assert sorted(evidence - kept()) == []
    organization = set().union(*(found.get(t, set()) for t in TABLES_OF_THE_ORGANIZATION))
    assert organization >= PERSONAL
    assert sorted(organization - kept("organization")) == []


def test_no_message_of_an_error_is_kept_anywhere(demo):
    assert Scan.objects.filter(state="partial").exists()
    for table, text in texts():
        assert not any(mark.endswith(".Message") for mark in marks_in(text)), table
    assert not any(mark.endswith(".Message") for mark in marks_in(demo.logged))


def test_logs_name_accounts_and_nothing_that_belongs_to_people(demo):
    assert "succeeded" in demo.logged
    assert marks_in(demo.logged) <= {"ListAccounts.Name"}


def test_pages_show_mail_addresses_to_nobody_who_may_only_look(demo):
    client = Client()
    client.force_login(person_with("viewer", organization=demo.organization))
    finding = Finding.objects.open().first()
    paths = [
        reverse("account-list"),
        reverse("account-detail", args=[finding.account.uid]),
        reverse("finding-detail", args=[finding.uid]),
        reverse("scan-detail", args=[Scan.objects.first().uid]),
        "/api/v1/accounts/",
        "/nothing/",
    ]
    shown = {path: marks_in(client.get(path).content.decode()) for path in paths}
    assert set().union(*shown.values())
    assert {path: marks & PERSONAL for path, marks in shown.items() if marks & PERSONAL} == {}
    assert shown["/nothing/"] == set()
