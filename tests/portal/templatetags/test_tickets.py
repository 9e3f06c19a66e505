import datetime as dt
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from findings.models import CloseCause, Ticket, TicketStatus
from findings.ticketing.sla import Standing
from portal.templatetags import tickets as words

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def test_every_icon_of_a_state_is_in_the_sprite():
    sprite = Path(finders.find("vendor/tabler-icons/sprite.svg")).read_text()
    known = set(re.findall(r'<symbol[^>]* id="([^"]+)"', sprite))
    named = {one[0] for one in (*words.STATES.values(), *words.FINDINGS.values())}
    assert named <= known


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        *(({"status": status}, words.STATES[status][2]) for status in TicketStatus),
        ({"status": "done", "wont_do": True}, "Will not be done"),
        ({"closed_at": NOW, "findings_total": 2, "findings_verified": 2}, "Closed, verified"),
        ({"closed_at": NOW, "findings_total": 2, "findings_verified": 1}, ">Closed<"),
    ],
)
def test_a_ticket_is_told_by_what_people_say_and_evidence_found(fields, told):
    assert str(told) in words.ticket_state(Ticket(**fields))


def test_every_way_in_which_a_finding_stands_has_words():
    assert set(words.FINDINGS) == {"open", "claimed", *CloseCause.values}


@pytest.mark.parametrize(
    ("standing", "is_closed", "told"),
    [
        (Standing.ON_TIME, False, "2026-03-02"),
        (Standing.SOON, False, "due soon"),
        (Standing.BREACHED, False, "overdue"),
        (Standing.BREACHED, True, "too late"),
        (Standing.MET, True, "met"),
        (Standing.STOPPED, True, "stopped"),
    ],
)
def test_a_due_date_is_told_with_how_it_stands(standing, is_closed, told):
    ticket = Ticket(due_on=NOW.date(), closed_at=NOW if is_closed else None)
    assert told in words.due(ticket, standing)


def test_what_is_never_due_is_a_dash():
    assert words.due(Ticket(), Standing.NOT_DUE) == "\N{EN DASH}"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example.com", "https://", "https://[", "x"],
)
def test_an_address_that_is_none_of_the_web_is_no_link(address):
    assert words.web_address(address) == ""


def test_an_address_of_the_web_is_a_link():
    assert words.web_address("https://tracker.example.com/OPS-1") != ""
