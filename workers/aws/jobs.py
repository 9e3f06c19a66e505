"""Starting jobs of AWS and looking at them: one call each, never a wait.

A session for it is let call the operations of ``job_operations.csv`` and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from workers.aws.operations import job_operations
from workers.aws.sessions import AccountSession, RegionSession

STACK_DRIFT, RESOURCE_SCAN = "stack_drift", "resource_scan"
_DETECTION = {"DETECTION_COMPLETE": "finished", "DETECTION_FAILED": "failed"}
_SCAN = {"COMPLETE": "finished", "EXPIRED": "finished", "FAILED": "failed"}


class Stage(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is; ``told`` is AWS's reason where it failed."""

    stage: Stage
    operation: str
    told: str = ""


def job_session(session: AccountSession, region: str) -> RegionSession:
    """The same account, for jobs only."""
    return replace(session, allowed=job_operations()).region(region)


def start(place: RegionSession, kind: str, subject: str, token: str) -> str:
    """Start a job; the id that AWS gives it. Raises what AWS answers.

    A resource scan that is asked for again with its token is the same one; drift detection knows
    no token, and refuses while one is in progress.
    """
    client = place.client("cloudformation")
    with place.collecting("aws.job"):
        if kind == STACK_DRIFT:
            return str(client.detect_stack_drift(StackName=subject)["StackDriftDetectionId"])
        return str(client.start_resource_scan(ClientRequestToken=token)["ResourceScanId"])


def look(place: RegionSession, kind: str, aws_id: str) -> Progress:
    """How far a job is. Raises what AWS answers."""
    client = place.client("cloudformation")
    with place.collecting("aws.job"):
        if kind == STACK_DRIFT:
            found = client.describe_stack_drift_detection_status(StackDriftDetectionId=aws_id)
            return Progress(
                stage=Stage(_DETECTION.get(found["DetectionStatus"], "running")),
                operation="cloudformation:DetectStackDrift",
                told=found.get("DetectionStatusReason", ""),
            )
        found = client.describe_resource_scan(ResourceScanId=aws_id)
        return Progress(
            stage=Stage(_SCAN.get(found["Status"], "running")),
            operation="cloudformation:StartResourceScan",
            told=found.get("StatusReason", ""),
        )
