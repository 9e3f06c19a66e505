"""Collector of connections to source providers."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.codeconnections import Connection
from workers.collectors.base import Collector, Response, Session


@Collector(fact=Connection, operations=("codeconnections:ListConnections",))
def connections(session: Session) -> Iterator[Connection]:
    listed = session.items("codeconnections", "list_connections", "Connections")
    yield from map(parse_connection, listed)


def parse_connection(raw: Response) -> Connection:
    return Connection(
        arn=raw["ConnectionArn"],
        name=raw.get("ConnectionName", ""),
        provider=raw.get("ProviderType"),
        status=raw.get("ConnectionStatus"),
    )
