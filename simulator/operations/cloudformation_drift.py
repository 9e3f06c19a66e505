"""Drift detection of stacks: a job of the world for each, which ends after some looks."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.operations.cloudformation import DRIFT_DETECTION, STACKS, drift_status, stack_of

DETECTABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html"""


@operation("cloudformation", "DetectStackDrift")
def detect_stack_drift(call: Call) -> dict[str, Any]:
    """One at a time for a stack, and none of a stack that is being changed."""
    stack = stack_of(call)
    name, status = stack["StackName"], stack["StackStatus"]
    if status not in DETECTABLE:
        raise AwsError(
            "ValidationError", f"Drift detection cannot be performed on stack [{name}] in {status}"
        )
    place = call.place
    job = call.world.jobs.start(
        DRIFT_DETECTION,
        call.account.id,
        call.region,
        stack["StackId"],
        lambda number: place.uuid(f"drift detection {number}"),
    )
    if job is None:
        raise AwsError(
            "ValidationError", f"Drift detection is already in progress for stack [{name}]"
        )
    return {"StackDriftDetectionId": job.id}


@operation("cloudformation", "DescribeStackDriftDetectionStatus")
def describe_stack_drift_detection_status(call: Call) -> dict[str, Any]:
    wanted = call.parameters["StackDriftDetectionId"]
    job = call.world.jobs.look(DRIFT_DETECTION, call.account.id, call.region, wanted)
    if job is None:
        raise AwsError("ValidationError", f"Drift detection {wanted} does not exist")
    told = {
        "StackId": job.subject,
        "StackDriftDetectionId": job.id,
        "DetectionStatus": "DETECTION_IN_PROGRESS",
        "Timestamp": job.ended_at or job.started_at,
    }
    if job.ended_at is None:
        return told
    stack = call.place.find(STACKS, StackId=job.subject)
    if stack is None:
        reason = f"Stack {job.subject} does not exist any more"
        return told | {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": reason}
    states = [drift["StackResourceDriftStatus"] for drift in stack.get("_drifts", [])]
    return told | {
        "DetectionStatus": "DETECTION_COMPLETE",
        "StackDriftStatus": drift_status(stack),
        "DriftedStackResourceCount": states.count("MODIFIED") + states.count("DELETED"),
    }
