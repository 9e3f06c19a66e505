"""Collector of the public extensions that are activated in a region."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.cloudformation_extensions import Extension
from workers.collectors.base import Collector, Response, Session, told

LIST_TYPES = "cloudformation:ListTypes"
TYPES = ("RESOURCE", "MODULE", "HOOK")
"""AWS lists one type of extension at a time."""


@Collector(fact=Extension, operations=(LIST_TYPES,))
def extensions(session: Session) -> Iterator[Extension]:
    """PRIVATE is what can be used in the account: its own extensions and activated public ones."""
    for type_ in TYPES:
        listing = {"Type": type_, "Visibility": "PRIVATE"}
        for raw in session.items("cloudformation", "list_types", "TypeSummaries", **listing):
            if is_activated(raw):
                yield parse_extension(raw, type_)


def is_activated(raw: Response) -> bool:
    """Only of public extensions AWS tells a public version, and under which name they came."""
    is_public = bool(raw.get("PublicVersionNumber") or raw.get("OriginalTypeName"))
    return bool(raw.get("IsActivated", is_public))


def parse_extension(raw: Response, type_: str) -> Extension:
    return Extension(
        type=type_,
        name=raw["TypeName"],
        publisher=raw.get("PublisherName") or raw.get("PublisherId"),
        used_version=told(raw, "PublicVersionNumber", Extension, LIST_TYPES),
        latest_version=told(raw, "LatestPublicVersion", Extension, LIST_TYPES),
    )
