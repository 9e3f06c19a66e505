"""What one look at a thing does to its finding, whatever came before."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.checks.outcomes import Part, Status
from findings.lifecycle import GONE, Decision, Held, Move, Outcome, decide

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
UNKNOWN = (
    Outcome(status=Status.UNKNOWN, facts_at=NOW),
    Outcome(status=None, facts_at=NOW, is_listing_complete=False),
)


def seen(status, **more):
    return Outcome(**({"status": status, "facts_at": NOW, "severity": "high"} | more))


def held(is_open=True, evidence_status="fail", **more):
    given = {
        "is_open": is_open,
        "evidence_status": evidence_status,
        "facts_at": NOW,
        "severity": "high",
    }
    return Held(**(given | more))


OUTCOMES = st.builds(
    seen,
    st.none() | st.sampled_from(Status),
    is_listing_complete=st.booleans(),
    is_doubted=st.booleans(),
    message=st.sampled_from(["", "x"]),
)
HELD = st.builds(
    held,
    is_unverified=st.booleans(),
) | st.builds(
    held,
    is_open=st.just(False),
    evidence_status=st.sampled_from(["pass", "not_applicable", GONE]),
    close_cause=st.sampled_from(["verified", "resource_gone", "account_left", "out_of_scope"]),
)


@pytest.mark.parametrize(
    ("outcome", "decision"),
    [
        (seen(Status.FAIL), Decision(Move.NOTHING)),
        (seen(Status.FAIL, message="other"), Decision(Move.CHANGE)),
        (seen(Status.FAIL, parts=(Part("a", Status.FAIL),)), Decision(Move.CHANGE)),
        (seen(Status.FAIL, severity="low"), Decision(Move.CHANGE)),
        (seen(Status.FAIL, version=2), Decision(Move.CHANGE)),
        (seen(Status.FAIL, parts=(Part("a", Status.UNKNOWN),)), Decision(Move.REFRESH)),
        (seen(Status.FAIL, message="1 %", is_moving=True), Decision(Move.REFRESH)),
        (seen(Status.FAIL, version=2, is_moving=True), Decision(Move.CHANGE)),
        (seen(Status.PASS), Decision(Move.CLOSE, "verified")),
        (seen(Status.PASS, rule_change="out_of_scope"), Decision(Move.CLOSE, "out_of_scope")),
        (seen(Status.FAIL, rule_change="out_of_scope"), Decision(Move.NOTHING)),
        (seen(None, rule_change="check_changed"), Decision(Move.CLOSE, "resource_gone")),
        (seen(Status.NOT_APPLICABLE), Decision(Move.CLOSE, "out_of_scope")),
        (seen(None), Decision(Move.CLOSE, "resource_gone")),
        (seen(None, is_listing_complete=False), Decision(Move.DOUBT)),
        (seen(Status.UNKNOWN), Decision(Move.DOUBT)),
    ],
)
def test_an_open_finding(outcome, decision):
    assert decide(held(), outcome) == decision


@pytest.mark.parametrize(
    ("before", "decision"),
    [
        (held(False, "pass", close_cause="verified"), Decision(Move.OPEN, "regressed")),
        (held(False, "not_applicable", close_cause="out_of_scope"), Decision(Move.RETURN)),
        (held(False, "not_applicable", close_cause="check_changed"), Decision(Move.RETURN)),
        (held(False, "pass", close_cause="out_of_scope"), Decision(Move.OPEN, "regressed")),
        (
            held(False, "pass", close_cause="out_of_scope", passed_by_rule=True),
            Decision(Move.RETURN),
        ),
        (
            held(False, "pass", close_cause="check_changed", passed_by_rule=True),
            Decision(Move.RETURN),
        ),
        (
            held(False, "not_applicable", close_cause="account_left"),
            Decision(Move.OPEN, "scope_changed"),
        ),
        (held(False, GONE, close_cause="resource_gone"), Decision(Move.OPEN, "new_resource")),
        (None, Decision(Move.OPEN)),
    ],
)
def test_a_failure_where_no_finding_is_open(before, decision):
    assert decide(before, seen(Status.FAIL)) == decision


@given(st.none() | HELD, st.sampled_from(UNKNOWN))
def test_unknown_never_opens_or_closes(before, outcome):
    assert decide(before, outcome).move in (Move.NOTHING, Move.DOUBT)


@given(HELD, OUTCOMES)
def test_older_facts_change_nothing(before, outcome):
    newer = Held(
        is_open=before.is_open,
        evidence_status=before.evidence_status,
        facts_at=outcome.facts_at + HOUR,
        close_cause=before.close_cause,
    )
    assert decide(newer, outcome).move is Move.NOTHING


@given(st.none() | HELD, OUTCOMES)
def test_only_a_failure_opens_and_only_an_open_finding_closes(before, outcome):
    move = decide(before, outcome).move
    if move in (Move.OPEN, Move.RETURN):
        assert outcome.status is Status.FAIL
        assert before is None or not before.is_open
    if move is Move.CLOSE:
        assert before is not None
        assert before.is_open


def test_a_doubt_is_noted_once_and_lifted_by_the_next_clear_look():
    doubtful = held(is_unverified=True)
    assert decide(doubtful, seen(Status.UNKNOWN)).move is Move.NOTHING
    assert decide(doubtful, seen(Status.FAIL)).move is Move.CONFIRM
    assert decide(doubtful, seen(Status.FAIL, is_doubted=True)).move is Move.NOTHING
    assert decide(held(), seen(Status.FAIL, is_doubted=True)).move is Move.DOUBT


def parts(**statuses):
    return tuple(Part(name, Status(status)) for name, status in statuses.items())


def told(**statuses):
    return tuple({"name": n, "status": s, "message": ""} for n, s in statuses.items())


@pytest.mark.parametrize(
    ("before", "now", "move"),
    [
        ({"a": "fail", "b": "pass"}, {"a": "fail", "b": "pass"}, Move.NOTHING),
        ({"a": "fail", "b": "pass"}, {"a": "fail", "b": "fail"}, Move.CHANGE),
        ({"a": "fail", "b": "pass"}, {"a": "fail"}, Move.CHANGE),
        ({"a": "fail"}, {"a": "fail", "b": "pass"}, Move.CHANGE),
        ({"a": "fail", "b": "pass"}, {"a": "fail", "b": "unknown"}, Move.REFRESH),
        ({"a": "fail", "b": "unknown"}, {"a": "fail", "b": "pass"}, Move.REFRESH),
        ({"a": "fail"}, {"a": "fail", "b": "unknown"}, Move.REFRESH),
        ({"a": "fail", "b": "unknown"}, {"a": "pass", "b": "fail"}, Move.CHANGE),
    ],
)
def test_parts_of_a_failure_are_news_where_they_are_known(before, now, move):
    assert decide(held(parts=told(**before)), seen(Status.FAIL, parts=parts(**now))).move is move


def test_words_around_an_unknown_part_are_no_news():
    failure = seen(Status.FAIL, message="not met: a", parts=parts(a="fail", b="unknown"))
    assert decide(held(parts=told(a="fail", b="fail")), failure).move is Move.REFRESH
