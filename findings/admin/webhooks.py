"""Webhooks are set up by their owners; here they and what they were told are read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import WebhookDelivery, WebhookEndpoint, WebhookFeed, WebhookMessage


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ScopedAdmin):
    list_display = ("name", "organization", "owner", "is_active", "failing_since")
    list_filter = (BY_ORGANIZATION, "is_active")
    list_select_related = ("organization", "owner")
    search_fields = ("name", "url")


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ScopedAdmin):
    list_display = ("__str__", "status", "attempts", "created_at")
    list_filter = ("status", "type")
    list_select_related = ("endpoint",)
    search_fields = ("uid", "event")
    date_hierarchy = "created_at"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ScopedAdmin):
    list_display = ("__str__", "at", "answer_status", "milliseconds", "error")
    list_select_related = ("message__endpoint",)


@admin.register(WebhookFeed)
class WebhookFeedAdmin(ScopedAdmin):
    list_display = ("organization", "finding_event", "ticket_event", "incident_event")
    list_select_related = ("organization",)

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()
