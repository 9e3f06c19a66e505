"""How deliveries are known over several scans."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.delivery_history import Measure, Source, SourceKind, Span, figures, joined
from findings.dora import Change, Window

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def day(number):
    return NOON - number * DAY


def span(since, until):
    return Span(day(since), day(until))


@pytest.mark.parametrize(
    ("kept", "seen", "known"),
    [
        (None, (90, 0), (90, 0)),
        ((120, 30), (90, 0), (120, 0)),
        ((120, 90), (90, 0), (120, 0)),
        ((120, 91), (90, 0), (90, 0)),
        ((120, 0), (90, 0), (120, 0)),
        ((90, 0), (120, 30), (120, 0)),
        ((60, 0), (120, 90), (60, 0)),
    ],
)
def test_what_is_known_reaches_back_as_far_as_there_is_no_hole(kept, seen, known):
    assert joined(span(*kept) if kept else None, span(*seen)) == span(*known)


SPANS = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(
    lambda ends: span(max(ends), min(ends))
)


@given(SPANS, SPANS)
def test_nothing_is_known_that_neither_knew(kept, seen):
    found = joined(kept, seen)
    assert found == joined(seen, kept)
    assert found.until == max(kept.until, seen.until)
    for number in range(401):
        if found.since <= day(number) <= found.until and found not in (kept, seen):
            assert any(one.since <= day(number) <= one.until for one in (kept, seen))


def test_a_span_is_kept_as_text():
    assert Span.parse(span(9, 1).to_json()) == span(9, 1)


def change(ago, *, id=None, succeeded=True, hours=2, committed=None):
    ended = day(ago)
    return Change(
        id=id or f"e-{ago}",
        began_at=ended - dt.timedelta(hours=hours),
        ended_at=ended,
        succeeded=succeeded,
        committed_at=None if committed is None else ended - dt.timedelta(hours=committed),
    )


def source(*changes, kind=SourceKind.PIPELINE, rolling_back=()):
    return Source(
        kind=kind, span=span(90, 0), changes=changes, rolling_back=frozenset(rolling_back)
    )


def told(*sources, days=28):
    window = Window(since=day(days), until=NOON)
    return {measure: (f.value, f.n) for measure, f in figures(sources, window).items()}


def test_the_figures_are_taken_over_all_sources_together():
    shop = source(change(3, committed=10), change(2, succeeded=False), change(1, committed=20))
    site = source(change(4, committed=30), change(40, committed=900))
    direct = source(change(5, hours=0), kind=SourceKind.CODEDEPLOY)
    assert told(shop, site, direct) == {
        Measure.DEPLOYMENT_FREQUENCY: (1.0, 4),
        Measure.LEAD_TIME: (20.0, 3),
        Measure.CHANGE_FAILURE_RATE: (25.0, 4),
        Measure.TIME_TO_RESTORE: (24.0, 1),
    }


def test_a_rollback_takes_back_a_change_of_its_own_pipeline_and_restores_it():
    bad, back = change(3, id="bad", succeeded=False), change(2, id="back")
    other = source(change(2.5, id="other"))
    found = told(source(change(4), bad, back, rolling_back=["back"]), other)
    assert found[Measure.CHANGE_FAILURE_RATE] == (100 / 3, 3)
    assert found[Measure.DEPLOYMENT_FREQUENCY] == (0.5, 2)
    assert found[Measure.TIME_TO_RESTORE] == (24.0, 1)


def test_a_failure_before_the_window_counts_where_it_was_restored():
    assert told(source(change(30, succeeded=False), change(27)))[Measure.TIME_TO_RESTORE] == (72, 1)


def test_without_sources_nothing_has_a_value_but_the_count():
    assert told() == {
        Measure.DEPLOYMENT_FREQUENCY: (0.0, 0),
        Measure.LEAD_TIME: (None, 0),
        Measure.CHANGE_FAILURE_RATE: (None, 0),
        Measure.TIME_TO_RESTORE: (None, 0),
    }
