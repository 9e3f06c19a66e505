"""How containers are traced, and by what."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.container_records import container, put_definition, put_service
from simulator.facets.production import in_production
from simulator.places import Place

tracing = Facet("ecs.tracing")


def _orders(
    place: Place, traced: str, *containers: dict[str, Any], migrated: str = "pass", **changed: Any
) -> None:
    definition = put_definition(place, "orders", *containers, migrated=migrated)
    put_service(place, "orders", traced=traced, definition=definition, **changed)


@tracing.variant("by_variable", characters={"exemplary": 3, "ordinary": 1})
def by_variable(place: Place) -> None:
    endpoint = {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector:4317"}
    _orders(place, in_production(place, "pass"), container(environment=[endpoint]))


@tracing.variant("untraced", characters={"neglected": 2, "ordinary": 1})
def untraced(place: Place) -> None:
    """The newest revision has a collector, but the service still runs the one before."""
    put_definition(place, "orders", revision=8)
    _orders(place, in_production(place, "fail"), container())


@tracing.variant("by_daemon", characters={"ordinary": 1, "neglected": 1})
def by_daemon(place: Place) -> None:
    """Traced, by what has to be replaced."""
    image = "public.ecr.aws/xray/aws-xray-daemon:3.x"
    sidecar = container("xray", image, essential=None)
    _orders(place, in_production(place, "pass"), container(), sidecar, migrated="fail")


@tracing.variant("daemon_replaced", characters={"exemplary": 1, "ordinary": 1})
def daemon_replaced(place: Place) -> None:
    """The revision with the daemon is not the newest, the one after it is deregistered."""
    old = container("xray", "amazon/aws-xray-daemon")
    put_definition(place, "orders", container(), old, revision=6)
    put_definition(place, "orders", container(), old, revision=8, status="INACTIVE")
    definition = put_definition(place, "orders")
    put_service(place, "orders", definition=definition)


@tracing.variant("tagged", characters={"ordinary": 1, "new": 1})
def tagged(place: Place) -> None:
    """Production by its own tag, wherever it stands."""
    _orders(place, "fail", container(), _tags={"Environment": "Prod"})


@tracing.variant("files", characters=RARELY)
def files(place: Place) -> None:
    """What stands in a file of variables is not known."""
    file = {"value": "arn:aws:s3:::example/orders.env", "type": "s3"}
    _orders(place, in_production(place, "unknown"), container(environmentFiles=[file]))


@tracing.variant("none", characters={"new": 3, "locked_down": 3, "ordinary": 2})
def no_tracing(place: Place) -> None:
    """Nothing more is expected."""
