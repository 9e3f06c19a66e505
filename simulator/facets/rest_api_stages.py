"""Stages of REST APIs, and whether requests are traced from there on."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.places import Place

stages = Facet("apigateway.stages")

REST_APIS = "apigateway.rest_apis"
TRACED = "apigateway_stage_tracing_enabled"


def put_rest_api(place: Place, name: str, *stages: dict[str, Any], **changed: Any) -> None:
    place.put(
        REST_APIS,
        {
            "id": api_id(place, name),
            "name": name,
            "createdDate": place.ago(days=300),
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["REGIONAL"]},
            "_stages": list(stages),
            **changed,
        },
    )


def api_id(place: Place, name: str) -> str:
    return place.hexadecimal(f"rest api {name}", 10)


def stage_of(
    place: Place, status: str, name: str = "live", api: str = "shop", **changed: Any
) -> dict[str, Any]:
    arn = f"arn:aws:apigateway:{place.region}::/restapis/{api_id(place, api)}/stages/{name}"
    place.expect(TRACED, status, resource=arn)
    return {
        "deploymentId": place.hexadecimal(f"deployment {name}", 6),
        "stageName": name,
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {"*/*": {"loggingLevel": "ERROR", "metricsEnabled": True}},
        "tracingEnabled": False,
        "createdDate": place.ago(days=300),
        "lastUpdatedDate": place.ago(days=10),
        **changed,
    }


@stages.variant("traced", characters={"exemplary": 4, "ordinary": 1, "locked_down": 2})
def traced(place: Place) -> None:
    put_rest_api(place, "shop", stage_of(place, in_production(place, "pass"), tracingEnabled=True))


@stages.variant("untraced", characters={"neglected": 3, "ordinary": 2})
def untraced(place: Place) -> None:
    """Of two stages one is traced."""
    put_rest_api(
        place,
        "shop",
        stage_of(place, in_production(place, "pass"), tracingEnabled=True),
        stage_of(place, in_production(place, "fail"), "next"),
    )


@stages.variant("tagged", characters={"ordinary": 1, "neglected": 1, "new": 1})
def tagged(place: Place) -> None:
    """Production by the tag of the API, which a stage has for itself otherwise."""
    put_rest_api(
        place,
        "orders",
        stage_of(place, "fail", api="orders"),
        stage_of(
            place, in_production(place, "fail"), "try", "orders", tags={"Environment": "test"}
        ),
        tags={"Environment": "prod"},
    )


@stages.variant("two_of_a_name", characters=RARELY)
def two_of_a_name(place: Place) -> None:
    """Names of APIs are not unique; an API may also have no stage yet."""
    put_rest_api(place, "shop", stage_of(place, in_production(place, "pass"), tracingEnabled=True))
    put_rest_api(place, "shop", id=place.hexadecimal("second shop", 10))


@stages.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 2})
def no_api(place: Place) -> None:
    """Nothing is expected where there is no REST API."""
