"""Tickets, connections and routes. Credentials are never shown; services write all but rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import AdministeredAdmin, ScopedAdmin, person_of
from findings.models import (
    Connection,
    ConnectionProject,
    ConnectionTrial,
    InboundDelivery,
    OutboxMessage,
    Route,
    SlaRule,
    SuggestionDismissal,
    SyncEvent,
    Ticket,
    TicketComment,
    TicketEvent,
    TicketFeed,
    TicketFinding,
    TicketPlace,
    TicketSequence,
)
from findings.services.due_dates import sla_rule_delete, sla_rule_save


class OfInstallationAdmin(ScopedAdmin):
    """Rows of Cairn's own keeping are for superusers."""

    list_display = ("organization",)

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()


class WholeAdmin(ScopedAdmin):
    """What may tell of every account of a ticket is for those who see them all."""

    list_select_related = ("ticket",)
    show_full_result_count = False


@admin.register(Connection)
class ConnectionAdmin(ScopedAdmin):
    """Set up on a page of the portal; here to be read, without its credentials."""

    list_display = ("name", "organization", "kind", "base_url", "is_active", "health", "checked_at")
    list_filter = (BY_ORGANIZATION, "kind", "is_active", "health")
    list_select_related = ("organization",)
    search_fields = ("name",)


@admin.register(ConnectionProject)
class ConnectionProjectAdmin(ScopedAdmin):
    list_display = ("project", "connection", "polled_at", "breaker_until", "failures", "error")
    list_select_related = ("connection",)
    search_fields = ("project",)


@admin.register(ConnectionTrial)
class ConnectionTrialAdmin(ScopedAdmin):
    list_display = ("asked_at", "connection", "asked_by", "project", "finished_at", "error")
    list_select_related = ("connection", "asked_by")
    raw_id_fields = ("finding", "ticket")


@admin.register(InboundDelivery)
class InboundDeliveryAdmin(ScopedAdmin):
    list_display = ("received_at", "connection", "delivery_id", "status", "processed_at")
    list_filter = ("status",)
    list_select_related = ("connection",)
    search_fields = ("delivery_id",)
    show_full_result_count = False


@admin.register(Route)
class RouteAdmin(ScopedAdmin):
    """Saved on a page of the portal, after a simulation; here to be read."""

    list_display = ("position", "name", "organization", "connection", "project", "mode", "held_at")
    list_filter = (BY_ORGANIZATION, "mode", "grouping")
    list_select_related = ("organization", "connection")
    search_fields = ("name",)


@admin.register(SuggestionDismissal)
class SuggestionDismissalAdmin(ScopedAdmin):
    list_display = ("at", "route", "by")
    list_select_related = ("route", "by")
    raw_id_fields = ("episode",)
    show_full_result_count = False


@admin.register(SlaRule)
class SlaRuleAdmin(AdministeredAdmin):
    list_display = ("severity", "environment", "days", "organization")
    list_filter = (BY_ORGANIZATION, "severity")
    list_select_related = ("organization",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization"] if obj else []

    def save_model(self, request: HttpRequest, obj: SlaRule, form: Any, change: Any) -> None:
        sla_rule_save(actor=person_of(request), rule=obj, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: SlaRule) -> None:
        sla_rule_delete(actor=person_of(request), rule=obj, now=timezone.now())


@admin.register(Ticket)
class TicketAdmin(ScopedAdmin):
    """Those that a person sees as a whole: its row tells of all its findings."""

    list_display = ("name", "title", "organization", "connection", "status", "severity", "due_on")
    list_filter = (BY_ORGANIZATION, "status", "severity", "wont_do")
    list_select_related = ("organization", "connection")
    search_fields = ("key", "title")
    raw_id_fields = ("predecessor", "opened_in")
    exclude = ("lease_token", "base", "desired")
    show_full_result_count = False

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset.filter(pk__in=Ticket.objects.whole_to(user))


@admin.register(TicketFinding)
class TicketFindingAdmin(ScopedAdmin):
    list_display = ("ticket", "finding", "added_at", "is_live")
    list_filter = ("is_live",)
    list_select_related = ("ticket", "finding__account")
    show_full_result_count = False


@admin.register(TicketPlace)
class TicketPlaceAdmin(ScopedAdmin):
    list_display = ("ticket", "account", "state", "message")
    list_filter = ("state",)
    list_select_related = ("ticket", "account")


@admin.register(TicketComment)
class TicketCommentAdmin(WholeAdmin):
    list_display = ("at", "ticket", "origin", "author_name")
    list_filter = ("origin",)


@admin.register(TicketEvent)
class TicketEventAdmin(ScopedAdmin):
    list_display = ("at", "number", "kind", "ticket", "actor", "who")
    list_filter = (BY_ORGANIZATION, "kind")
    list_select_related = ("ticket", "actor")
    date_hierarchy = "at"
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(OutboxMessage)
class OutboxMessageAdmin(WholeAdmin):
    list_display = ("ticket", "kind", "status", "attempts", "not_before", "last_error")
    list_filter = ("status", "kind")


@admin.register(SyncEvent)
class SyncEventAdmin(WholeAdmin):
    list_display = ("at", "ticket", "direction", "operation", "field", "old", "new", "error")
    list_filter = ("direction", "operation")
    date_hierarchy = "at"


admin.site.register([TicketSequence, TicketFeed], OfInstallationAdmin)
