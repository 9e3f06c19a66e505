"""Findings and their history: read only, because only evidence and services write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import Episode, EventSequence, Finding, FindingEvent

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Episode, Finding]
else:
    TabularInline = admin.TabularInline


class EpisodeInline(TabularInline):
    model = Episode
    fields = ("number", "opened_at", "open_cause", "closed_at", "close_cause", "workflow")
    can_delete = False
    extra = 0

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True  # who sees the finding sees its episodes

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Finding)
class FindingAdmin(ScopedAdmin):
    list_display = ("check_id", "account", "region", "resource", "severity", "is_open", "opened_at")
    list_filter = (BY_ORGANIZATION, "is_open", "severity", "row", "evidence_status")
    list_select_related = ("account",)
    search_fields = ("check_id", "resource", "account__account_id", "account__name")
    inlines = (EpisodeInline,)
    exclude = ("severity_rank",)
    show_full_result_count = False


@admin.register(Episode)
class EpisodeAdmin(ScopedAdmin):
    list_display = ("finding", "number", "opened_at", "open_cause", "closed_at", "close_cause")
    list_filter = (
        "open_cause",
        "close_cause",
        "workflow",
        ("finding__organization", RelatedOnlyFieldListFilter),
    )
    list_select_related = ("finding__account",)
    search_fields = ("finding__check_id", "finding__resource")
    raw_id_fields = ("finding", "predecessor")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(FindingEvent)
class FindingEventAdmin(ScopedAdmin):
    list_display = ("at", "number", "kind", "cause", "finding", "actor")
    list_filter = (BY_ORGANIZATION, "kind", "cause")
    list_select_related = ("finding__account", "actor")
    search_fields = ("finding__check_id", "finding__resource")
    date_hierarchy = "at"
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(EventSequence)
class EventSequenceAdmin(ScopedAdmin):
    list_display = ("organization", "last")

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()
