"""Collectors of the Observability Access Manager: links of an account, and sinks with theirs."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.base import Gap
from findings.facts.oam import AttachedLink, Link, Sink
from workers.collectors.base import Collector, Response, Session, pick, told


@Collector(fact=Link, operations=("oam:ListLinks",))
def links(session: Session) -> Iterator[Link]:
    for raw in session.items("oam", "list_links", "Items"):
        yield Link(sink=raw["SinkArn"], resource_types=_types(raw))


@Collector(fact=Sink, operations=("oam:ListSinks", "oam:ListAttachedLinks"))
def sinks(session: Session) -> Iterator[Sink]:
    client = session.client("oam")
    for raw in session.items("oam", "list_sinks", "Items"):
        pages = client.get_paginator("list_attached_links").paginate(SinkIdentifier=raw["Arn"])
        try:
            yield parse_sink(raw, session.detail(pages.build_full_result))
        except client.exceptions.ResourceNotFoundException:
            continue  # it was deleted after it was listed


def parse_sink(raw: Response, attached: Response | Gap) -> Sink:
    found = pick(attached, "Items", default=())
    if not isinstance(found, Gap):
        given = [_attached(one) for one in found if one.get("LinkArn", "").count(":") >= 5]
        found = tuple(sorted(given, key=lambda link: link.account))
    return Sink(name=raw["Name"], arn=told(raw, "Arn", Sink, "oam:ListSinks"), links=found)


def _attached(raw: Response) -> AttachedLink:
    """The account is that in ``arn:aws:oam:region:account:link/id``."""
    return AttachedLink(account=raw["LinkArn"].split(":")[4], resource_types=_types(raw))


def _types(raw: Response) -> tuple[str, ...]:
    return tuple(sorted(raw.get("ResourceTypes") or ()))
