"""Listings of facts, looked up by key."""

import pytest

from findings.facts.base import Gap, GapReason, Listing, NotCollected
from findings.facts.tagging import TaggedResource, tags_of

DENIED = Gap(kind="tagging.resource", reason=GapReason.ACCESS_DENIED)


def tagged(arn, **tags):
    return TaggedResource(arn=arn, tags=tags)


def test_a_fact_is_found_by_its_key():
    listing = Listing([tagged("a", Team="web"), tagged("b")])
    assert listing.get("a") == tagged("a", Team="web")
    assert listing.get("c") is None


def test_of_several_with_one_key_the_first_is_found():
    assert Listing([tagged("a", Team="web"), tagged("a")]).get("a") == tagged("a", Team="web")


def test_what_an_incomplete_listing_does_not_hold_is_not_known():
    listing = Listing([tagged("a")], [DENIED])
    assert listing.get("a") == tagged("a")
    with pytest.raises(NotCollected):
        listing.get("b")


def test_a_resource_that_is_not_listed_has_no_tags():
    assert tags_of(Listing([tagged("a", Team="web")]), "a") == {"Team": "web"}
    assert tags_of(Listing([]), "a") == {}
    with pytest.raises(NotCollected):
        tags_of(Listing([], [DENIED]), "a")
