"""What every adapter must do, against the fake server of its tracker, over real HTTP."""

import datetime as dt
import uuid

import pytest

from findings.ticketing import block
from findings.ticketing.state import Field, OurComment, Resolution, StatusCategory
from tests.trackers.conftest import open_lab
from tests.trackers.issues import NOW, OTHER_WORDS, WORDS, made, moves_to, new_issue
from tests.workers.fake_tracker import ref_of
from workers.trackers.base import FieldChanges
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    BlockedReason,
    Transient,
    VersionChanged,
)

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


@pytest.mark.parametrize("said", ["```\nopen", "~~~~ x\nopen\n~~~", "- a\n\n  ```\n  b", "`````"])
def test_a_comment_is_known_for_ours_though_its_code_has_no_end(lab, said):
    _, told = made(lab)
    assert lab.tracker.comment(told.external_id, OurComment(id="e" * 32, body=said)).our_id
    (known,) = lab.tracker.get(told.external_id).comments
    assert known.our_id == "e" * 32


def test_a_comment_that_their_own_signs_make_too_long_is_cut(lab):
    _, told = made(lab)
    ours = OurComment(id="f" * 32, body="{|" * 9980 + "*[{|" * 10)
    said = lab.tracker.comment(told.external_id, ours)
    assert (said.our_id, len(said.body) > 10_000) == (ours.id, True)
    if lab.kind == "jira_data_center":
        (comment,) = lab.fake.issues[told.external_id]["comments"]
        assert len(comment["body"]) <= 32_767


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
