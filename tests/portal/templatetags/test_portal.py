import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import RequestFactory

from findings.checks.outcomes import Status
from findings.models import EvidenceStatus, Shard
from findings.selectors.differences import CHANGES
from findings.selectors.standing import Counts
from portal import web
from portal.templatetags import portal as words
from tests.factories.findings import ShardFactory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def render(text, **context):
    return Template("{% load portal %}" + text).render(Context(context))


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = Path(finders.find("vendor/tabler-icons/sprite.svg")).read_text()
    known = set(re.findall(r'<symbol[^>]* id="([^"]+)"', sprite))
    templates = Path(web.__file__).parent.parent / "templates"
    named = {"check"}
    for template in templates.rglob("*.html"):
        text = template.read_text()
        named |= set(re.findall(r'(?:icon|symbol=|navigation_item "[^"]+") ?"([a-z0-9-]+)"', text))
    named |= {name for name, _ in (*words.OUTCOMES.values(), *words.SHARD_STATES.values())}
    assert named - known == set()


@pytest.mark.parametrize("value", [*Status, *EvidenceStatus])
def test_every_outcome_has_a_symbol_and_a_word(value):
    shown = render("{% outcome value %}", value=value)
    assert f"outcome-{value}" in shown
    assert re.search(r"</svg>[A-Z]\w+", shown)


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(Shard.State))
def test_every_state_of_a_shard_is_told_in_words(state):
    shard = ShardFactory.build(state=state, region_state="opted_out", error="it broke")
    shown = words.shard_state(shard)
    told = "Out of scope: opted out" if state == "out_of_scope" else "it broke"
    assert told in shown
    assert "visually-hidden" in shown


def test_a_place_that_is_no_part_of_the_scan_is_empty():
    assert words.shard_state(None) == ""


def test_an_error_in_a_title_cannot_end_it():
    shown = words.shard_state(ShardFactory.build(state="failed", error='"><script>'))
    assert "<script>" not in shown


def test_a_bar_is_as_wide_as_its_numbers_and_tells_them():
    shown = words.outcomes(Counts(passed=1, failed=2, unknown=1, not_applicable=9))
    assert 'aria-label="1 Pass, 2 Fail, 1 Unknown"' in shown
    widths = [float(width) for width in re.findall(r' width="([\d.]+)"', shown)]
    assert widths == [25.0, 50.0, 25.0]
    assert words.outcomes(Counts(not_applicable=3)).count("rect") == 0


@pytest.mark.parametrize(
    ("share", "told"),
    [(None, words.NOTHING), (0, "0\u00a0%"), (7, "7\u00a0%"), (100, "100\u00a0%")],
)
def test_percent(share, told):
    assert words.percent(share) == told


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (Counts(), "nothing judged"),
        (Counts(unknown=1), "0 % known"),
        (Counts(passed=1), "100 % known"),
    ],
)
def test_how_much_is_known(counts, told):
    assert words.known(counts) == told


@pytest.mark.parametrize(
    ("share", "name"), [(None, "none"), (0, "0"), (9, "0"), (10, "1"), (99, "9"), (100, "10")]
)
def test_the_colour_of_a_cell(share, name):
    assert words.heat(share) == name


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({"seconds": 59}, "just now"),
        ({"minutes": 1}, "1 minute ago"),
        ({"hours": 5, "minutes": 30}, "5 hours ago"),
        ({"days": 3}, "3 days ago"),
    ],
)
def test_a_time_is_relative_with_the_exact_instant_on_hover(before, told):
    instant = NOW - dt.timedelta(**before)
    shown = words.ago(instant).replace("\xa0", " ")
    assert f">{told}<" in shown
    assert f'title="{instant:%Y-%m-%d %H:%M:%S} UTC"' in shown


def test_what_never_was_says_so():
    assert words.ago(None) == "never"
    assert words.ago(None, "not yet") == "not yet"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7320, "2 h 2 min")],
)
def test_how_long_it_took(seconds, told):
    assert words.lasted(NOW, NOW + dt.timedelta(seconds=seconds)) == told
    assert words.lasted(NOW, None) == ""


@pytest.mark.parametrize(
    ("chosen", "theme"),
    [("dark", "dark"), ("light", "light"), ('"><script>', "light"), ("", "light")],
)
def test_a_theme_is_one_of_two_whatever_the_cookie_says(chosen, theme):
    assert words.theme(chosen) == theme


def test_a_query_keeps_what_it_does_not_change():
    request = RequestFactory().get("/?row=O2&after=x&search=a%26b")
    assert render("{% query severity='low' after=None %}", request=request) == (
        "?row=O2&amp;search=a%26b&amp;severity=low"
    )
    assert render("{% query_without 'row' %}", request=request) == "?search=a%26b"


def test_every_change_has_a_name():
    assert all(words.change_label(name) for name in CHANGES)


def test_a_check_that_is_unknown_goes_by_its_id():
    assert words.check_title("check_of_old") == "check_of_old"
    assert words.check_title("cloudtrail_multi_region_logging").startswith("Cover every region")
