"""Amazon EventBridge: buses, and rules on which `_targets` hang.

The default bus stands in every region; `events.buses` are further ones.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

BAD_TOKEN = "ValidationException"  # noqa: S105 - the name of an error
Record = dict[str, Any]


def _page(call: Call, items: list[Record], key: str) -> dict[str, Any]:
    return call.page(items, key, size=2, limit_in="Limit", bad_token=BAD_TOKEN)


@operation("events", "ListEventBuses")
def list_event_buses(call: Call) -> dict[str, Any]:
    default = {"Name": "default", "Arn": call.place.arn("events", "event-bus/default")}
    return _page(call, [default, *call.place.all("events.buses")], "EventBuses")


def _rules(call: Call) -> list[Record]:
    bus = call.parameters.get("EventBusName", "default")
    if bus != "default" and call.place.find("events.buses", Name=bus) is None:
        raise AwsError("ResourceNotFoundException", f"Event bus {bus} does not exist.")
    rules = call.place.all("events.rules")
    return [rule for rule in rules if rule.get("EventBusName", "default") == bus]


@operation("events", "ListRules")
def list_rules(call: Call) -> dict[str, Any]:
    prefix = call.parameters.get("NamePrefix", "")
    return _page(call, [r for r in _rules(call) if r["Name"].startswith(prefix)], "Rules")


@operation("events", "ListTargetsByRule")
def list_targets_by_rule(call: Call) -> dict[str, Any]:
    for rule in _rules(call):
        if rule["Name"] == call.parameters["Rule"]:
            return _page(call, rule.get("_targets", []), "Targets")
    raise AwsError("ResourceNotFoundException", f"Rule {call.parameters['Rule']} does not exist.")
