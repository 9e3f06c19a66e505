"""How many regions a pipeline reaches at once."""

from simulator.facets.base import RARELY, Facet
from simulator.facets.pipeline_records import (
    APPROVE,
    GATE,
    IN_WAVES,
    TEST,
    Record,
    action,
    put_running,
    source,
    stage,
)
from simulator.places import Place

waves = Facet("codepipeline.waves")

HERE, FAR = None, "ca-central-1"


def _deploy(name: str, region: str | None, order: int = 1) -> Record:
    return action(name, "Deploy", "ECS", order, region=region)


def _world(place: Place, status: str, *stages: Record) -> None:
    """The pipeline of what is run all over the world, which is tested and approved."""
    put_running(place, "world", source(), TEST, APPROVE, *stages)
    place.expect(GATE, "pass", resource="world")
    place.expect(IN_WAVES, status, resource="world")


@waves.variant("one_by_one", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def one_by_one(place: Place) -> None:
    """Two services in turn here, then one far away."""
    here = stage("Prod-1", _deploy("Orders", HERE), _deploy("Site", place.region, 2))
    _world(place, "pass", here, stage("Prod-2", _deploy("Orders", FAR)))


@waves.variant("all_at_once", characters={"neglected": 2, "ordinary": 1})
def all_at_once(place: Place) -> None:
    _world(place, "fail", stage("Prod-1", _deploy("Here", HERE), _deploy("Far", FAR)))


@waves.variant("one_region", characters={"ordinary": 2, "new": 1})
def one_region(place: Place) -> None:
    here = stage("Prod-1", _deploy("Orders", HERE), _deploy("Site", place.region))
    _world(place, "not_applicable", here)


@waves.variant("services_at_once", characters={"neglected": 1, "ordinary": 1})
def services_at_once(place: Place) -> None:
    """A stage for each region, in one of which two services change at once."""
    far = stage("Prod-2", _deploy("Orders", FAR), _deploy("Site", FAR))
    _world(place, "fail", stage("Prod-1", _deploy("Orders", HERE)), far)


@waves.variant("in_turn", characters=RARELY)
def in_turn(place: Place) -> None:
    """Two regions in one stage, one after the other: nobody can stop between them."""
    _world(place, "fail", stage("Prod-1", _deploy("Here", HERE), _deploy("Far", FAR, 2)))


@waves.variant("none", characters={"new": 1, "locked_down": 1})
def no_world(place: Place) -> None:
    """Nothing is expected where there is no pipeline."""
