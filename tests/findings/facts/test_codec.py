from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.facts.base import Fact, Gap, GapReason, NotCollected, Record
from findings.facts.codec import CodecError, decode_blob, encode_blob, encode_observation

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DENIED = Gap(kind="test.door", reason=GapReason.ACCESS_DENIED, operation="doors:Get", code="No")


class Hinge(Record):
    name: str
    oiled_at: datetime


class Door(Fact, kind="test.door", identity=("name",), volatile=("opened_at",), version=2,
           since={"colour": 2}):  # fmt: skip
    name: str
    is_locked: bool | None
    hinges: tuple[Hinge, ...]
    tags: dict[str, str]
    colour: str | None
    opened_at: datetime | None


def door(**fields):
    given = {
        "name": "front",
        "is_locked": True,
        "hinges": (Hinge(name="top", oiled_at=NOON),),
        "tags": {"b": "2", "a": "1"},
        "colour": "red",
        "opened_at": NOON,
    }
    return Door(**(given | fields))


def stored(item):
    blob, observation = encode_blob(Door, [item]), encode_observation(Door, [item])
    (again,) = decode_blob(Door, blob, observation)
    return again


def test_a_fact_comes_back_as_it_was():
    assert stored(door()) == door()


def test_a_gap_comes_back_as_a_gap():
    with pytest.raises(NotCollected, match="doors:Get"):
        _ = stored(door(is_locked=DENIED)).is_locked


def test_none_comes_back_as_none_and_not_as_a_gap():
    assert stored(door(is_locked=None)).is_locked is None


def test_volatile_fields_are_not_in_the_blob():
    later = NOON + timedelta(hours=1)
    assert encode_blob(Door, [door()]) == encode_blob(Door, [door(opened_at=later)])


def test_a_volatile_field_without_its_observation_is_no_longer_kept():
    (again,) = decode_blob(Door, encode_blob(Door, [door()]), None)
    with pytest.raises(NotCollected, match="no longer kept"):
        _ = again.opened_at


def test_a_field_that_an_old_version_did_not_know_is_not_collected():
    old = b'{"facts":[{"name":"front"}],"kind":"test.door","version":1}'
    (again,) = decode_blob(Door, old, {"front": {}})
    assert again.is_locked is None
    with pytest.raises(NotCollected, match="not in schema"):
        _ = again.colour


@pytest.mark.parametrize(
    "blob",
    [
        b'{"facts":[],"kind":"test.window","version":1}',
        b'{"facts":[],"kind":"test.door","version":3}',
    ],
)
def test_a_blob_of_another_kind_or_a_newer_version_is_refused(blob):
    with pytest.raises(CodecError):
        decode_blob(Door, blob)


@given(st.permutations(["a", "b", "c"]), st.permutations(["x", "y"]))
def test_the_order_of_facts_and_tags_does_not_change_the_blob(names, keys):
    doors = [door(name=name, tags=dict.fromkeys(keys, "1")) for name in names]
    assert encode_blob(Door, doors) == encode_blob(
        Door, [door(name=name, tags={"x": "1", "y": "1"}) for name in "abc"]
    )


@given(st.integers(min_value=-12, max_value=14))
def test_the_same_instant_in_any_time_zone_is_the_same_evidence(hours):
    there = NOON.astimezone(timezone(timedelta(hours=hours)))
    elsewhere = door(hinges=(Hinge(name="top", oiled_at=there),))
    assert encode_blob(Door, [elsewhere]) == encode_blob(Door, [door()])


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        door(opened_at=datetime(2026, 6, 15))
