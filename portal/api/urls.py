from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from portal.api import problems
from portal.api.accounts import AccountViewSet, OrganizationViewSet
from portal.api.action_items import ActionItemViewSet
from portal.api.analyses import AnalysisViewSet
from portal.api.attestations import AttestationViewSet
from portal.api.audit import AuditEntryViewSet
from portal.api.catalogue import CheckViewSet, PracticeViewSet
from portal.api.connections import ConnectionViewSet, TrialViewSet
from portal.api.document import DocumentView
from portal.api.dora import DoraViewSet
from portal.api.events import EventViewSet
from portal.api.exports import ExportViewSet
from portal.api.findings import FindingViewSet
from portal.api.incidents import IncidentViewSet
from portal.api.learnings import LearningViewSet
from portal.api.notifications import NotificationMessageViewSet, SubscriberViewSet
from portal.api.routes import RouteViewSet
from portal.api.scans import ScanViewSet
from portal.api.schedules import ScheduleViewSet
from portal.api.schema import api_docs
from portal.api.scorecards import ScorecardViewSet
from portal.api.suppressions import SuppressionViewSet
from portal.api.teams import TeamViewSet, UnitViewSet
from portal.api.ticket_queues import InboundViewSet, OutboxViewSet
from portal.api.tickets import TicketViewSet
from portal.api.tokens import TokenViewSet
from portal.api.tools import ToolViewSet
from portal.api.webhooks import WebhookMessageViewSet, WebhookViewSet

router = SimpleRouter(use_regex_path=False)
router.register("organizations", OrganizationViewSet, basename="organization")
router.register("ous", UnitViewSet, basename="ou")
router.register("teams", TeamViewSet, basename="team")
router.register("accounts", AccountViewSet, basename="account")
router.register("scans", ScanViewSet, basename="scan")
router.register("schedules", ScheduleViewSet, basename="schedule")
router.register("tools", ToolViewSet, basename="tool")
router.register("attestations", AttestationViewSet, basename="attestation")
router.register("suppressions", SuppressionViewSet, basename="suppression")
router.register("scorecards", ScorecardViewSet, basename="scorecard")
router.register("dora", DoraViewSet, basename="dora")
router.register("findings", FindingViewSet, basename="finding")
router.register("events", EventViewSet, basename="event")
router.register("audit", AuditEntryViewSet, basename="audit")
router.register("tokens", TokenViewSet, basename="token")
router.register("exports", ExportViewSet, basename="export")
router.register("incidents", IncidentViewSet, basename="incident")
router.register("analyses", AnalysisViewSet, basename="analysis")
router.register("learnings", LearningViewSet, basename="learning")
router.register("action-items", ActionItemViewSet, basename="action-item")
router.register("checks", CheckViewSet, basename="check")
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("webhook-messages", WebhookMessageViewSet, basename="webhook-message")
router.register("tickets", TicketViewSet, basename="ticket")
router.register("connections", ConnectionViewSet, basename="connection")
router.register("connection-trials", TrialViewSet, basename="connection-trial")
router.register("routes", RouteViewSet, basename="route")
router.register("outbox", OutboxViewSet, basename="outbox")
router.register("inbound-deliveries", InboundViewSet, basename="inbound-delivery")
router.register("notification-settings", SubscriberViewSet, basename="notification-settings")
router.register(
    "notification-messages", NotificationMessageViewSet, basename="notification-message"
)
router.register("practices", PracticeViewSet, basename="practice")

urlpatterns = [
    path("v1/schema/", DocumentView.as_view(), name="schema"),
    path("v1/schema", DocumentView.as_view()),
    path("v1/docs/", api_docs, name="api-docs"),
    path("v1/", include((router.urls, "api"))),
    re_path("^.*$", problems.not_found),
]
