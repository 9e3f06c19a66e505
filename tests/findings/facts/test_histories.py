"""What facts tell of a stretch of time is put together with what was kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.facts.base import Fact, Gap, GapReason, Record
from findings.facts.codec import CodecError, decode_pasts, encode_pasts
from findings.facts.histories import Happening, History, Past, extended, joined, past_of, shortened

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def day(number):
    return NOON + timedelta(days=number)


class Ring(Record):
    id: str
    rang_at: datetime | None
    status: str


class Bell(
    Fact,
    kind="test.bell",
    identity=("name",),
    volatile=("known_from", "rings"),
    kept=History("known_from", {"rings": Happening(at=lambda r: r.rang_at, same=lambda r: r.id)}),
):
    name: str
    colour: str
    known_from: datetime | None
    rings: tuple[Ring, ...]


BELL = Bell.kept
DENIED = Gap(kind="test.bell", reason=GapReason.ACCESS_DENIED)


def ring(number, status="loud", id=""):
    at = None if number is None else day(number)
    return Ring(id=id or f"r{number}", rang_at=at, status=status)


def bell(*numbers, since=0, rings=(), colour="red"):
    start = since if since is None or isinstance(since, Gap) else day(since)
    return Bell(name="a", colour=colour, known_from=start, rings=(*map(ring, numbers), *rings))


def past(*numbers, since=0, until=5, rings=()):
    return past_of(bell(*numbers, since=since, rings=rings), day(until))


def ids(fact_or_past):
    entries = fact_or_past.entries["rings"] if isinstance(fact_or_past, Past) else None
    return [r.id for r in (fact_or_past.rings if entries is None else entries)]


def test_a_fact_is_extended_by_what_was_before_it_tells():
    found = extended(bell(8, since=4), past(1, 3, 4), day(9))
    assert (ids(found), found.known_from, found.told_since) == (
        ["r1", "r3", "r4", "r8"],
        day(0),
        day(4),
    )
    assert (found.name, found.colour) == ("a", "red")


def test_what_is_only_remembered_is_known_to_be():
    found = extended(bell(4, 8, since=4), past(1, 4), day(9))
    assert [found.is_remembered("rings", one) for one in found.rings] == [True, False, False]
    assert not bell(1).is_remembered("rings", ring(1))


def test_a_fact_that_tells_as_much_stays_as_it_is():
    fact = bell(1, 3, since=0)
    assert extended(fact, past(1, 3), day(9)) is fact
    assert fact.told_since is None
    assert extended(fact, past(3, since=2), day(9)) is fact


def test_what_aws_has_lost_inside_its_own_time_is_still_known():
    found = extended(bell(since=0), past(1), day(9))
    assert (ids(found), found.known_from, found.told_since) == (["r1"], day(0), None)


def test_of_what_both_tell_the_newer_holds():
    found = extended(
        bell(since=1, rings=[ring(4, "still", "x")]), past(rings=[ring(2, id="x")]), day(9)
    )
    assert [(r.status, r.rang_at) for r in found.rings] == [("still", day(4))]


def test_across_a_hole_nothing_is_added():
    fact = bell(8, since=6)
    assert extended(fact, past(1, until=5), day(9)) is fact
    assert ids(extended(bell(8, since=5), past(1, until=5), day(9))) == ["r1", "r8"]


def test_a_late_fact_is_not_told_of_what_came_after_it():
    found = extended(bell(3, since=2), past(1, 3, 6, since=0, until=7), day(4))
    assert ids(found) == ["r1", "r3"]
    fact = bell(3, since=2)
    assert extended(fact, past(6, since=5, until=7), day(4)) is fact


def test_from_ever_reaches_further_than_any_instant():
    found = extended(bell(8, since=4), past(1, since=None), day(9))
    assert (ids(found), found.known_from, found.told_since) == (["r1", "r8"], None, day(4))
    assert extended(bell(8, since=None), past(until=5), day(9)).known_from is None


@pytest.mark.parametrize("name", ["known_from", "rings"])
def test_what_is_not_known_is_neither_kept_nor_extended(name):
    given = {"name": "a", "colour": "red", "known_from": day(4), "rings": ()} | {name: DENIED}
    fact = Bell(**given)
    assert past_of(fact, day(9)) is None
    assert extended(fact, past(1), day(9)) is fact


def test_a_gap_elsewhere_in_the_fact_stays():
    found = extended(bell(8, since=4, colour=DENIED), past(1), day(9))
    assert found.gaps == {"colour": DENIED}
    assert ids(found) == ["r1", "r8"]


def test_two_pasts_are_one_whichever_is_known_first():
    one, other = past(1, 3, until=5), past(4, 8, since=4, until=9)
    both = joined(BELL, one, other)
    assert both == joined(BELL, other, one) == joined(BELL, both, other) == joined(BELL, one, both)
    assert (ids(both), both.since, both.until) == (["r1", "r3", "r4", "r8"], day(0), day(9))


def test_across_a_hole_only_the_later_past_counts():
    one, other = past(1, until=5), past(8, since=6, until=9)
    assert joined(BELL, one, other) == joined(BELL, other, one) == other


def test_a_past_is_shortened():
    cut = shortened(BELL, past(1, 3, rings=[ring(None)]), day(2))
    assert (ids(cut), cut.since) == (["rNone", "r3"], day(2))
    assert shortened(BELL, past(3, since=1), day(0)) == past(3, since=1)
    assert shortened(BELL, past(3, since=None), day(2)).since is None
    assert shortened(BELL, past(1, 3, since=None), day(2)).since == day(2)


def test_pasts_come_back_as_they_were():
    kept = {"a": past(1, 3), "b": past(since=None)}
    assert decode_pasts(Bell, encode_pasts(Bell, kept)) == kept


@pytest.mark.parametrize(
    "content",
    [
        b'{"kind": "test.gong", "version": 1, "pasts": {}}',
        b'{"kind": "test.bell", "version": 2, "pasts": {}}',
        b'{"kind": "test.bell", "version": 1, "pasts": {"a": {"since": null,'
        b' "until": "2026-06-15T12:00:00Z", "entries": {"rings": [{"id": 1}]}}}}',
    ],
)
def test_a_past_of_another_form_is_refused(content):
    with pytest.raises(CodecError):
        decode_pasts(Bell, content)


SCANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 8), st.sets(st.integers(0, 20))),
    min_size=1,
    max_size=6,
    unique_by=lambda scan: scan[0],
)


@given(SCANS, st.data())
def test_scans_without_a_hole_are_one_past_in_any_order(scans, data):
    """All see one truth, each from some days back until its own."""
    happened = set().union(*(happenings for _, _, happenings in scans))
    pasts = [
        past(*sorted(n for n in happened if 0 <= n <= at), since=0, until=at)
        if reach > at
        else past(*sorted(n for n in happened if at - reach <= n <= at), since=at - reach, until=at)
        for at, reach, _ in scans
    ]
    pasts.append(past(*sorted(n for n in happened if n <= 20), since=-1, until=21))
    told = None
    for one in data.draw(st.permutations(pasts)):
        told = one if told is None else joined(BELL, told, one)
    assert told == pasts[-1]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"volatile": ("rings",)}, "moves"),
        ({"volatile": ("known_from", "rings"), "kept": History("from", {})}, "does not have"),
    ],
)
def test_a_bad_declaration_is_refused(fields, problem):
    given = {"kind": "test.bad_bell", "identity": ("name",), "kept": BELL} | fields
    with pytest.raises(TypeError, match=problem):
        type(
            "BadBell",
            (Fact,),
            {
                "__annotations__": {"name": str, "known_from": datetime, "rings": tuple},
                "__module__": __name__,
            },
            **given,
        )
