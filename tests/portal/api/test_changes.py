"""Lists by when rows changed, as programs follow them; shown with findings."""

import base64
import datetime as dt

import pytest
import time_machine

from findings.models import Finding
from portal.api.findings import FindingViewSet
from portal.api.pagination import OVERLAP
from tests.factories.findings import FindingFactory
from tests.portal.api.conftest import badly_refused

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today(world, monkeypatch):
    monkeypatch.setattr(FindingViewSet, "changed_field", "changed_at")  # whatever else happened
    Finding.objects.update(changed_at=NOW - 900 * MINUTE)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def changed(world):
    """Makes a finding, or moves one, that changed some minutes ago."""

    def change(name, minutes):
        at = NOW - minutes * MINUTE
        finding = Finding.objects.filter(resource=name).first()
        finding = finding or FindingFactory(account=world.shop, resource=name)
        Finding.objects.filter(pk=finding.pk).update(changed_at=at)

    return change


def follow(caller, start, size=2):
    """All rows from a link or time to the end, and the last page's ``resume``."""
    names = []
    answer = (
        caller.get(start.partition("/api/v1/")[2])
        if start.startswith("http")
        else caller.get("findings/", updated_since=start, page_size=size)
    )
    while True:
        names += [row["resource"] for row in answer.results]
        if not answer.body["next"]:
            return names, answer.body["resume"]
        answer = caller.get(answer.body["next"].partition("/api/v1/")[2])


def since(minutes):
    return (NOW - minutes * MINUTE).isoformat().replace("+00:00", "Z")


def test_the_oldest_change_comes_first_from_the_instant_on(api, changed):
    for name, minutes in (("b", 60), ("a", 90), ("c", 60), ("d", 60), ("old", 121), ("edge", 120)):
        changed(name, minutes)
    names, _ = follow(api("viewer"), since(120))
    assert names == ["edge", "a", "b", "c", "d"]


def test_who_resumes_is_told_of_what_changed_meanwhile_and_of_no_more(api, changed):
    changed("a", 90)
    changed("b", 60)
    caller = api("viewer")
    _, resume = follow(caller, since(120))
    assert follow(caller, resume)[0] == []
    changed("a", 30)
    changed("new", 20)
    names, resume = follow(caller, resume)
    assert names == ["a", "new"]
    assert follow(caller, resume)[0] == []


def test_what_commits_late_is_told_by_the_next_resume(api, changed):
    caller = api("viewer")
    changed("early", 1)
    names, resume = follow(caller, since(120))
    assert names == ["early"]
    changed("late", 9)  # its transaction began eight minutes before the other's
    assert follow(caller, resume)[0] == ["late", "early"]
    assert 9 * MINUTE < OVERLAP


def test_an_instant_that_many_rows_share_is_told_page_by_page(api, changed):
    names = [f"r{number}" for number in range(7)]
    for name in names:
        changed(name, 60)
    assert follow(api("viewer"), since(61), size=3)[0] == names


def test_a_beginning_in_the_future_resumes_before_now(api, changed):
    caller = api("viewer")
    _, resume = follow(caller, since(-60))
    changed("new", 0)
    assert follow(caller, resume)[0] == ["new"]


def test_filters_go_on_with_the_links(api, changed, world):
    changed("a", 60)
    answer = api("viewer").get("findings/", updated_since=since(99), check_id="none", page_size=2)
    assert answer.results == []
    assert "check_id=none" in answer.body["resume"]


NO_TIMES = (
    *("", "yesterday", "2026-03-02", "2026-03-02T09:00:00", "2026-13-02T09:00:00Z"),
    *("1969-01-01T00:00:00Z", "9999-12-31T23:59:59-10:00", "\x00"),
)


def test_a_time_that_is_none_is_refused(api):
    caller = api("viewer")

    def ask(given):
        return caller.get("findings/", updated_since=given)

    told = "Give a time with its zone"
    assert badly_refused(ask, [(given, "updated_since", told) for given in NO_TIMES]) == {}


def test_a_list_that_does_not_tell_says_so(api):
    answer = api("viewer").get("accounts/", updated_since=since(1))
    assert (answer.status, list(answer.errors)) == (400, ["updated_since"])


@pytest.mark.parametrize("text", ["u=1", "u=1.x", "u=" + "9" * 18 + ".1", "u=1.1.1"])
def test_a_cursor_that_no_answer_gave_is_refused(api, text):
    cursor = base64.b64encode(text.encode()).decode()
    assert api("viewer").get("findings/", cursor=cursor).status == 400


def test_a_cursor_of_changes_is_none_of_another_list(api, changed):
    changed("a", 60)
    caller = api("viewer")
    _, resume = follow(caller, since(99))
    cursor = resume.partition("cursor=")[2].partition("&")[0]
    assert caller.get(f"accounts/?cursor={cursor}").status == 400
    assert caller.get(f"findings/?cursor={cursor}&updated_since={since(9)}").status == 400
