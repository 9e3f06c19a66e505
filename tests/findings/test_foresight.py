import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.foresight import (
    Foresight,
    Judged,
    Opened,
    Span,
    Standing,
    foresight_rate,
    judge,
    spans_of,
)

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)


def day(number):
    return NOW + dt.timedelta(days=number)


EVER = (Span(day(-999)),)
EPISODE = Opened(span=Span(day(0), day(10)))


@pytest.mark.parametrize(
    ("at", "foresight", "days"),
    [
        (day(0) - TICK, Foresight.NOTHING_SEEN, None),
        (day(0), Foresight.FORESEEN_OPEN, 0),
        (day(7), Foresight.FORESEEN_OPEN, 7),
        (day(10) - TICK, Foresight.FORESEEN_OPEN, 9),
        (day(10), Foresight.NOTHING_SEEN, None),
    ],
)
def test_before_at_and_after_an_episode(at, foresight, days):
    found = judge(at, Standing(opened=[EPISODE], checked=EVER, collected=EVER))
    assert found.foresight is foresight
    assert (found.warning.days if found.warning is not None else None) == days


@pytest.mark.parametrize(
    ("field", "foresight"),
    [
        ("suppressed", Foresight.FORESEEN_SUPPRESSED),
        ("claimed", Foresight.CLAIMED_FIXED),
    ],
)
def test_suppressed_and_claimed_count_only_while_they_last(field, foresight):
    opened = Opened(span=Span(day(0)), **{field: [Span(day(3), day(5))]})
    standing = Standing(opened=[opened])
    expected = {
        day(3) - TICK: Foresight.FORESEEN_OPEN,
        day(3): foresight,
        day(5) - TICK: foresight,
        day(5): Foresight.FORESEEN_OPEN,
    }
    assert {at: judge(at, standing).foresight for at in expected} == expected


def test_before_at_and_after_a_gap_in_what_was_collected():
    standing = Standing(checked=EVER, collected=[Span(day(0), day(2)), Span(day(4))])
    expected = {
        day(0) - TICK: Foresight.BLIND_NOT_COLLECTED,
        day(0): Foresight.NOTHING_SEEN,
        day(2) - TICK: Foresight.NOTHING_SEEN,
        day(2): Foresight.BLIND_NOT_COLLECTED,
        day(4) - TICK: Foresight.BLIND_NOT_COLLECTED,
        day(4): Foresight.NOTHING_SEEN,
    }
    assert {at: judge(at, standing).foresight for at in expected} == expected


def test_without_a_check_nothing_that_was_collected_helps():
    standing = Standing(checked=[Span(day(5))], collected=EVER)
    assert judge(day(5) - TICK, standing) == Judged(Foresight.BLIND_NO_CHECK)
    assert judge(day(5), standing) == Judged(Foresight.NOTHING_SEEN)


def test_an_open_finding_is_a_warning_even_when_it_could_not_be_verified_any_more():
    assert judge(day(5), Standing(opened=[EPISODE])).foresight is Foresight.FORESEEN_OPEN


def test_of_several_findings_the_plainest_warning_counts_with_its_own_age():
    hidden = Opened(span=Span(day(-50)), suppressed=EVER)
    found = judge(day(4), Standing(opened=[hidden, EPISODE, Opened(span=Span(day(1)))]))
    assert found == Judged(Foresight.FORESEEN_OPEN, dt.timedelta(days=4))


instants = st.integers(min_value=0, max_value=20).map(day)


@st.composite
def spans(draw):
    start = draw(instants)
    return Span(start, draw(st.none() | instants.filter(lambda at: at >= start)))


opened = st.builds(
    Opened, span=spans(), claimed=st.lists(spans(), max_size=2),
    suppressed=st.lists(spans(), max_size=2),
)  # fmt: skip
standings = st.builds(
    Standing,
    opened=st.lists(opened, max_size=3),
    checked=st.lists(spans(), max_size=2),
    collected=st.lists(spans(), max_size=2),
)


@given(instants, standings)
def test_it_is_foreseen_exactly_when_something_was_open(at, standing):
    found = judge(at, standing)
    is_open = any(one.span.holds(at) for one in standing.opened)
    assert found.foresight.is_foreseen == is_open
    assert (found.warning is not None) == is_open
    assert not is_open or found.warning >= dt.timedelta()


@given(instants, standings)
def test_what_happened_later_changes_nothing(at, standing):
    def then(span):
        end = span.end if span.end is not None and span.end <= at else None
        return Span(span.start, end)

    def known(found):
        return [then(span) for span in found if span.start <= at]

    earlier = Standing(
        opened=[
            Opened(
                span=then(one.span), claimed=known(one.claimed), suppressed=known(one.suppressed)
            )
            for one in standing.opened
            if one.span.start <= at
        ],
        checked=known(standing.checked),
        collected=known(standing.collected),
    )
    assert judge(at, earlier) == judge(at, standing)


@given(st.lists(st.tuples(instants, st.booleans()), max_size=8).map(sorted), instants)
def test_spans_hold_what_was_last_seen(turns, at):
    last = {}
    for when, holds in turns:
        last[when] = holds
    seen = [holds for when, holds in sorted(last.items()) if when <= at]
    found = any(span.holds(at) for span in spans_of(sorted(last.items())))
    assert found == (seen[-1] if seen else False)


def test_a_rate_is_told_with_its_number():
    none = foresight_rate([])
    assert (none.number, none.percent) == (0, None)
    some = foresight_rate(list(Foresight))
    assert (some.foreseen, some.number, some.percent) == (3, 6, 50)
