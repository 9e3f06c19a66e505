import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from findings.facts.base import Gap, GapReason, Place
from findings.packing import (
    Entry,
    pack,
    scan_digest,
    unpack_calls,
    unpack_facts,
    unpack_manifest,
    unpack_observation,
)
from tests.findings.services.lab import NOW, box, denied

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=5)


def packed(*boxes, **more):
    return pack(["lab.box"], {"lab.box": boxes} | more)


@given(NAMES, st.randoms())
def test_the_order_of_a_listing_does_not_matter(names, random):
    boxes = [box(name) for name in names]
    shuffled = random.sample(boxes, len(boxes))
    assert packed(*boxes).manifest_sha256 == packed(*shuffled).manifest_sha256
    assert packed(*boxes).facts == packed(*shuffled).facts


@given(NAMES)
def test_facts_come_back_as_they_were(names):
    found = packed(*map(box, names))
    (body,) = found.blobs.values()
    observations = unpack_observation(found.observation) if names else {}
    assert unpack_facts("lab.box", body, observations) == found.facts["lab.box"]


def test_volatile_fields_do_not_change_the_manifest():
    later = box(looked_at=NOW + dt.timedelta(hours=1))
    assert packed(box()).manifest_sha256 == packed(later).manifest_sha256
    assert packed(box()).observation != packed(later).observation


def test_without_an_observation_volatile_fields_are_no_longer_kept():
    (body,) = packed(box()).blobs.values()
    (fact,) = unpack_facts("lab.box", body)
    assert fact.gaps["looked_at"].reason is GapReason.NO_LONGER_KEPT


def test_a_denied_listing_is_a_gap_in_the_manifest_and_has_no_blob():
    found = pack(["lab.box"], {"lab.box": denied()})
    assert unpack_manifest(found.manifest) == {"lab.box": Entry(gap=denied())}
    assert (found.blobs, found.is_empty_handed) == ({}, True)


def test_a_denied_field_is_a_gap_beside_the_blob():
    found = packed(box("a", is_sealed=denied()), box("b", is_sealed=denied()))
    assert found.entries["lab.box"].all_gaps == (denied(),)
    assert (found.gap_counts, found.is_empty_handed) == ({"access_denied": 1}, False)


def test_a_kind_that_was_not_returned_is_not_supplied():
    missing = Gap(kind="lab.shelf", reason=GapReason.NOT_SUPPLIED)
    assert pack(["lab.shelf"], {}).facts == {"lab.shelf": missing}


def test_a_place_where_nothing_is_asked_for_is_not_empty_handed():
    assert not pack([], {}).is_empty_handed


def test_calls_keep_operation_and_time():
    calls = [{"operation": "lab:ListBoxes", "at": NOW}]
    found = pack([], {}, calls)
    assert unpack_calls(found.calls)[0]["operation"] == "lab:ListBoxes"
    assert found.api_calls == 1


def test_the_digest_of_a_scan_depends_on_place_and_content_but_not_on_order():
    one, other = (Place("1", "a"), "x"), (Place("1", "b"), "y")
    assert scan_digest([one, other]) == scan_digest([other, one])
    swapped = [(one[0], other[1]), (other[0], one[1])]
    assert scan_digest(swapped) != scan_digest([one, other])


def test_a_field_that_nobody_asked_for_is_no_gap_of_the_shard():
    unasked = Gap(kind="lab.box", reason=GapReason.NOT_SUPPLIED, operation="lab:Open")
    found = packed(box(is_sealed=unasked))
    assert found.gap_counts == {}
    assert found.facts["lab.box"][0].gaps == {"is_sealed": unasked}
