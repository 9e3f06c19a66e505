"""Collector of connections to source providers."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.codeconnections import Connection
from workers.collectors.base import Collector, Response, Session


@Collector(fact=Connection, operations=("codeconnections:ListConnections",))
def connections(session: Session) -> Iterator[Connection]:
    client = session.client("codeconnections")
    asked: dict[str, str] = {}
    while True:  # botocore has no paginator for it
        page = client.list_connections(**asked)
        yield from map(parse_connection, page.get("Connections") or ())
        if not page.get("NextToken"):
            return
        asked = {"NextToken": page["NextToken"]}


def parse_connection(raw: Response) -> Connection:
    return Connection(
        arn=raw["ConnectionArn"],
        name=raw.get("ConnectionName", ""),
        provider=raw.get("ProviderType"),
        status=raw.get("ConnectionStatus"),
    )
