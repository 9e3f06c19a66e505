"""Collector of the public extensions that are activated in a region."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.cloudformation_extensions import Extension
from workers.collectors.base import Collector, Response, Session, is_without, told
from workers.collectors.cloudformation import standing_summaries

LIST_TYPES = "cloudformation:ListTypes"
TYPES = ("RESOURCE", "MODULE", "HOOK")
"""AWS lists one type of extension at a time."""


@Collector(fact=Extension, operations=(LIST_TYPES,), gates=("cloudformation:ListStacks",))
def extensions(session: Session) -> Iterator[Extension]:
    """Stacks use them; where none stands they are not asked for."""
    if is_without(session, standing_summaries):
        return
    for type_ in TYPES:
        for raw in listed_types(session, type_):
            if is_activated(raw):
                yield parse_extension(raw, type_)


def listed_types(session: Session, type_: str) -> Iterator[Response]:
    """PRIVATE is what can be used in the account: its own extensions and activated public ones."""
    listing = {"Type": type_, "Visibility": "PRIVATE"}
    return session.items("cloudformation", "list_types", "TypeSummaries", **listing)


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
