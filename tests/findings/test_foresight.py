import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.foresight import (
    Foresight,
    Judged,
    Opened,
    Sight,
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
BLIND = Sight.NOT_COLLECTED
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
    found = judge(at, Standing(opened=[EPISODE]))
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


@pytest.mark.parametrize(
    ("sight", "foresight"),
    [
        (Sight.NO_CHECK, Foresight.BLIND_NO_CHECK),
        (Sight.NOT_COLLECTED, Foresight.BLIND_NOT_COLLECTED),
        (Sight.LOOKED, Foresight.NOTHING_SEEN),
        (Sight.CANNOT_TELL, Foresight.UNKNOWN),
    ],
)
def test_where_nothing_was_open_it_is_what_the_check_could_see(sight, foresight):
    assert judge(day(5), Standing(sight=sight)) == Judged(foresight)
    ended = Standing(opened=[EPISODE], sight=sight)
    assert judge(day(10), ended) == Judged(foresight)


def test_while_it_was_out_of_scope_an_episode_warned_of_nothing():
    opened = Opened(span=Span(day(0)), away=[Span(day(2), day(4))])
    expected = {
        day(2) - TICK: Foresight.FORESEEN_OPEN,
        day(2): Foresight.BLIND_NOT_COLLECTED,
        day(4) - TICK: Foresight.BLIND_NOT_COLLECTED,
        day(4): Foresight.FORESEEN_OPEN,
    }
    standing = Standing(opened=[opened], sight=BLIND)
    assert {at: judge(at, standing).foresight for at in expected} == expected
    assert judge(day(4), standing).warning == dt.timedelta(days=4)


def test_an_open_finding_is_a_warning_even_when_it_could_not_be_verified_any_more():
    assert (
        judge(day(5), Standing(opened=[EPISODE], sight=BLIND)).foresight is Foresight.FORESEEN_OPEN
    )


def test_of_several_findings_the_plainest_warning_counts_with_its_own_age():
    hidden = Opened(span=Span(day(-50)), suppressed=EVER)
    found = judge(day(4), Standing(opened=[hidden, EPISODE, Opened(span=Span(day(1)))]))
    assert found == Judged(Foresight.FORESEEN_OPEN, dt.timedelta(days=4))


instants = st.integers(min_value=0, max_value=20).map(day)


@st.composite
def spans(draw):
    start = draw(instants)
    return Span(start, draw(st.none() | instants.filter(lambda at: at >= start)))


some = st.lists(spans(), max_size=2)
opened = st.builds(Opened, span=spans(), away=some, claimed=some, suppressed=some)
standings = st.builds(
    Standing, opened=st.lists(opened, max_size=3), sight=st.sampled_from(list(Sight))
)


def by_hand(at, standing):
    """The same, told day by day: which days each span has, and what is on the day asked for."""

    def on(span):
        end = span.end if span.end is not None else day(99)
        return any(day(n) == at for n in range(99) if span.start <= day(n) < end)

    there = [o for o in standing.opened if on(o.span) and not any(map(on, o.away))]
    covered = [o for o in there if any(map(on, o.suppressed))]
    claimed = [o for o in there if o not in covered and any(map(on, o.claimed))]
    plain = [o for o in there if o not in covered and o not in claimed]
    for name, found in (
        ("foreseen_open", plain), ("foreseen_suppressed", covered), ("claimed_fixed", claimed),
    ):  # fmt: skip
        if found:
            return name, max(at - o.span.start for o in found)
    seen = {"no_check": "blind_no_check", "not_collected": "blind_not_collected",
            "looked": "nothing_seen", "cannot_tell": "unknown"}  # fmt: skip
    return seen[standing.sight.value], None


@given(instants, standings)
def test_it_is_what_a_person_finds_who_counts_the_days(at, standing):
    found = judge(at, standing)
    assert (found.foresight.value, found.warning) == by_hand(at, standing)


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
                span=then(one.span),
                **{name: known(getattr(one, name)) for name in ("away", "claimed", "suppressed")},
            )
            for one in standing.opened
            if one.span.start <= at
        ],
        sight=standing.sight,
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
    assert (some.foreseen, some.number, some.percent, some.unknown) == (3, 6, 50, 1)
    assert foresight_rate([Foresight.UNKNOWN]).percent is None
