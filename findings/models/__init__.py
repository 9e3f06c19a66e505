from findings.models.assessment import CheckStatus, Evaluation, ParameterOverride
from findings.models.attestation import Attestation
from findings.models.aws_job import AwsJob, AwsJobKind, AwsJobSettings
from findings.models.declared_tool import DeclaredTool
from findings.models.evidence import (
    CallLog,
    CheckSet,
    EvidenceBlob,
    Manifest,
    Observation,
    RegionState,
)
from findings.models.finding import (
    CloseCause,
    Episode,
    EventSequence,
    EvidenceStatus,
    Finding,
    FindingEvent,
    OpenCause,
    Workflow,
)
from findings.models.scan import Scan, ScanAccount, Shard
from findings.models.schedule import Alert, Schedule
from findings.models.scorecard import ScopeKind, ScoreSnapshot

__all__ = [
    "Alert",
    "Attestation",
    "AwsJob",
    "AwsJobKind",
    "AwsJobSettings",
    "CallLog",
    "CheckSet",
    "CheckStatus",
    "CloseCause",
    "DeclaredTool",
    "Episode",
    "Evaluation",
    "EventSequence",
    "EvidenceBlob",
    "EvidenceStatus",
    "Finding",
    "FindingEvent",
    "Manifest",
    "Observation",
    "OpenCause",
    "ParameterOverride",
    "RegionState",
    "Scan",
    "ScanAccount",
    "Schedule",
    "ScopeKind",
    "ScoreSnapshot",
    "Shard",
    "Workflow",
]
