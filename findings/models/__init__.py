from findings.models.assessment import CheckStatus, Evaluation, ParameterOverride
from findings.models.attestation import Attestation
from findings.models.aws_job import AwsJob, AwsJobKind, AwsJobSettings
from findings.models.connection import (
    Connection,
    ConnectionKind,
    ConnectionProject,
    InboundDelivery,
)
from findings.models.connection_trial import ConnectionTrial
from findings.models.declared_tool import DeclaredTool
from findings.models.delivery_record import DeliveryRecord, ProductionChange
from findings.models.evidence import (
    CallLog,
    CheckSet,
    EvidenceBlob,
    FactHistory,
    Manifest,
    Observation,
    RegionState,
    RetentionMark,
)
from findings.models.export import Export, ExportFormat, ExportKind
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
from findings.models.incident import (
    ContributingFactor,
    ForesightEntry,
    Incident,
    IncidentEvent,
    IncidentRole,
    IncidentSequence,
    TimelineEntry,
)
from findings.models.incident_analysis import Analysis, AnalysisVersion
from findings.models.incident_learning import ActionItem, Learning, LearningLabel
from findings.models.notification import (
    Notice,
    Notification,
    NotificationFeed,
    NotificationMessage,
    Subscriber,
)
from findings.models.route import Route, SlaRule, SuggestionDismissal
from findings.models.scan import Scan, ScanAccount, Shard
from findings.models.schedule import Alert, Schedule
from findings.models.scorecard import ScopeKind, ScoreSnapshot
from findings.models.suppression import Suppression
from findings.models.suppression_history import (
    SuppressedFinding,
    SuppressionCursor,
    SuppressionEvent,
)
from findings.models.ticket import (
    Ticket,
    TicketComment,
    TicketFinding,
    TicketPlace,
    TicketStatus,
)
from findings.models.ticket_log import (
    OutboxMessage,
    SyncEvent,
    TicketEvent,
    TicketFeed,
    TicketSequence,
)
from findings.models.webhook import (
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFeed,
    WebhookMessage,
    WebhookType,
)

__all__ = [
    "ActionItem",
    "Alert",
    "Analysis",
    "AnalysisVersion",
    "Attestation",
    "AwsJob",
    "AwsJobKind",
    "AwsJobSettings",
    "CallLog",
    "CheckSet",
    "CheckStatus",
    "CloseCause",
    "Connection",
    "ConnectionKind",
    "ConnectionProject",
    "ConnectionTrial",
    "ContributingFactor",
    "DeclaredTool",
    "DeliveryRecord",
    "Episode",
    "Evaluation",
    "EventSequence",
    "EvidenceBlob",
    "EvidenceStatus",
    "Export",
    "ExportFormat",
    "ExportKind",
    "FactHistory",
    "Finding",
    "FindingEvent",
    "ForesightEntry",
    "InboundDelivery",
    "Incident",
    "IncidentEvent",
    "IncidentRole",
    "IncidentSequence",
    "Learning",
    "LearningLabel",
    "Manifest",
    "Notice",
    "Notification",
    "NotificationFeed",
    "NotificationMessage",
    "Observation",
    "OpenCause",
    "OutboxMessage",
    "ParameterOverride",
    "ProductionChange",
    "RegionState",
    "RetentionMark",
    "Route",
    "Scan",
    "ScanAccount",
    "Schedule",
    "ScopeKind",
    "ScoreSnapshot",
    "Shard",
    "SlaRule",
    "Subscriber",
    "SuggestionDismissal",
    "SuppressedFinding",
    "Suppression",
    "SuppressionCursor",
    "SuppressionEvent",
    "SyncEvent",
    "Ticket",
    "TicketComment",
    "TicketEvent",
    "TicketFeed",
    "TicketFinding",
    "TicketPlace",
    "TicketSequence",
    "TicketStatus",
    "TimelineEntry",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookFeed",
    "WebhookMessage",
    "WebhookType",
    "Workflow",
]
