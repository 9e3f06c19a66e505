"""What people write of incidents does nothing, wherever it is shown, sent or written to a file."""

import csv
import datetime as dt
import io
import json

import pytest
from django.test import Client
from django.urls import reverse

from findings.exports.spreadsheet import csv_lines
from findings.models import (
    ContributingFactor,
    Incident,
    Learning,
    LearningLabel,
    Notice,
    TimelineEntry,
)
from findings.notifying.letters import mail_html, mail_subject, mail_text, slack_payload
from findings.selectors.export_rows import SOURCES, Wanted
from findings.services.action_item_tickets import action_item_open_ticket
from findings.services.action_items import action_item_add
from findings.services.incident_parts import factor_add, timeline_add
from findings.services.incidents import incident_record
from findings.services.learnings import learning_add
from findings.services.notification_feed import notifications_follow
from findings.services.notification_letters import letter_of
from tests.factories.findings import NOW as LONG_AGO
from tests.factories.incidents import ActionItemFactory
from tests.portal.world import CHECK

NOW = LONG_AGO + dt.timedelta(hours=1)
NAMES = (
    '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7|add:7 }}{% debug %}',
    "=cmd|' /C calc'!A0",
    "x\r\nBcc: all@example.com\r\n\r\nbody \u202egnp.exe <!channel> <@U123>",
)
BODY = (
    "<script>alert(1)</script>\n\n<iframe src=//evil.example></iframe>\n\n"
    "[x](javascript:alert(1)) ![y](data:image/svg+xml;base64,AA) ![z](https://evil.example/p.gif)"
)
LIVE = ("<script>alert", "<img", "<iframe", 'href="javascript:', 'src="data:', "\u202e")


@pytest.fixture(params=NAMES, ids=range(len(NAMES)))
def name(request):
    return request.param


@pytest.fixture
def incident(world, name):
    boss = world.person("administrator")
    incident = incident_record(
        actor=boss,
        incident=Incident(
            organization=world.ours, title=name, summary=BODY, severity="critical",
            services=[name[:64]], checks=[CHECK], external_reference=name[:40].replace("\r\n", " "),
            started_at=NOW,
        ),
        accounts=[world.shop],
        now=NOW,
    )  # fmt: skip
    entry = TimelineEntry(incident=incident, at=NOW, text=BODY, is_starred=True)
    timeline_add(actor=boss, entry=entry, now=NOW)
    factor = ContributingFactor(incident=incident, kind="code", text=BODY)
    factor_add(actor=boss, factor=factor, now=NOW)
    learning = Learning(incident=incident, when=name, then=name, guard=name)
    tags = {LearningLabel.Kind.TAG: [name]}
    learning_add(actor=boss, learning=learning, labels=tags, now=NOW)
    item = ActionItemFactory.build(
        incident=incident, organization=world.ours, owner=boss, owner_team=None, title=name,
        text=BODY, due_at=NOW,
    )  # fmt: skip
    action_item_add(actor=boss, item=item, accounts=[world.shop], now=NOW)
    action_item_open_ticket(actor=boss, item=item, now=NOW)
    return incident


def test_pages_letters_and_files_hold_it_as_words(world, incident):
    assert "\r" not in incident.title + incident.services[0]
    client = Client()
    client.force_login(world.person("administrator"))
    ticket = incident.action_items.get().ticket
    for page in (
        reverse("incident-list"),
        reverse("incident-detail", args=[incident.uid]),
        reverse("incident-edit", args=[incident.uid]),
        reverse("incident-analysis", args=[incident.uid]),
        reverse("learning-list"),
        reverse("action-item-list"),
        reverse("ticket-detail", args=[ticket.uid]),
    ):
        main = client.get(page).content.decode().partition("<main")[2]
        assert main, page
        assert not [one for one in LIVE if one in main], page
        assert "14{%" not in main

    while notifications_follow(organization=world.ours, now=NOW):
        pass
    notices = Notice.objects.filter(about__in=("incident", "action_item"))
    assert {notice.about for notice in notices} == {"incident", "action_item"}
    for chosen in (list(notices), list(notices)[:1]):
        letter = letter_of(chosen, organization=world.ours, zone="UTC", path="/")
        subject, text = mail_subject(letter), mail_text(letter)
        assert len(subject.splitlines()) == 1
        assert "\nBcc:" not in text
        assert not [one for one in LIVE if one in mail_html(letter)]
        slack = slack_payload(letter)
        assert "<!" not in slack["text"]
        assert "mrkdwn" not in json.dumps(slack["blocks"])

    audit = SOURCES["audit"]
    wanted = Wanted(user=world.person("administrator"), organization=world.ours, now=NOW)
    rows = [row for batch in audit.read(wanted) for row in batch.rows]
    assert {row["action"] for row in rows} >= {"incident.record", "action_item.add"}
    written = csv_lines(audit.columns, rows).decode()
    for line in csv.reader(io.StringIO(written, newline="")):
        assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "|"))]
