"""How much of a service a deployment changes at once."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.deployments import GRADUALLY, put_application, put_group
from simulator.places import Place
from simulator.shapes import Undocumented

traffic = Facet("codedeploy.traffic")

PRODUCTION = {"Environment": "prod"}
DEFAULT = "CodeDeployDefault"


def _site(
    place: Place, status: str, name: str, platform: str, configuration: str, **changed: Any
) -> None:
    """A group that says itself that it is in production; nothing was deployed to it yet."""
    put_group(
        place,
        "not_applicable",
        None,
        name,
        application="site",
        computePlatform=platform,
        deploymentConfigName=configuration,
        _arn=place.arn("codedeploy", f"deploymentgroup:site/{name}"),
        _tags=PRODUCTION,
        **changed,
    )
    place.expect(GRADUALLY, status, resource=f"site/{name}")


def _own(place: Place, name: str, kind: str, value: int) -> str:
    healthy = {"type": kind, "value": value}
    place.put(
        "codedeploy.configurations",
        {
            "deploymentConfigName": name,
            "computePlatform": "Server",
            "minimumHealthyHosts": healthy,
        },
    )
    return name


@traffic.variant("gradually", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def gradually(place: Place) -> None:
    put_application(place, "site")
    canary, linear = "LambdaCanary10Percent5Minutes", "ECSLinear10PercentEvery1Minutes"
    _site(place, "pass", "functions", "Lambda", f"{DEFAULT}.{canary}")
    _site(place, "pass", "services", "ECS", f"{DEFAULT}.{linear}")
    _site(place, "pass", "servers", "Server", f"{DEFAULT}.OneAtATime")


@traffic.variant("at_once", characters={"neglected": 2, "ordinary": 1})
def at_once(place: Place) -> None:
    put_application(place, "site")
    _site(place, "fail", "functions", "Lambda", f"{DEFAULT}.LambdaAllAtOnce")
    _site(place, "fail", "services", "ECS", f"{DEFAULT}.ECSAllAtOnce")
    _site(place, "fail", "servers", "Server", f"{DEFAULT}.AllAtOnce")


@traffic.variant("most_stay", characters={"exemplary": 1, "ordinary": 1})
def most_stay(place: Place) -> None:
    """Exactly as many servers as are asked for, as a share and as a number."""
    put_application(place, "site")
    most = _own(place, "two-of-three", "FLEET_PERCENT", 66)
    one = _own(place, "one-of-two", "HOST_COUNT", 1)
    _site(place, "pass", "servers", "Server", most)
    _site(place, "pass", "workers", "Server", one)


@traffic.variant("half_at_a_time", characters={"neglected": 1, "ordinary": 1})
def half_at_a_time(place: Place) -> None:
    put_application(place, "site")
    none = _own(place, "none-of-two", "HOST_COUNT", 0)
    _site(place, "fail", "servers", "Server", f"{DEFAULT}.HalfAtATime")
    _site(place, "fail", "workers", "Server", none)


@traffic.variant("blue_and_green", characters={"exemplary": 1})
def blue_and_green(place: Place) -> None:
    """New servers take the place of the old ones."""
    put_application(place, "site")
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    _site(place, "pass", "servers", "Server", f"{DEFAULT}.AllAtOnce", deploymentStyle=style)


@traffic.variant("in_place", characters={"neglected": 1})
def in_place(place: Place) -> None:
    """Of ECS the style is always blue and green, whatever its traffic does."""
    put_application(place, "site")
    style = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    _site(place, "fail", "servers", "Server", f"{DEFAULT}.AllAtOnce", deploymentStyle=style)
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    _site(place, "fail", "services", "ECS", f"{DEFAULT}.ECSAllAtOnce", deploymentStyle=style)


@traffic.variant("not_known", characters=RARELY)
def not_known(place: Place) -> None:
    """A configuration that is gone, and one that counts by what nobody has documented."""
    put_application(place, "site")
    rare = _own(place, "by-zone", Undocumented("ZONE_COUNT"), 1)
    _site(place, "unknown", "services", "ECS", "gone")
    _site(place, "unknown", "servers", "Server", rare)


@traffic.variant("none", characters={"new": 1, "locked_down": 1})
def no_site(place: Place) -> None:
    """Nothing is expected where CodeDeploy is not used."""
