"""Whether what has tracing on and is used is in the service graph.

Built after all that may be traced and the graph, by its name.
"""

from datetime import datetime
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.facets.rest_api_stages import put_rest_api, stage_of
from simulator.facets.tracing import DAY, put_node
from simulator.places import Place

uses = Facet("tracing.uses")

COVERED = "xray_service_graph_coverage"


def _traced(place: Place) -> dict[str, tuple[str, list[str]]]:
    """What has tracing on here: its name in the graph, its namespace and dimensions."""
    found: dict[str, tuple[str, list[str]]] = {}
    for function in place.all("lambda.functions"):
        name = function["FunctionName"]
        if (function["TracingConfig"] or {}).get("Mode") == "Active":
            found[name] = ("AWS/Lambda", [name])
    for api in place.all("apigateway.rest_apis"):
        for stage in api["_stages"]:
            if stage["tracingEnabled"]:
                path = [api["name"], stage["stageName"]]
                found["/".join(path)] = ("AWS/ApiGateway", path)
    for machine in place.all("stepfunctions.state_machines"):
        if machine["tracingConfiguration"]["enabled"]:
            found[machine["name"]] = ("AWS/States", [machine["stateMachineArn"]])
    return found


def _use(place: Place, namespace: str, dimensions: list[str], hourly: int = 3) -> None:
    record = {"Namespace": namespace, "Dimensions": dimensions, "_hourly": hourly}
    place.put("cloudwatch.metric_data", record)


def _own_nodes(place: Place) -> list[dict[str, Any]]:
    own = (None, place.account.id)
    return [node for node in place.all("xray.services") if node.get("AccountId") in own]


def _expect(place: Place, used: set[str]) -> None:
    """A node counts until a day after it was last seen."""
    seen: dict[str, datetime | None] = {}
    for node in _own_nodes(place):
        until = node.get("_seen_until")
        if until is None or until > place.ago(hours=24):
            seen.update(dict.fromkeys(node["Names"], until))
    known = {name for name in used if name in seen}
    ending = [at for name in known if (at := seen[name]) is not None]
    if not used:
        place.expect(COVERED, "not_applicable")
    elif len(known) * 100 < len(used) * 90:
        place.expect(COVERED, "fail")
    elif ending:
        place.expect(COVERED, "pass", until=min(ending) + DAY, then="fail")
    else:
        place.expect(COVERED, "pass")


def _show(place: Place, names: set[str]) -> None:
    """Nodes of what the graph does not show yet, where it shows anything of this account."""
    if any(node.get("_seen_until") is None for node in _own_nodes(place)):
        shown = {name for node in _own_nodes(place) for name in node["Names"]}
        for name in sorted(names - shown):
            put_node(place, f"{name}-node", requests=2, Names=[f"{name}-node", name])


@uses.variant("seen", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def seen(place: Place) -> None:
    """All is used, and shown under one of its names."""
    traced = _traced(place)
    for namespace, dimensions in traced.values():
        _use(place, namespace, dimensions)
    _show(place, set(traced))
    _expect(place, set(traced))


@uses.variant("unseen", characters={"neglected": 2, "ordinary": 1})
def unseen(place: Place) -> None:
    """All is used, and shown or not as it happens; so is a state machine that is not traced."""
    traced = _traced(place)
    for namespace, dimensions in traced.values():
        _use(place, namespace, dimensions)
    for machine in place.all("stepfunctions.state_machines"):
        if not machine["tracingConfiguration"]["enabled"]:
            _use(place, "AWS/States", [machine["stateMachineArn"]])
    _expect(place, set(traced))


@uses.variant("unused", characters={"new": 2, "ordinary": 1, "neglected": 1})
def unused(place: Place) -> None:
    """Nothing is called: some counts are nought, the others have no data."""
    for namespace, dimensions in list(_traced(place).values())[:1]:
        _use(place, namespace, dimensions, hourly=0)
    _expect(place, set())


@uses.variant("at_the_limit", characters=RARELY)
def at_the_limit(place: Place) -> None:
    """Of ten stages that are used nine are shown."""
    names = [f"v{number}" for number in range(10)]
    status = in_production(place, "pass")
    stages = [stage_of(place, status, name, "all", tracingEnabled=True) for name in names]
    put_rest_api(place, "all", *stages)
    for name in names:
        _use(place, "AWS/ApiGateway", ["all", name])
    shown = [f"all/{name}" for name in names]
    _show(place, set(shown[:9]))
    _expect(place, set(shown))
