"""What hangs on a connection, for who would delete it."""

from __future__ import annotations

from dataclasses import dataclass

from findings.models import Connection, OutboxMessage, Route, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionUses:
    """Numbers of rows; tickets and routes keep the connection, all else would go with it."""

    routes: tuple[str, ...]
    """Their names, in their order."""
    live_tickets: int
    closed_tickets: int
    messages: int
    """In the outbox: what is still to be sent."""
    deliveries: int
    trials: int

    @property
    def tickets(self) -> int:
        return self.live_tickets + self.closed_tickets

    @property
    def keep_it(self) -> bool:
        return bool(self.routes or self.tickets)


def connection_uses(connection: Connection) -> ConnectionUses:
    """Of the whole connection: for who administers its organization."""
    tickets = Ticket.objects.filter(connection=connection)
    routes = Route.objects.filter(connection=connection).order_by("position", "id")
    return ConnectionUses(
        routes=tuple(routes.values_list("name", flat=True)),
        live_tickets=tickets.live().count(),
        closed_tickets=tickets.exclude(closed_at=None).count(),
        messages=OutboxMessage.objects.filter(ticket__connection=connection).count(),
        deliveries=connection.deliveries.count(),
        trials=connection.trials.count(),
    )
