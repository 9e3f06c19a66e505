"""Where strings of AWS's answers end up: only where they are meant to.

Every free string of every simulated answer carries a mark with its operation and member. Afterwards
`kept_strings.csv` names each one that may be in the database; logs, pages, the API, exports, mails
and the messages of webhooks hold fewer still.
"""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from findings.checks.base import built_in
from findings.models import (
    Episode,
    ExportFormat,
    ExportKind,
    Finding,
    FindingEvent,
    Scan,
    WebhookMessage,
    WebhookType,
)
from findings.notifying.events import NotificationEvent
from findings.notifying.letters import mail_html, mail_subject, mail_text, slack_payload
from findings.services import notification_letters
from findings.services.events import events_append
from findings.services.export_writing import export_write
from findings.services.exports import export_claim, export_request
from findings.services.notification_messages import message_claim
from findings.services.webhook_feed import webhooks_follow
from portal.api.urls import router
from tests.factories.accounts import person_with
from tests.factories.notifications import followed, hears, reachable
from tests.factories.webhooks import endpoint_with
from tests.flow.harness import Demo, for_a_module, running_demo
from workers.collectors.base import collectors

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


def shown_to_anybody(marks: set[str]) -> bool:
    """Whether marks may leave the installation; that there are some shows that they were sought."""
    assert marks
    assert sorted(marks - kept()) == []
    return not marks & PERSONAL


FILES = [
    *(
        (kind, format)
        for kind in ExportKind
        for format in (ExportFormat.CSV, ExportFormat.JSON_LINES)
    ),
    (ExportKind.FINDINGS, ExportFormat.OCSF),
    (ExportKind.FINDINGS, ExportFormat.EVIDENCE),
]

TOLD_BY_AWS = (ExportKind.FINDINGS, ExportKind.SCORECARDS, ExportKind.COVERAGE)


def test_exports_hold_what_may_be_kept_and_nothing_that_belongs_to_people(demo, tmp_path):
    administrator = person_with("administrator", organization=demo.organization)
    held = {
        (kind, format): marks_in(exported(administrator, demo, kind, format, tmp_path))
        for kind, format in FILES
    }
    assert all(held[kind, ExportFormat.CSV] for kind in TOLD_BY_AWS)
    assert shown_to_anybody(set().union(*held.values()))
    findings = held[ExportKind.FINDINGS, ExportFormat.JSON_LINES]
    assert held[ExportKind.FINDINGS, ExportFormat.EVIDENCE] - findings


def exported(user, demo, kind, format, directory):
    """The text of an export; of an evidence pack, all that is in it, of one account."""
    filters = {"state": "all"} if kind == ExportKind.FINDINGS else {}
    if format == ExportFormat.EVIDENCE:
        filters |= {"account": Finding.objects.open().first().account.account_id}
    now = timezone.now()
    export = export_request(
        actor=user,
        organization=demo.organization,
        kind=kind,
        format=format,
        filters=filters,
        now=now,
    )
    export_write(
        export=export_claim(export_id=export.pk, now=now),
        registry=built_in(),
        directory=directory,
        operations={name: found.operations for name, found in collectors().items()},
    )
    export.refresh_from_db()
    assert (export.state, export.error) == ("done", "")
    content = (directory / export.file).read_bytes()
    if format != ExportFormat.EVIDENCE:
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return "\n".join(pack.read(name).decode() for name in pack.namelist())


def test_the_api_answers_with_what_may_be_kept_and_no_mail_address(demo):
    client = Client()
    client.force_login(person_with("viewer", organization=demo.organization))
    lists = [f"/api/v1/{prefix}/" for prefix, _, _ in router.registry]
    of_each_check = Finding.objects.open().order_by("check_id", "pk")
    findings = {finding.check_id: finding for finding in of_each_check}.values()
    details = [f"/api/v1/findings/{one.uid}/evidence/" for one in findings]
    details += [f"/api/v1/scans/{scan.uid}/" for scan in Scan.objects.all()]
    answers = {path: client.get(path) for path in (*lists, *details)}
    assert all(answers[path].status_code == 200 for path in details)
    assert sum(answers[path].status_code == 200 for path in lists) > len(lists) / 2
    texts = [answer.content.decode() for answer in answers.values()]
    assert shown_to_anybody(set().union(*map(marks_in, texts)))


def test_mails_slack_and_webhooks_tell_what_may_be_kept_and_no_mail_address(
    demo, settings, monkeypatch
):
    reachable(settings)
    monkeypatch.setattr(notification_letters, "MOST_LINES", 1000)
    owner, now = person_with("administrator", organization=demo.organization), timezone.now()
    hears(owner, *(event.value for event in NotificationEvent), covers="seen")
    endpoint_with(owner, demo.organization, event_types=WebhookType.values)
    opened = severe_findings_of_each_check()
    events_append(
        organization_id=demo.organization.pk,
        events=[
            FindingEvent(
                finding=episode.finding,
                episode=episode,
                kind="opened",
                cause="newly_failing",
                at=now,
            )
            for episode in opened
        ],
    )
    (message,) = followed(demo.organization, now)
    letter = message_claim(message_id=message.pk, now=now).letter
    assert len(letter.lines) >= len(opened)
    slack = json.dumps(slack_payload(letter))
    for text in (mail_text(letter), mail_html(letter), slack):
        assert shown_to_anybody(marks_in(mail_subject(letter) + text))
    while webhooks_follow(organization=demo.organization, now=now):
        pass
    bodies = WebhookMessage.objects.values_list("body", flat=True)
    assert len(bodies) >= len(opened)
    assert shown_to_anybody(marks_in("".join(bodies)))


def severe_findings_of_each_check() -> list[Episode]:
    """As if they were none of the first scan of their account, which is no news."""
    rows = Episode.objects.open().filter(finding__severity_rank__lte=1).select_related("finding")
    found = list({row.finding.check_id: row for row in rows}.values())
    Episode.objects.filter(pk__in=[row.pk for row in found]).update(is_baseline=False)
    return [Episode.objects.select_related("finding").get(pk=row.pk) for row in found]
