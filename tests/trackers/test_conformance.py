"""What every adapter must do, against the fake server of its tracker, over real HTTP."""

import datetime as dt
import hashlib
import hmac
import json
import logging
import uuid
from dataclasses import replace

import pytest

from findings.ticketing import block
from findings.ticketing.state import Field, OurComment, Resolution, StatusCategory
from tests.trackers.conftest import open_lab
from tests.workers.fake_tracker import ref_of
from workers.trackers.base import FieldChanges, NewIssue, Target
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    BlockedReason,
    Configuration,
    Gone,
    TrackerError,
    Transient,
    VersionChanged,
)
from workers.trackers.registry import tracker_of

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
WORDS = (
    "**1 of 2 verified**\n\n- Severity: high\n- Owner: a\\_team\n\n"
    "- prod, us-east-1: `arn:aws:s3:::a_b*{x}` (open) [open in Cairn](https://cairn.example/f/1)\n\n"
    "## What to do\n\nUse `x` and \\[y\\] \\| @\u2060ops #\u20601 {z}\n\nAnd 3 more."
)
OTHER_WORDS = "**2 of 2 verified**\n\n- Severity: high"


def new_issue(**more) -> NewIssue:
    marker = block.marker_of(uuid.uuid4())
    return NewIssue(
        **{
            "marker": marker,
            "title": "Buckets are public: 2 findings",
            "description": block.put("", marker, WORDS),
            "labels": frozenset({"cairn"}),
            **more,
        }
    )


def made(lab, **more):
    issue = new_issue(**more)
    ref = lab.tracker.create(lab.target, issue)
    told = lab.tracker.get(ref.external_id)
    assert ref_of(told) == ref
    return issue, told


def moves_to(lab, external_id, category):
    options = lab.tracker.transition_options(external_id)
    return next(o for o in options if o.category is category and not o.is_wont_do)


# --- what is written is what is read ---


def test_an_issue_is_told_as_it_was_made(lab):
    issue, told = made(lab)
    assert told == lab.tracker.get(told.external_id)
    assert block.take(told.description, issue.marker) == block.normal(WORDS)
    assert block.around(told.description, issue.marker) == ""
    assert told.title == issue.title
    assert told.labels >= {"cairn"}
    assert (told.status_id, told.status_category) == (lab.todo, StatusCategory.TODO)
    assert told.resolution is Resolution.NONE
    assert told.updated_at.tzinfo is not None
    assert told.url.startswith("http")


def test_priority_and_due_date_are_kept_where_the_tracker_has_them(lab):
    held = lab.tracker.capabilities().fields
    if Field.DUE_DATE not in held:
        assert held == {Field.TITLE, Field.BLOCK, Field.LABELS}
        return
    _, told = made(lab, priority="2", due_date=dt.date(2026, 12, 24))
    assert (told.priority, told.due_date) == ("2", dt.date(2026, 12, 24))
    changes = FieldChanges(priority="4", clears_due_date=True)
    told = lab.tracker.update_fields(told.external_id, changes, expected_version=told.version)
    assert (told.priority, told.due_date) == ("4", None)


def test_what_others_wrote_survives_an_update_byte_for_byte(lab):
    issue, told = made(lab)
    before, after = lab.fake.write_around(told.external_id)
    told = lab.tracker.get(told.external_id)
    changed = block.put(told.description, issue.marker, OTHER_WORDS)
    told = lab.tracker.update_fields(
        told.external_id, FieldChanges(description=changed), expected_version=told.version
    )
    assert lab.fake.around(told.external_id) == (before, after)
    assert block.take(told.description, issue.marker) == OTHER_WORDS


def test_what_others_wrote_survives_where_somebody_took_our_last_line_away(lab):
    issue, told = made(lab)
    lab.fake.write_around(told.external_id)
    raw = lab.fake.raw_text(told.external_id)
    if isinstance(raw, dict):
        kept = [n for n in raw["content"] if ", end" not in str(n)]
        lab.fake.edit(told.external_id, description={**raw, "content": kept})
    else:
        name = "description" if lab.is_jira else "body"
        lines = [line for line in raw.split("\n") if ", end" not in line]
        lab.fake.edit(told.external_id, **{name: "\n".join(lines)})
    told = lab.tracker.get(told.external_id)
    changed = block.put(told.description, issue.marker, OTHER_WORDS, before=WORDS)
    told = lab.tracker.update_fields(
        told.external_id, FieldChanges(description=changed), expected_version=told.version
    )
    assert block.take(told.description, issue.marker) == OTHER_WORDS
    assert str(lab.fake.raw_text(told.external_id)).count("2 of 2 verified") == 1
    if isinstance(raw, dict):
        there = lab.fake.raw_text(told.external_id)["content"]
        assert [n for n in there if n["type"] in ("panel", "somethingNew")] == raw["content"][:2]
        assert any("mention" in str(node) for node in there)


def test_labels_of_others_stay(lab):
    _, told = made(lab)
    marks = told.labels - {"cairn"}
    theirs = ["theirs", *told.labels]
    lab.fake.edit(told.external_id, labels=theirs if lab.is_jira else [{"name": n} for n in theirs])
    told = lab.tracker.get(told.external_id)
    changes = FieldChanges(labels_added=frozenset({"new-one"}), labels_removed=frozenset({"cairn"}))
    told = lab.tracker.update_fields(told.external_id, changes, expected_version=told.version)
    assert told.labels == {"theirs", "new-one"} | marks


def test_a_change_of_somebody_else_stops_an_update(lab):
    _, told = made(lab)
    lab.fake.edit(told.external_id, **{"summary" if lab.is_jira else "title": "theirs"})
    lab.fake.asked.clear()
    with pytest.raises(VersionChanged):
        lab.tracker.update_fields(
            told.external_id, FieldChanges(title="ours"), expected_version=told.version
        )
    assert lab.fake.writes == []


def test_comments_are_told_with_whose_they_are_however_many(lab):
    _, told = made(lab)
    ours = OurComment(id=uuid.uuid4().hex, body="A scan looked again:\n\n- `a_b` *still*")
    said = lab.tracker.comment(told.external_id, ours)
    assert (said.our_id, said.body) == (ours.id, ours.body)
    for number in range(4):
        lab.fake.comment(told.external_id, f"theirs {number}")
    comments = lab.tracker.get(told.external_id).comments
    assert [c.our_id for c in comments] == [ours.id, "", "", "", ""]
    assert [c.body for c in comments[1:]] == [f"theirs {number}" for number in range(4)]
    assert comments[0] == said


# --- one issue whatever happens ---


def test_a_marker_is_found_in_this_and_no_other_issue(lab):
    lab.fake.make()
    issue, told = made(lab)
    made(lab)
    assert lab.tracker.find_by_marker(lab.target, issue.marker, since=NOW) == (ref_of(told),)
    unknown = block.marker_of(uuid.uuid4())
    assert lab.tracker.find_by_marker(lab.target, unknown, since=NOW) == ()


def test_an_issue_whose_labels_were_taken_away_is_still_found(lab):
    issue, told = made(lab)
    lab.fake.edit(told.external_id, labels=[])
    found = lab.tracker.find_by_marker(lab.target, issue.marker, since=NOW)
    assert [each.external_id for each in found] == [told.external_id]


def test_a_time_out_after_creating_is_ambiguous_and_the_issue_is_found(lab):
    issue = new_issue()
    lab.fake.fails("POST", lab.create_part(), after=True)
    with pytest.raises(Ambiguous):
        lab.tracker.create(lab.target, issue)
    assert len(lab.fake.issues) == 1
    found = lab.tracker.find_by_marker(lab.target, issue.marker, since=NOW)
    assert [each.external_id for each in found] == list(lab.fake.issues)


def test_a_search_that_lags_finds_it_within_the_lag_that_is_told(lab):
    issue, told = made(lab)
    lag = lab.tracker.capabilities().index_lag
    lab.fake.search_lag = lag
    at_once = lab.tracker.find_by_marker(lab.target, issue.marker, since=NOW)
    assert len(at_once) == (0 if lag else 1)
    lab.fake.tick(int(lag.total_seconds()))
    found = lab.tracker.find_by_marker(lab.target, issue.marker, since=NOW)
    assert [each.external_id for each in found] == [told.external_id]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failure_of_theirs_leaves_it_open_whether_the_issue_was_made(lab, status):
    lab.fake.fails("POST", lab.create_part(), status)
    with pytest.raises(Ambiguous):
        lab.tracker.create(lab.target, new_issue())


@pytest.mark.parametrize("raw", [b"<html>", b'{"id": ', b"[]", b"null", b"", b"\xff\xfe"])
def test_an_answer_that_is_none_is_ambiguous_where_something_is_made(lab, raw):
    lab.fake.fails("POST", lab.create_part(), 201, raw=raw)
    with pytest.raises(Ambiguous):
        lab.tracker.create(lab.target, new_issue())


@pytest.mark.parametrize("raw", [b"<html>", b'{"id": ', b"[]", b"null", b"7", b"[" * 200_000])
def test_an_answer_that_is_none_may_be_asked_for_again(lab, raw):
    _, told = made(lab)
    lab.fake.fails("GET", "/issue", 200, raw=raw)
    with pytest.raises(Transient):
        lab.tracker.get(told.external_id)


def test_an_answer_that_is_too_long_is_not_read(served, app_key, monkeypatch):
    monkeypatch.setattr("workers.trackers.transport.LARGEST_ANSWER", 100_000)
    kind, fake = served
    fake.reset()
    lab = open_lab(kind, fake, app_key)
    _, told = made(lab)
    lab.fake.fails("GET", "/issue", 200, raw=b" " * 300_000)
    with pytest.raises(Transient, match="more than 100000 bytes"):
        lab.tracker.get(told.external_id)


def test_reading_that_times_out_may_be_tried_again(lab):
    _, told = made(lab)
    lab.fake.fails("GET", "/issue")
    with pytest.raises(Transient):
        lab.tracker.get(told.external_id)


# --- limits ---


def test_a_limit_says_how_long_to_wait(lab):
    lab.fake.fails("POST", lab.create_part(), 429, headers={"Retry-After": "7200"})
    with pytest.raises(Transient) as caught:
        lab.tracker.create(lab.target, new_issue())
    assert caught.value.retry_after == dt.timedelta(hours=2)
    assert lab.fake.issues == {}


def test_a_limit_may_say_until_when_by_their_clock(lab):
    headers = {"Retry-After": "Fri, 01 May 2020 12:10:00 GMT"}
    lab.fake.fails("GET", "/issue", 429, headers=headers)
    with pytest.raises(Transient) as caught:
        lab.tracker.get("10000" if lab.is_jira else "acme/ops#1")
    assert caught.value.retry_after == dt.timedelta(0)  # it is past by their Date


def test_a_503_that_says_when_is_waited_for_and_leaves_open_whether_it_was_made(lab):
    """A gateway may answer so for a server that did what was asked."""
    headers = {"Retry-After": "5"}
    lab.fake.fails("POST", lab.create_part(), 503, headers=headers)
    with pytest.raises(Ambiguous) as of_create:
        lab.tracker.create(lab.target, new_issue())
    lab.fake.fails("GET", lab.create_part(), 503, headers=headers)
    with pytest.raises(Transient) as of_get:
        lab.tracker.get("10000" if lab.is_jira else "acme/ops#1")
    assert of_create.value.retry_after == of_get.value.retry_after == dt.timedelta(seconds=5)


# --- moves ---


def test_moves_go_by_category_whatever_statuses_are_called(lab):
    _, told = made(lab)
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    told = lab.tracker.transition(told.external_id, option, fields={})
    assert (told.status_id, told.status_category) == (lab.done, StatusCategory.DONE)
    assert told.resolution is Resolution.DONE
    assert told.status_changed_at is not None
    back = moves_to(lab, told.external_id, StatusCategory.TODO)
    told = lab.tracker.transition(told.external_id, back, fields={})
    assert (told.status_id, told.resolution) == (lab.todo, Resolution.NONE)


def test_what_people_will_not_do_is_told(lab):
    _, told = made(lab)
    wont = [o for o in lab.tracker.transition_options(told.external_id) if o.is_wont_do]
    assert [o.category for o in wont] == [StatusCategory.DONE]
    more = {"resolution": "Won't Do"} if lab.is_jira else {}
    lab.fake.set_status(told.external_id, "13" if lab.is_jira else "not_planned", **more)
    assert lab.tracker.get(told.external_id).resolution is Resolution.WONT_DO


def test_a_move_that_is_not_possible_any_more_is_blocked(lab):
    _, told = made(lab)
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    lab.fake.set_status(told.external_id, lab.done)
    with pytest.raises(Blocked) as caught:
        lab.tracker.transition(told.external_id, option, fields={})
    assert caught.value.reason is BlockedReason.NO_TRANSITION


# --- issues that moved or are gone ---


def test_an_issue_that_moved_is_followed(lab):
    _, told = made(lab)
    key = lab.fake.move(told.external_id)
    after = lab.tracker.get(told.external_id)
    assert (after.external_id, after.key) == (told.external_id, key)
    changed = lab.tracker.update_fields(
        told.external_id, FieldChanges(title="moved"), expected_version=after.version
    )
    assert changed.title == "moved"
    ours = OurComment(id=uuid.uuid4().hex, body="still here")
    assert lab.tracker.comment(told.external_id, ours).our_id == ours.id
    done = moves_to(lab, told.external_id, StatusCategory.DONE)
    told = lab.tracker.transition(told.external_id, done, fields={})
    assert told.status_category is StatusCategory.DONE


def test_an_issue_that_was_deleted_is_gone_for_every_operation(lab):
    _, told = made(lab)
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    lab.fake.delete(told.external_id)
    ours = OurComment(id=uuid.uuid4().hex, body="x")
    for operation in (
        lambda: lab.tracker.get(told.external_id),
        lambda: lab.tracker.update_fields(
            told.external_id, FieldChanges(title="x"), expected_version=told.version
        ),
        lambda: lab.tracker.transition_options(told.external_id),
        lambda: lab.tracker.transition(told.external_id, option, fields={}),
        lambda: lab.tracker.comment(told.external_id, ours),
    ):
        with pytest.raises(Gone):
            operation()


@pytest.mark.parametrize("name", ["", "../../user", "a/b", "a/b#x", "OPS 1?x=y", "\0"])
def test_an_id_that_is_none_is_gone_and_goes_nowhere_else(lab, name):
    lab.fake.make()
    with pytest.raises(TrackerError):
        lab.tracker.get(name)
    assert not [a for a in lab.fake.asked if a.path.rstrip("/").endswith("user")]


def test_a_project_that_is_not_there_is_about_the_project(lab):
    unknown = Target(project="NONE" if lab.is_jira else "acme/none")
    for operation in (
        lambda: lab.tracker.create(unknown, new_issue()),
        lambda: lab.tracker.list_changed(unknown, ""),
    ):
        with pytest.raises(Configuration) as caught:
            operation()
        assert caught.value.scope == unknown.project


# --- changes ---


def told_changes(lab, cursor, *, limit=40):
    told, pages = [], 0
    while pages < limit:
        changes = lab.tracker.list_changed(lab.target, cursor)
        told += changes.issues
        cursor, pages = changes.cursor, pages + 1
        if changes.is_last:
            return told, cursor, pages
    raise AssertionError("the pages have no end")


def test_no_cursor_lists_nothing_and_gives_one(lab):
    lab.fake.make()
    told, cursor, _ = told_changes(lab, "")
    assert told == []
    assert cursor


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("seconds", [0, 1, 45])
def test_changes_are_told_page_by_page_and_none_is_missed(lab, seconds):
    cursor = told_changes(lab, "")[1]
    made_by_hand = []
    for _ in range(7):
        made_by_hand.append(lab.fake.make())
        lab.fake.tick(seconds)
    told, cursor, pages = told_changes(lab, cursor)
    assert {each.external_id for each in told} == set(made_by_hand)
    assert pages > 1
    last = lab.fake.make()
    assert last in {each.external_id for each in told_changes(lab, cursor)[0]}


@pytest.mark.usefixtures("small_pages")
def test_an_issue_that_changes_while_pages_are_read_pushes_none_out_of_sight(lab):
    cursor = told_changes(lab, "")[1]
    names = []
    for _ in range(6):
        names.append(lab.fake.make())
        lab.fake.tick(90)
    first = lab.tracker.list_changed(lab.target, cursor)
    lab.fake.edit(names[0])
    rest, _, _ = told_changes(lab, first.cursor)
    assert {each.external_id for each in [*first.issues, *rest]} == set(names)


def test_what_did_not_change_is_told_with_the_same_version(lab):
    cursor = told_changes(lab, "")[1]
    _, told = made(lab)
    changed, cursor, _ = told_changes(lab, cursor)
    assert [(c.external_id, c.version) for c in changed] == [(told.external_id, told.version)]
    again, cursor, _ = told_changes(lab, cursor)
    assert {c.version for c in again} <= {told.version}
    lab.fake.set_status(told.external_id, lab.done)
    changed, _, _ = told_changes(lab, cursor)
    assert changed[-1].version == lab.tracker.get(told.external_id).version != told.version


def test_a_cursor_that_is_none_of_ours_begins_anew(lab):
    lab.fake.make()
    for cursor in ("x", "[]", "[1,2,3]", "null"):
        assert lab.tracker.list_changed(lab.target, cursor).issues == ()


def test_issues_that_moved_away_or_are_gone_stop_no_listing(lab):
    cursor = told_changes(lab, "")[1]
    names = [lab.fake.make() for _ in range(3)]
    lab.fake.move(names[0])
    lab.fake.delete(names[1])
    told = {each.external_id for each in told_changes(lab, cursor)[0]}
    assert names[2] in told
    assert names[1] not in told


# --- deliveries ---


def signed(lab, body: bytes, secret: str) -> dict[str, str]:
    name = "x-hub-signature" if lab.is_jira else "x-hub-signature-256"
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {name: f"sha256={digest}"}


def test_a_delivery_counts_only_with_a_right_signature_of_its_raw_bytes(lab):
    body = b'{"a":  1,\r\n "\xc3\xa9": "\xff"}'
    verify = lab.tracker.verify_webhook
    assert verify(signed(lab, body, "old-hook-secret"), body)
    assert verify(signed(lab, body, "new-hook-secret"), body)
    assert not verify(signed(lab, body, "another"), body)
    assert not verify(signed(lab, body, "new-hook-secret"), body + b" ")
    assert not verify({}, body)
    (name, right), *_ = signed(lab, body, "new-hook-secret").items()
    for wrong in (right.removeprefix("sha256="), right.upper(), "sha256=", "sha256=é", ""):
        assert not verify({name: wrong}, body)
    assert not verify({"x-hub-signature-1": right}, body)


def test_without_a_secret_nothing_is_signed(lab):
    access = replace(lab.access, credentials={**lab.access.credentials, "webhook_secret": " "})
    kind = {"github_token": "github", "github_app": "github"}.get(lab.kind, lab.kind)
    kind = "jira_cloud" if kind == "jira_service_account" else kind
    assert not tracker_of(kind, access).verify_webhook(signed(lab, b"x", ""), b"x")


def delivery(lab, **more) -> tuple[dict[str, str], bytes]:
    if lab.is_jira:
        told = {"webhookEvent": "jira:issue_updated", "issue": {"id": "10001", "key": "OPS-2"}}
        return {"x-atlassian-webhook-identifier": "d-1"}, json.dumps({**told, **more}).encode()
    told = {"action": "edited", "issue": {"number": 2}, "repository": {"full_name": "acme/ops"}}
    headers = {"x-github-event": "issues", "x-github-delivery": "d-1"}
    return headers, json.dumps({**told, **more}).encode()


def test_a_delivery_says_only_what_to_look_at(lab):
    headers, body = delivery(lab)
    hint = lab.tracker.parse_hint(headers, body)
    assert hint.delivery_id == "d-1"
    assert hint.external_ids == ("10001" if lab.is_jira else "acme/ops#2",)
    headers, body = delivery(lab, issue=None)
    assert lab.tracker.parse_hint(headers, body).external_ids == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"issue": 7}', b"1" * 5000])
def test_what_is_no_delivery_is_a_value_error(lab, body):
    with pytest.raises(ValueError):  # noqa: PT011 -- whichever
        lab.tracker.parse_hint({}, body)


# --- secrets ---


def test_no_secret_is_in_an_error_a_log_or_a_repr(lab, caplog):
    caplog.set_level(logging.DEBUG)
    lab.tracker.probe(lab.target)
    echo = {"message": " ".join(lab.secrets), "errorMessages": lab.secrets}
    seen = [repr(lab.tracker), repr(lab.access), str(vars(lab.tracker))]
    for status in (400, 401, 403, 404, 422, 429, 500, 302):
        lab.fake.fails("POST", lab.create_part(), status, body=echo, times=2)
        with pytest.raises(TrackerError) as caught:
            lab.tracker.create(lab.target, new_issue())
        lab.fake.faults.clear()
        error = caught.value
        seen += [str(error), repr(error), repr(error.__cause__), repr(error.args)]
        assert error.__cause__ is None
    seen += [record.getMessage() for record in caplog.records]
    assert len(lab.secrets) >= 3
    for secret in lab.secrets:
        assert not [text for text in seen if secret in text]


def test_redirects_of_anything_but_a_moved_issue_are_not_followed(lab):
    away = {"Location": "http://127.0.0.1:9/steal"}
    for status in (301, 302, 307, 308):
        lab.fake.fails("POST", lab.create_part(), status, headers=away)
        with pytest.raises(Configuration, match="redirects"):
            lab.tracker.create(lab.target, new_issue())
        lab.fake.fails("GET", "/issue", status, headers=away)
        with pytest.raises(Configuration, match="redirects"):
            lab.tracker.get("10000" if lab.is_jira else "acme/ops#1")


def test_wrong_credentials_are_about_the_whole_connection(lab):
    lab.fake.fails("GET", "/issue", 401, times=2)
    with pytest.raises(Configuration) as caught:
        lab.tracker.get("10000" if lab.is_jira else "acme/ops#1")
    assert caught.value.scope == ""


def test_where_nothing_listens_nothing_was_sent(lab):
    kind = "github" if lab.kind.startswith("github") else "jira_cloud"
    access = replace(lab.access, base_url="http://127.0.0.1:9", credentials={"token": "secret"})
    with pytest.raises(Transient, match="No connection"):
        tracker_of(kind, access).create(replace(lab.target, issue_type="3"), new_issue())


def test_a_private_address_is_refused_unless_allowed(lab):
    kind = "github" if lab.kind.startswith("github") else "jira_cloud"
    for address in ("https://127.0.0.1:9", "https://localhost:9", "https://[::ffff:10.0.0.1]"):
        access = replace(
            lab.access, base_url=address, credentials={"token": "secret"}, allows_private=False
        )
        with pytest.raises(Configuration, match="not public"):
            tracker_of(kind, access).get("1" if lab.is_jira else "acme/ops#1")
    allowed = replace(access, base_url="https://169.254.169.254", allows_private=True)
    with pytest.raises(Configuration, match="not public"):
        tracker_of(kind, allowed).get("1" if lab.is_jira else "acme/ops#1")
    with pytest.raises(Configuration, match="https only"):
        tracker_of(kind, replace(access, base_url="http://tracker.example.com"))
