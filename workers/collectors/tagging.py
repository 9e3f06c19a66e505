"""Collector of tags: one listing per region for all services."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.tagging import TaggedResource
from workers.collectors.base import Collector, Response, Session, tags_of

PAGE = 100


@Collector(fact=TaggedResource, operations=("resourcegroupstaggingapi:GetResources",))
def tagged_resources(session: Session) -> Iterator[TaggedResource]:
    for raw in session.items(
        "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", ResourcesPerPage=PAGE
    ):
        # Resources that were tagged once are listed for ever.
        if raw.get("Tags"):
            yield parse_tagged_resource(raw)


def parse_tagged_resource(raw: Response) -> TaggedResource:
    return TaggedResource(arn=raw["ResourceARN"], tags=tags_of(raw["Tags"]))
