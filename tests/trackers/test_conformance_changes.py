"""What happens to issues in a tracker, and how each adapter tells of it: moves, changes, hooks."""

import hashlib
import hmac
import json
import logging
import uuid
from dataclasses import replace

import pytest

from findings.ticketing.state import OurComment, StatusCategory
from tests.trackers.issues import made, moves_to, new_issue, told_changes
from workers.trackers.base import FieldChanges, Target
from workers.trackers.errors import (
    Configuration,
    Gone,
    TrackerError,
    Transient,
)
from workers.trackers.registry import tracker_of

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
