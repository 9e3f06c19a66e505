"""Clusters and services of Amazon ECS: their metrics, deployments and platforms.

Built in the order of their names: a cluster stands before the services that are put into it.
"""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.container_records import (
    configuration,
    deployment,
    put_cluster,
    put_definition,
    put_service,
)
from simulator.places import Place
from simulator.shapes import Undocumented

clusters = Facet("ecs.clusters")
guards = Facet("ecs.guards")
platforms = Facet("ecs.platforms")

NOTHING_JUDGED = {"guarded": "not_applicable", "platform": "not_applicable"}


# clusters
@clusters.variant("watched", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def watched(place: Place) -> None:
    put_cluster(place, insights="enhanced")


@clusters.variant("unwatched", characters={"neglected": 3, "ordinary": 2})
def unwatched(place: Place) -> None:
    put_cluster(place, insights="disabled", answer="fail")


@clusters.variant("idle", characters={"ordinary": 1, "new": 1})
def idle(place: Place) -> None:
    """Nothing runs in it. In the other, a single task that no service started."""
    put_cluster(place, "default", insights="disabled", answer="not_applicable", running=0)
    put_cluster(place, "batch", running=1)


@clusters.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    put_cluster(place, insights="sampled", answer="fail")


@clusters.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 1})
def no_cluster(place: Place) -> None:
    """A cluster is put only where another facet puts a service."""


# deployments
@guards.variant("breaker", characters={"exemplary": 3, "ordinary": 1, "locked_down": 1})
def breaker(place: Place) -> None:
    """Without a word of the controller it is that of ECS."""
    put_service(place, "web", deploymentController=None)


@guards.variant("unguarded", characters={"neglected": 3, "ordinary": 1})
def unguarded(place: Place) -> None:
    put_service(place, "web", guarded="fail", deploymentConfiguration=configuration())


@guards.variant("stopping_only", characters={"ordinary": 1, "neglected": 1})
def stopping_only(place: Place) -> None:
    """A deployment that fails is stopped, but not taken back; or the guard is off."""
    stopped = configuration(breaker=(True, False), alarms=(True, False), strategy=None)
    put_service(place, "web", guarded="fail", deploymentConfiguration=stopped)
    off = configuration(breaker=(False, True), alarms=(False, True))
    put_service(place, "cart", guarded="fail", deploymentConfiguration=off)


@guards.variant("alarms", characters={"exemplary": 1, "ordinary": 1})
def alarms(place: Place) -> None:
    watched = configuration(breaker=(False, False), alarms=(True, True))
    put_service(place, "web", deploymentConfiguration=watched)


@guards.variant("gradual", characters={"ordinary": 1})
def gradual(place: Place) -> None:
    for strategy in ("BLUE_GREEN", "CANARY", "LINEAR"):
        settings = configuration(strategy=strategy)
        put_service(place, strategy.lower(), deploymentConfiguration=settings)
    settings = configuration(strategy=Undocumented("AT_ONCE"))
    put_service(place, "web", guarded="fail", deploymentConfiguration=settings)


@guards.variant("other_controllers", characters={"ordinary": 1})
def other_controllers(place: Place) -> None:
    """CodeDeploy runs it in task sets; what is external runs nothing of its own yet."""
    task_set = _task_set(place, "blue", platformVersion="1.4.0")
    put_service(
        place,
        "web",
        deploymentController={"type": "CODE_DEPLOY"},
        deploymentConfiguration=configuration(strategy=None),
        deployments=[],
        taskSets=[_task_set(place, "green", status="DRAINING", platformVersion="1.3.0"), task_set],
    )
    put_service(
        place,
        "outside",
        **NOTHING_JUDGED,
        traced="not_applicable",
        deploymentController={"type": "EXTERNAL"},
        deploymentConfiguration=None,
        deployments=[],
        taskSets=[],
        taskDefinition=None,
        launchType=None,
        platformVersion=None,
    )


def _task_set(place: Place, name: str, **changed: Any) -> dict[str, Any]:
    found = deployment(place, name, put_definition(place), **changed)
    return {**found, "stabilityStatus": "STEADY_STATE"}


@guards.variant("daemon", characters=RARELY)
def daemon(place: Place) -> None:
    put_service(
        place,
        "agent",
        **NOTHING_JUDGED,
        schedulingStrategy="DAEMON",
        launchType="EC2",
        platformVersion=None,
        deploymentConfiguration=configuration(),
        deployments=[],
    )


@guards.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 2})
def no_service(place: Place) -> None:
    """Nothing is expected where nothing is deployed."""


# platforms
def _jobs(place: Place, platform: str, version: str = "LATEST", **changed: Any) -> None:
    """A service whose primary deployment is on `_on`."""
    on = changed.pop("_on", {})
    found = deployment(place, "jobs", put_definition(place), **on)
    changed = {"deployments": [found], **changed}
    put_service(place, "jobs", platform=platform, platformVersion=version, **changed)


@platforms.variant("latest", characters={"exemplary": 3, "ordinary": 1})
def latest(place: Place) -> None:
    """One that is replaced completely does not count."""
    old = deployment(
        place, "old", put_definition(place), status="INACTIVE", platformVersion="1.3.0"
    )
    now = deployment(place, "jobs", put_definition(place))
    _jobs(place, "pass", deployments=[now, old])


@platforms.variant("pinned", characters={"neglected": 2, "ordinary": 1})
def pinned(place: Place) -> None:
    _jobs(place, "fail", "1.3.0", _on={"platformVersion": "1.3.0"})


@platforms.variant("pinned_to_the_newest", characters={"ordinary": 1})
def pinned_to_the_newest(place: Place) -> None:
    _jobs(place, "pass", "1.4.0")


@platforms.variant("not_deployed_since", characters={"ordinary": 1, "neglected": 1})
def not_deployed_since(place: Place) -> None:
    """LATEST is what it was when it was deployed. Capacity providers stand for a launch type."""
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    by_provider: dict[str, Any] = {"launchType": None, "capacityProviderStrategy": spot}
    _jobs(place, "fail", **by_provider, _on={**by_provider, "platformVersion": "1.3.0"})


@platforms.variant("windows", characters=RARELY)
def windows(place: Place) -> None:
    family = {"platformFamily": "Windows Server 2022 Core"}
    _jobs(place, "pass", "1.0.0", **family, _on={**family, "platformVersion": "1.0.0"})


@platforms.variant("elsewhere", characters={"ordinary": 1})
def elsewhere(place: Place) -> None:
    """On instances that somebody else, or AWS, manages."""
    for number, launch_type in enumerate(("EC2", "EXTERNAL", "MANAGED_INSTANCES")):
        on: dict[str, Any] = {
            "launchType": launch_type,
            "platformVersion": None,
            "platformFamily": None,
        }
        name = f"jobs-{number}"
        found = deployment(place, name, put_definition(place), **on)
        put_service(place, name, platform="not_applicable", deployments=[found], **on)


@platforms.variant("draining", characters=RARELY)
def draining(place: Place) -> None:
    put_service(
        place,
        "jobs",
        **NOTHING_JUDGED,
        traced="not_applicable",
        status="DRAINING",
        platformVersion="1.3.0",
        deploymentConfiguration=configuration(),
    )


@platforms.variant("none", characters={"new": 3, "locked_down": 3, "ordinary": 2})
def no_platform(place: Place) -> None:
    """Nothing more is expected."""
