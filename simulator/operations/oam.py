"""CloudWatch Observability Access Manager: `oam.links` of an account, and `oam.sinks`.

The links that are attached to a sink hang on it as `_links`.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

LINKS, SINKS = "oam.links", "oam.sinks"
BAD_TOKEN = "InvalidParameterException"  # noqa: S105 - the name of an error


@operation("oam", "ListLinks")
def list_links(call: Call) -> dict[str, Any]:
    return call.page(call.place.all(LINKS), "Items", size=2, bad_token=BAD_TOKEN)


@operation("oam", "ListSinks")
def list_sinks(call: Call) -> dict[str, Any]:
    return call.page(call.place.all(SINKS), "Items", size=2, bad_token=BAD_TOKEN)


@operation("oam", "ListAttachedLinks")
def list_attached_links(call: Call) -> dict[str, Any]:
    sink = call.place.find(SINKS, Arn=call.parameters["SinkIdentifier"])
    if sink is None:
        raise AwsError("ResourceNotFoundException", "The sink does not exist.")
    return call.page(sink["_links"], "Items", size=5, bad_token=BAD_TOKEN)
