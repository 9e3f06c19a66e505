"""What only GitHub does."""

import datetime as dt
import json

import pytest

from findings.ticketing.state import OurComment
from tests.trackers.conftest import open_lab
from tests.trackers.fakes.github import FakeGitHub
from tests.trackers.fakes.server import serving
from tests.trackers.issues import made, new_issue, told_changes
from workers.trackers.base import Access, FieldChanges
from workers.trackers.errors import Blocked, BlockedReason, Configuration, Transient
from workers.trackers.github import GitHubTracker
from workers.trackers.github_auth import app_token
from workers.trackers.github_calls import api_of

NAME = "acme/ops#1"
DATE = {"Date": "Fri, 01 May 2020 12:00:00 GMT"}
AT_NOON = int(dt.datetime(2020, 5, 1, 12, tzinfo=dt.UTC).timestamp())


@pytest.fixture(scope="module")
def servers(app_key):
    with serving(FakeGitHub()) as by_token, serving(FakeGitHub(app_key.public_key())) as app:
        yield {"github_token": by_token, "github_app": app}


@pytest.fixture(scope="module")
def served(servers):
    return "github_token", servers["github_token"]


@pytest.fixture
def app_lab(servers, app_key):
    servers["github_app"].reset()
    return open_lab("github_app", servers["github_app"], app_key)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("headers", "message", "wait"),
    [
        ({"Retry-After": "90"}, "You have exceeded a secondary rate limit", 90),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT_NOON + 600)}, "API", 600),
        ({"x-ratelimit-remaining": "0"}, "API rate limit exceeded", 60),
        ({}, "You have exceeded a secondary rate limit. Wait a few minutes.", 60),
    ],
)
def test_limits_of_both_kinds_are_waited_for(lab, monkeypatch, status, headers, message, wait):
    monkeypatch.setattr(
        "http.server.BaseHTTPRequestHandler.date_time_string", lambda self: DATE["Date"]
    )
    lab.fake.fails("POST", "/issues", status, headers=headers, body={"message": message})
    with pytest.raises(Transient) as caught:
        lab.tracker.create(lab.target, new_issue())
    assert caught.value.retry_after == dt.timedelta(seconds=wait)


def test_a_403_that_is_no_limit_is_about_the_project(lab):
    body = {"message": "Resource not accessible by integration"}
    lab.fake.fails("POST", "/issues", 403, body=body)
    with pytest.raises(Configuration) as caught:
        lab.tracker.create(lab.target, new_issue())
    assert caught.value.scope == "acme/ops"


def test_a_repository_without_issues_is_about_the_project(lab):
    lab.fake.repository = {"has_issues": False}
    with pytest.raises(Configuration, match="disabled") as caught:
        lab.tracker.create(lab.target, new_issue())
    assert caught.value.scope == "acme/ops"
    lab.fake.repository = {"has_issues": True, "permissions": {"push": True}}


def test_a_locked_issue_is_blocked(lab):
    _, told = made(lab)
    lab.fake.edit(told.external_id, locked=True)
    comment = OurComment(id="0" * 32, body="x")
    with pytest.raises(Blocked) as caught:
        lab.tracker.comment(told.external_id, comment)
    assert caught.value.reason is BlockedReason.LOCKED


def test_a_poll_in_which_nothing_changed_costs_nothing(lab):
    made(lab)
    cursor = told_changes(lab, "")[1]
    told, cursor, _ = told_changes(lab, cursor)
    assert len(told) == 1
    lab.fake.asked.clear()
    again, same, _ = told_changes(lab, cursor)
    assert again == []
    assert same == cursor
    assert lab.fake.asked[-1].headers["if-none-match"]
    lab.fake.edit(NAME, title="theirs")
    assert [each.external_id for each in told_changes(lab, cursor)[0]] == [NAME]


def test_pull_requests_are_no_issues(lab):
    cursor = told_changes(lab, "")[1]
    issue, _ = made(lab)
    lab.fake.make({"pull_request": {}, "body": issue.description})
    assert (
        len(lab.tracker.find_by_marker(lab.target, issue.marker, since=dt.datetime.now(dt.UTC)))
        == 1
    )
    assert [each.external_id for each in told_changes(lab, cursor)[0]] == [NAME]


def test_an_issue_that_moves_in_a_circle_has_an_end(lab):
    lab.fake.moved = {NAME: NAME}
    with pytest.raises(Configuration):
        lab.tracker.get(NAME)


def test_an_issue_that_was_transferred_before_it_was_known_is_found_by_its_first_address(lab):
    lab.fake.make()
    issue, told = made(lab)
    lab.fake.move(told.external_id)
    for name in (lab.fake.make(), lab.fake.make()):
        lab.fake.delete(name)
    (found,) = lab.tracker.find_by_marker(lab.target, issue.marker, since=dt.datetime.now(dt.UTC))
    assert found.external_id == told.external_id
    assert found.key.startswith("acme/new#")
    assert lab.tracker.get(found.external_id).title == told.title


def test_numbers_that_lead_to_no_issue_are_passed_over(lab):
    lab.fake.make()
    lab.fake.moved = {"acme/ops#2": "acme/ops#2"}
    marker = f"cairn-{32 * '0'}"
    assert lab.tracker.find_by_marker(lab.target, marker, since=dt.datetime.now(dt.UTC)) == ()


def test_a_marker_is_looked_for_past_the_first_page(lab):
    issue, told = made(lab)
    for _ in range(120):
        lab.fake.make()
    found = lab.tracker.find_by_marker(lab.target, issue.marker, since=dt.datetime.now(dt.UTC))
    assert [each.external_id for each in found] == [told.external_id]


def test_the_token_of_an_app_is_kept_until_shortly_before_it_ends(app_lab):
    lab = app_lab
    lab.tracker.create(lab.target, new_issue())
    lab.fake.tick(3200)
    lab.tracker.get(NAME)
    assert len(lab.fake.tokens) == 1
    lab.fake.tick(200)  # ten minutes before; five are spared
    lab.tracker.get(NAME)
    assert len(lab.fake.tokens) == 2
    assert all(a.path != "/user" for a in lab.fake.asked)


def test_a_token_that_is_refused_is_got_anew(app_lab):
    app_lab.tracker.create(app_lab.target, new_issue())
    app_lab.fake.tokens = dict.fromkeys(app_lab.fake.tokens, app_lab.fake.now)
    assert app_lab.tracker.get(NAME).key == NAME
    app_lab.fake.fails("GET", "/issues", 401, times=2)
    with pytest.raises(Configuration):
        app_lab.tracker.get(NAME)


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_key_that_is_none_is_told_without_its_words(key):
    with pytest.raises(Configuration) as caught:
        app_token("1", key, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert not key or key not in str(caught.value)


def test_credentials_that_are_none_are_told():
    with pytest.raises(Configuration, match="neither a token"):
        GitHubTracker(Access(base_url="https://api.github.com", credentials={"app_id": "1"}))


def test_the_address_for_people_is_turned_into_the_one_of_the_api():
    assert api_of("https://github.com/") == "https://api.github.com"
    assert api_of("https://git.example.com/api/v3/") == "https://git.example.com/api/v3"


def test_a_transfer_names_the_issue_as_it_was(lab):
    told = {
        "action": "transferred",
        "issue": {"number": 1},
        "repository": {"full_name": "acme/ops"},
        "changes": {"new_issue": {"number": 71}},
    }
    headers = {"x-github-event": "issues", "x-github-delivery": "d"}
    hint = lab.tracker.parse_hint(headers, json.dumps(told).encode())
    assert hint.external_ids == (NAME,)


def test_a_repository_that_was_renamed_is_followed_for_reading_and_making(lab):
    issue, told = made(lab)
    cursor = told_changes(lab, "")[1]
    lab.fake.renamed = {"acme/ops"}
    since = dt.datetime.now(dt.UTC)
    assert len(lab.tracker.find_by_marker(lab.target, issue.marker, since=since)) == 1
    assert [each.external_id for each in told_changes(lab, cursor)[0]] == [told.external_id]
    assert made(lab)[1].external_id == "acme/ops#2"


def test_an_issue_that_is_moved_while_it_is_written_may_be_tried_again(lab):
    _, told = made(lab)
    moved = {"Location": f"{lab.fake.url}/repos/acme/new/issues/71"}
    lab.fake.fails("PATCH", "/issues/1", 301, headers=moved)
    with pytest.raises(Transient, match="moved just now"):
        lab.tracker.update_fields(
            told.external_id, FieldChanges(title="x"), expected_version=told.version
        )


def test_comments_are_read_page_by_page(lab):
    _, told = made(lab)
    for number in range(103):
        lab.fake.comment(told.external_id, f"theirs {number}")
    comments = lab.tracker.get(told.external_id).comments
    assert [c.body for c in comments] == [f"theirs {number}" for number in range(103)]
