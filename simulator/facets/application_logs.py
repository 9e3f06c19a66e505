"""Whether APIs, state machines and containers log what they do.

Built after all that put them; it changes how some of them log, and puts HTTP APIs of its own.
"""

from collections.abc import Iterator

from simulator.facets.base import Facet
from simulator.facets.container_records import DEFINITIONS
from simulator.facets.rest_api_stages import REST_APIS
from simulator.facets.state_machines import STATE_MACHINES
from simulator.operations.apigatewayv2 import APIS
from simulator.places import Place, Record

logs = Facet("watching.executions")

CHECK = "application_logging_enabled"
ENOUGH = ("ERROR", "INFO")


def _stages(place: Place) -> list[Record]:
    return [stage for api in place.all(REST_APIS) for stage in api["_stages"]]


def _definitions(place: Place) -> list[Record]:
    """The newest active revision of each family."""
    active = [one for one in place.all(DEFINITIONS) if one["status"] == "ACTIVE"]
    newest = {one["family"]: one for one in sorted(active, key=lambda one: int(one["revision"]))}
    return list(newest.values())


def _verdicts(place: Place) -> Iterator[bool]:
    for stage in _stages(place):
        settings = stage["methodSettings"] or {}
        levels = {key: one.get("loggingLevel") for key, one in settings.items()}
        general = levels.pop("*/*", None)
        yield all(level in ENOUGH for level in (general, *filter(None, levels.values())))
    for api in place.all(APIS):
        yield all(stage.get("AccessLogSettings") for stage in api["_stages"])
    for machine in place.all(STATE_MACHINES):
        yield machine["loggingConfiguration"]["level"] != "OFF"
    for definition in _definitions(place):
        containers = definition["containerDefinitions"]
        essential = [one for one in containers if one.get("essential", True)]
        yield all(one.get("logConfiguration") for one in essential)


def _expect(place: Place) -> None:
    found = list(_verdicts(place))
    status = "pass" if all(found) else "fail"
    place.expect(CHECK, status if found else "not_applicable")


def _put_http_api(place: Place, name: str, *stages: Record, protocol: str = "HTTP") -> None:
    place.put(
        APIS,
        {
            "ApiId": place.hexadecimal(f"api {name}", 10),
            "Name": name,
            "ProtocolType": protocol,
            "RouteSelectionExpression": "$request.method $request.path",
            "CreatedDate": place.ago(days=200),
            "_stages": list(stages),
        },
    )


def _logged(place: Place, name: str) -> Record:
    group = place.arn("logs", "log-group:/shop/access")
    settings = {"DestinationArn": group, "Format": "$context.requestId"}
    return {"StageName": name, "AutoDeploy": True, "AccessLogSettings": settings}


@logs.variant("as_they_are", characters={"exemplary": 4, "ordinary": 3, "locked_down": 4, "new": 3})
def as_they_are(place: Place) -> None:
    """Things log as others have put them."""
    _expect(place)


@logs.variant("http_api", characters={"exemplary": 2, "ordinary": 1})
def http_api(place: Place) -> None:
    _put_http_api(place, "shop", _logged(place, "$default"), _logged(place, "next"))
    _put_http_api(place, "chat", _logged(place, "live"), protocol="WEBSOCKET")
    _expect(place)


@logs.variant("http_api_unlogged", characters={"neglected": 1, "ordinary": 1})
def http_api_unlogged(place: Place) -> None:
    """One of two stages keeps no access log."""
    _put_http_api(place, "shop", _logged(place, "$default"), {"StageName": "next"})
    _expect(place)


@logs.variant("stage_off", characters={"neglected": 1, "ordinary": 1})
def stage_off(place: Place) -> None:
    for stage in _stages(place)[:1]:
        stage["methodSettings"] = {"*/*": {"loggingLevel": "OFF"}}
    _expect(place)


@logs.variant("method_off", characters={"neglected": 1, "ordinary": 1})
def method_off(place: Place) -> None:
    """One method of a stage that logs all; another stage says nothing at all."""
    settings = {
        "*/*": {"loggingLevel": "INFO"},
        "~1orders/POST": {"metricsEnabled": True},
        "~1health/GET": {"loggingLevel": "OFF"},
    }
    for stage, given in zip(_stages(place), (settings, None), strict=False):
        stage["methodSettings"] = given
    _expect(place)


@logs.variant("machine_off", characters={"neglected": 2, "ordinary": 1})
def machine_off(place: Place) -> None:
    for machine in place.all(STATE_MACHINES)[:1]:
        machine["loggingConfiguration"] = {"level": "OFF", "includeExecutionData": False}
    _expect(place)


@logs.variant("fatal_only", characters={"ordinary": 1, "locked_down": 1})
def fatal_only(place: Place) -> None:
    for machine in place.all(STATE_MACHINES):
        configuration = machine["loggingConfiguration"]
        machine["loggingConfiguration"] = {**configuration, "level": "FATAL"}
    _expect(place)


@logs.variant("container_silent", characters={"neglected": 2, "ordinary": 1})
def container_silent(place: Place) -> None:
    """The first container; essential is what does not say otherwise."""
    _silence(place, essential=None)
    _expect(place)


@logs.variant("helper_silent", characters={"exemplary": 1, "ordinary": 1})
def helper_silent(place: Place) -> None:
    _silence(place, essential=False)
    _expect(place)


def _silence(place: Place, essential: bool | None) -> None:
    for definition in _definitions(place)[:1]:
        first, *others = definition["containerDefinitions"]
        silent = {k: v for k, v in first.items() if k not in ("logConfiguration", "essential")}
        flag = {} if essential is None else {"essential": essential}
        definition["containerDefinitions"] = [{**silent, **flag}, *others]
