"""Tags of the resources of one region, as the tagging API lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from findings.facts.base import Fact, Listing

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


class TaggedResource(Fact, kind="tagging.resource", identity=("arn",)):
    """A resource that has tags; resources without any are not listed."""

    arn: str
    tags: dict[str, str]


def tags_of(resources: Listing[TaggedResource], arn: str) -> Mapping[str, str]:
    """The tags of a resource; reading them raises NotCollected where the listing has a gap."""
    found = resources.get(arn)
    return found.tags if found is not None else _NO_TAGS
