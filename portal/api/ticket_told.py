"""What is told of tickets: in lists, in details, and of what belongs to them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from findings.models import (
    CloseCause,
    Episode,
    SyncEvent,
    Ticket,
    TicketComment,
    TicketStatus,
)
from findings.models.incident import SEVERITIES
from findings.selectors.ticket_stories import line_of
from findings.selectors.tickets import TicketTold, drift_lines

STATES = ("open", "claimed", *CloseCause.values)


class TicketBriefSerializer(serializers.Serializer[Any]):
    """A ticket in a list. Who does not see all its accounts is told of the findings they see."""

    uid = serializers.UUIDField(source="ticket.uid")
    name = serializers.CharField(
        source="ticket.name", help_text="The tracker's key, or the number on the board."
    )
    title = serializers.CharField()
    is_whole = serializers.BooleanField(help_text="Whether the caller sees all that it is about.")
    organization = serializers.UUIDField(source="ticket.organization.uid")
    connection = serializers.UUIDField(source="ticket.connection.uid")
    project = serializers.CharField(source="ticket.project", allow_blank=True)
    external_id = serializers.CharField(
        source="ticket.external_id", allow_blank=True, help_text="Empty: its issue is not known."
    )
    url = serializers.CharField(source="ticket.url", allow_blank=True)
    severity = serializers.ChoiceField(source="ticket.severity", choices=SEVERITIES)
    due_on = serializers.DateField(source="ticket.due_on", allow_null=True)
    team = serializers.CharField(source="ticket.team.name", allow_null=True, default=None)
    assignee = serializers.CharField(source="ticket.assignee", allow_blank=True)
    status = serializers.ChoiceField(
        source="ticket.status", choices=TicketStatus.choices, help_text="What people say."
    )
    status_name = serializers.CharField(
        source="ticket.status_name", allow_blank=True, help_text="In the tracker's words."
    )
    wont_do = serializers.BooleanField(source="ticket.wont_do")
    is_live = serializers.BooleanField(
        source="ticket.is_live", help_text="False: evidence has closed the last of its findings."
    )
    findings_total = serializers.IntegerField()
    findings_open = serializers.IntegerField()
    findings_verified = serializers.IntegerField()
    opened_at = serializers.DateTimeField(source="ticket.opened_at")
    changed_at = serializers.DateTimeField(source="ticket.changed_at")
    closed_at = serializers.DateTimeField(source="ticket.closed_at", allow_null=True)
    detached_at = serializers.DateTimeField(
        source="ticket.detached_at", allow_null=True, help_text="Since then its issue is gone."
    )


class TicketFindingSerializer(serializers.Serializer[Episode]):
    uid = serializers.UUIDField(source="finding.uid")
    check_id = serializers.CharField(source="finding.check_id")
    severity = serializers.ChoiceField(source="finding.severity", choices=SEVERITIES)
    account_id = serializers.CharField(source="finding.account.account_id")
    region = serializers.CharField(source="finding.region")
    resource = serializers.CharField(source="finding.resource")
    message = serializers.CharField(source="finding.message", allow_blank=True)
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, episode: Episode) -> str:
        """open, claimed, or why it was closed: verified is by evidence"""
        return line_of(episode).state


class TicketSerializer(TicketBriefSerializer):
    """A ticket with its words and findings, as far as the caller may know them."""

    opened_by = serializers.CharField(
        source="ticket.opened_by.username", allow_null=True, default=None
    )
    route = serializers.SerializerMethodField()
    predecessor = serializers.SerializerMethodField()
    has_own_title = serializers.BooleanField(
        source="ticket.has_own_title", help_text="False: the title follows the findings."
    )
    note = serializers.CharField(allow_blank=True)
    body = serializers.CharField(
        allow_blank=True, help_text="Markdown of what is to be done, as trackers are told."
    )
    findings = TicketFindingSerializer(source="episodes", many=True)
    blocked_reason = serializers.SerializerMethodField()

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_route(self, told: TicketTold) -> str | None:
        """By which it was opened; told to those who see all of the ticket."""
        return str(told.ticket.route.uid) if told.is_whole and told.ticket.route else None

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_predecessor(self, told: TicketTold) -> str | None:
        """The ticket that this one goes on from, if the caller may see it."""
        before = told.ticket.predecessor
        seen = Ticket.objects.visible_to(self.context["request"].user)
        return str(before.uid) if before and seen.filter(pk=before.pk).exists() else None

    def get_blocked_reason(self, told: TicketTold) -> str:
        """Why the tracker does not take what is wanted; empty where it does"""
        return told.ticket.blocked_reason if told.is_whole else ""


class TicketCommentSerializer(serializers.ModelSerializer[TicketComment]):
    origin = serializers.ChoiceField(choices=TicketComment.Origin.choices)
    author = serializers.CharField(source="author_name")
    body = serializers.CharField(help_text="Markdown.")

    class Meta:
        model = TicketComment
        fields = ("uid", "at", "origin", "author", "body", "external_id")
        read_only_fields = fields


class SyncEventSerializer(serializers.ModelSerializer[SyncEvent]):
    class Meta:
        model = SyncEvent
        fields = ("at", "direction", "operation", "who", "field", "old", "new", "why", "error")
        read_only_fields = fields


class DriftLineSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(
        help_text="A field, or: issue (gone), blocked, not sent, status (opened by them)."
    )
    ours = serializers.CharField(allow_blank=True)
    theirs = serializers.CharField(allow_blank=True)
    can_take_theirs = serializers.BooleanField()


class DriftSerializer(serializers.Serializer[Ticket]):
    """A ticket that differs from its issue, where nothing settles it by itself."""

    ticket = serializers.UUIDField(source="uid")
    name = serializers.CharField()
    lines = serializers.SerializerMethodField()

    @extend_schema_field(DriftLineSerializer(many=True))
    def get_lines(self, ticket: Ticket) -> Any:
        return DriftLineSerializer(drift_lines(ticket), many=True).data
