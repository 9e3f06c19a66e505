"""The world's steering wheel: /_simulator/{health,calls,faults,day,now,epoch}, JSON in and out."""

import json
from datetime import datetime
from typing import Any

from simulator.faults import BadFault
from simulator.gateway import Gateway
from simulator.organization import MANAGEMENT_ID
from simulator.protocol import HttpReply, HttpRequest

PREFIX = "/_simulator/"


def reply(gateway: Gateway, request: HttpRequest) -> HttpReply:
    """GET health, calls; POST faults {"faults": [spec]}, day {"day": n}, now {"now": ISO 8601}
    and epoch {"epoch": ISO 8601}.
    """
    name = request.path.removeprefix(PREFIX)
    try:
        if request.method == "GET" and name == "health":
            return _json(200, health(gateway))
        if request.method == "GET" and name == "calls":
            return _json(200, gateway.tally.snapshot())
        if request.method == "POST" and name in ("faults", "day", "now", "epoch"):
            _steer(gateway, name, json.loads(request.body or b"{}"))
            return _json(200, health(gateway))
    except (BadFault, KeyError, TypeError, ValueError) as error:
        return _json(400, {"error": f"{name}: {error}"})
    return _json(404, {"error": f"there is no {request.method} {request.path}"})


def health(gateway: Gateway) -> dict[str, Any]:
    """What a client needs to begin: the management account, its keys, role and external id."""
    world = gateway.world
    return {
        "status": "ok",
        "day": world.day,
        "seed": world.seed,
        "epoch": world.epoch.isoformat(),
        "accounts": len(world.accounts),
        "regions": list(world.regions),
        "faults": [fault.spec for fault in world.faults.faults],
        "organization": world.organization.id,
        "management_account": MANAGEMENT_ID,
        "role_name": world.role_name,
        "external_id": world.external_id,
        "access_key_id": world.credentials.access_key_id,
        "secret_access_key": world.credentials.secret_access_key,
    }


def _steer(gateway: Gateway, name: str, wanted: dict[str, Any]) -> None:
    world = gateway.world
    if name == "faults":
        world.faults.set(wanted["faults"])
    elif name == "day":
        world.move_to_day(int(wanted["day"]))
    elif name == "now":
        world.set_clock(datetime.fromisoformat(wanted["now"]))
    else:
        world.set_epoch(datetime.fromisoformat(wanted["epoch"]))


def _json(status: int, content: dict[str, Any]) -> HttpReply:
    return HttpReply(
        status=status,
        headers={"Content-Type": "application/json"},
        body=json.dumps(content, indent=1).encode(),
    )
