"""Suppressions are asked for and decided in the portal; here they and their history are read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import (
    SuppressedFinding,
    Suppression,
    SuppressionCursor,
    SuppressionEvent,
)


@admin.register(Suppression)
class SuppressionAdmin(ScopedAdmin):
    list_display = ("__str__", "asked_at", "is_approved", "starts_at", "ends_at", "revoked_at")
    list_filter = (BY_ORGANIZATION, "kind", "is_approved")
    list_select_related = ("organization", "ou", "account")
    search_fields = ("check_id", "resource", "reason")
    date_hierarchy = "ends_at"


@admin.register(SuppressedFinding)
class SuppressedFindingAdmin(ScopedAdmin):
    list_display = ("finding", "suppression", "from_at", "until_at")
    list_select_related = (
        "finding__account",
        "suppression__organization",
        "suppression__ou",
        "suppression__account",
    )
    search_fields = ("finding__resource",)


@admin.register(SuppressionEvent)
class SuppressionEventAdmin(ScopedAdmin):
    list_display = ("number", "kind", "suppression", "at", "actor")
    list_filter = (BY_ORGANIZATION, "kind")
    list_select_related = (
        "suppression__organization",
        "suppression__ou",
        "suppression__account",
        "actor",
    )


@admin.register(SuppressionCursor)
class SuppressionCursorAdmin(ScopedAdmin):
    list_display = ("organization", "finding_event", "account_event", "last")

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()
