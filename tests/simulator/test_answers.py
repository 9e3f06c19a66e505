import json
from datetime import UTC, datetime, timedelta

import pytest

from simulator.answers import (
    Answer,
    NotCollected,
    Reason,
    Subject,
    as_json,
    key,
    not_collected,
    transitions,
)
from simulator.organization import Condition
from simulator.world import World

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_answer_turns_at_its_instant_not_before():
    answer = Answer(status="pass", until=EPOCH, then="fail")
    assert answer.at(EPOCH - timedelta(seconds=1)) == "pass"
    assert answer.at(EPOCH) == "fail"


def test_an_answer_without_instant_never_turns():
    assert Answer(status="fail").at(EPOCH + timedelta(days=10_000)) == "fail"


@pytest.mark.parametrize(
    "parts",
    [
        {"status": "passed"},
        {"status": "pass", "until": EPOCH},
        {"status": "pass", "then": "fail"},
        {"status": "pass", "until": EPOCH, "then": "late"},
    ],
)
def test_an_answer_that_says_nothing_clear_is_refused(parts):
    with pytest.raises(ValueError, match=r"status|belong"):
        Answer(**parts)


def test_what_changed_between_two_keys_is_named_with_both_ends():
    def subject(name):
        return Subject("check", "1", "eu-west-1", name)

    passed, failed = Answer(status="pass"), Answer(status="fail")
    before = {subject("broken"): passed, subject("same"): failed, subject("gone"): failed}
    after = {subject("broken"): failed, subject("same"): failed, subject("new"): passed}
    assert transitions(before, after) == {
        subject("broken"): ("pass", "fail"),
        subject("gone"): ("fail", None),
        subject("new"): (None, "pass"),
    }


def test_places_that_cannot_be_collected_have_no_answers():
    world = World(epoch=EPOCH)
    answered = {(subject.account, subject.region) for subject in key(world)}
    for missing in not_collected(world):
        if missing.operation:
            continue
        assert not {
            place
            for place in answered
            if place[0] == missing.account and missing.region in ("", place[1])
        }


def test_every_built_in_condition_is_told():
    world = World(epoch=EPOCH)
    missing = not_collected(world)
    by_condition = {a.condition: a.id for a in world.accounts if a.condition}
    last = world.regions[-1]
    assert (
        NotCollected(by_condition[Condition.ROLE_MISSING], "", "", Reason.ROLE_MISSING) in missing
    )
    assert NotCollected(by_condition[Condition.EXTERNAL_ID], "", "", Reason.EXTERNAL_ID) in missing
    off = NotCollected(by_condition[Condition.REGION_OFF], last, "", Reason.REGION_DISABLED)
    assert off in missing
    denied = [entry for entry in missing if entry.reason is Reason.ACCESS_DENIED]
    assert {entry.account for entry in denied} == {by_condition[Condition.OPERATION_DENIED]}
    assert {entry.operation for entry in denied} == {"xray:GetServiceGraph"}
    by_policy = [entry for entry in missing if entry.reason is Reason.DENIED_BY_POLICY]
    sandboxes = {account.id for account in world.accounts if account.unit == "Sandbox"}
    assert {(e.account, e.region) for e in by_policy} == {(id_, last) for id_ in sandboxes}
    suspended = {entry.account for entry in missing if entry.reason is Reason.SUSPENDED}
    assert suspended == {a.id for a in world.accounts if a.state == "SUSPENDED"}


def test_the_key_as_json_holds_every_answer():
    world = World(epoch=EPOCH, accounts=3)
    content = json.loads(as_json(world))
    assert len(content["answers"]) == len(key(world))
    assert content["day"] == 1
    assert {"check", "account", "region", "resource", "status"} < set(content["answers"][0])


def test_an_answer_may_turn_more_than_once():
    first, second = EPOCH + timedelta(days=1), EPOCH + timedelta(days=2)
    later = ((second, "not_applicable"),)
    answer = Answer(status="fail", until=first, then="pass", later=later)
    at = (EPOCH, first, second - timedelta(seconds=1), second, second + timedelta(days=9))
    said = [answer.at(instant) for instant in at]
    assert said == ["fail", "pass", "pass", "not_applicable", "not_applicable"]
