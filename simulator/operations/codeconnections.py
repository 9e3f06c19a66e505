"""AWS CodeConnections: the connections of a region."""

from typing import Any

from simulator.operations.base import Call, operation


@operation("codeconnections", "ListConnections")
def list_connections(call: Call) -> dict[str, Any]:
    return call.page(call.place.all("codeconnections.connections"), "Connections", size=1)
