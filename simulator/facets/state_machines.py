"""State machines, and whether their executions are traced."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.places import Place

machines = Facet("stepfunctions.state_machines")

STATE_MACHINES = "stepfunctions.state_machines"
TRACED = "stepfunctions_tracing_enabled"
ON, OFF = {"enabled": True}, {"enabled": False}


def put_state_machine(place: Place, name: str, **changed: Any) -> None:
    """A state machine that logs its errors."""
    arn = place.arn("states", f"stateMachine:{name}")
    group = place.arn("logs", f"log-group:/aws/vendedlogs/states/{name}:*")
    place.put(
        STATE_MACHINES,
        {
            "stateMachineArn": arn,
            "_arn": arn,
            "name": name,
            "status": "ACTIVE",
            "type": "STANDARD",
            "definition": '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
            "roleArn": f"arn:aws:iam::{place.account.id}:role/{name}",
            "creationDate": place.ago(days=200),
            "loggingConfiguration": {
                "level": "ERROR",
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
            },
            "tracingConfiguration": OFF,
            **changed,
        },
    )


def _machine(place: Place, expected: str, name: str = "checkout", **changed: Any) -> None:
    put_state_machine(place, name, **changed)
    place.expect(TRACED, expected, resource=name)


@machines.variant("traced", characters={"exemplary": 4, "ordinary": 1, "locked_down": 2})
def traced(place: Place) -> None:
    _machine(place, in_production(place, "pass"), tracingConfiguration=ON)


@machines.variant("untraced", characters={"neglected": 3, "ordinary": 2})
def untraced(place: Place) -> None:
    _machine(place, in_production(place, "fail"), type="EXPRESS")


@machines.variant("tagged", characters={"ordinary": 1, "neglected": 1, "new": 1})
def tagged(place: Place) -> None:
    """Production by its own tag, wherever it stands."""
    _machine(place, "fail", _tags={"Environment": "production"})


@machines.variant("deleting", characters=RARELY)
def deleting(place: Place) -> None:
    """It is deleted when its executions have ended."""
    _machine(place, "not_applicable", status="DELETING", _tags={"Environment": "production"})


@machines.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 2})
def no_machine(place: Place) -> None:
    """Nothing is expected where there is no state machine."""
