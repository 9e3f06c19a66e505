"""AWS Step Functions: the state machines of a region."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

STATE_MACHINES = "stepfunctions.state_machines"
LISTED = ("stateMachineArn", "name", "type", "creationDate")


@operation("stepfunctions", "ListStateMachines")
def list_state_machines(call: Call) -> dict[str, Any]:
    machines = call.place.all(STATE_MACHINES)
    return call.page(
        [{name: machine[name] for name in LISTED} for machine in machines],
        "stateMachines",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="maxResults",
        bad_token="InvalidToken",  # noqa: S106 - the name of an error
    )


@operation("stepfunctions", "DescribeStateMachine")
def describe_state_machine(call: Call) -> dict[str, Any]:
    """The definition is left empty for those who ask for metadata only."""
    arn = call.parameters["stateMachineArn"]
    machine = call.place.find(STATE_MACHINES, stateMachineArn=arn)
    if machine is None:
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    if call.parameters.get("includedData") == "METADATA_ONLY":
        return {**machine, "definition": ""}
    return machine
