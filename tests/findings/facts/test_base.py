"""Listings of facts, looked up by key, and the places they come from."""

import pytest

from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Evidence,
    Facts,
    Gap,
    GapReason,
    Listing,
    NotCollected,
    Place,
)
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


def test_the_regions_of_an_account_are_told_whatever_was_found_there():
    names = ("us-gov-west-1", "us-gov-east-1", AWS_GLOBAL, AWS_ORGANIZATION)
    shards = {Place("1", name): {} for name in names} | {Place("2", "eu-west-1"): {}}
    facts = Facts(Evidence(shards), Place("1", AWS_GLOBAL), {})
    assert facts.regions == ["us-gov-east-1", "us-gov-west-1"]


def test_an_index_is_built_once_for_all_who_look_something_up_in_it():
    evidence = Evidence({Place("1", "eu-west-1"): {}, Place("2", "eu-west-1"): {}})
    here, there = (Facts(evidence, place, {}) for place in evidence.shards)
    built = here.index(("by name", "a"), lambda: ["of a"])
    assert there.index(("by name", "a"), list) is built
    assert there.index(("by name", "b"), list) == []
