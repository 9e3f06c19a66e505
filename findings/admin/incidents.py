"""Incidents and what belongs to them, to be read: they are written on pages and by the API."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from accounts.models.reach import reach_of
from findings.models import (
    ActionItem,
    Analysis,
    AnalysisVersion,
    ContributingFactor,
    ForesightEntry,
    Incident,
    IncidentEvent,
    IncidentRole,
    IncidentSequence,
    Learning,
    LearningLabel,
    TimelineEntry,
)
from findings.selectors.incident_events import incident_events_seen


@admin.register(Incident)
class IncidentAdmin(ScopedAdmin):
    list_display = ("key", "title", "severity", "started_at", "resolved_at")
    list_filter = (BY_ORGANIZATION, "severity")
    list_select_related = ("organization",)
    search_fields = ("title", "external_reference")
    date_hierarchy = "started_at"


@admin.register(ActionItem)
class ActionItemAdmin(ScopedAdmin):
    list_display = ("title", "check_id", "state", "due_at", "verified_at")
    list_filter = (BY_ORGANIZATION, "state")
    search_fields = ("title", "check_id")


@admin.register(Learning)
class LearningAdmin(ScopedAdmin):
    list_display = ("__str__", "state", "state_since")
    list_filter = (BY_ORGANIZATION, "state")
    search_fields = ("when", "then", "guard")


@admin.register(
    Analysis,
    ContributingFactor,
    ForesightEntry,
    IncidentRole,
    TimelineEntry,
)
class PartAdmin(ScopedAdmin):
    list_display = ("__str__", "incident")
    list_select_related = ("incident",)


@admin.register(IncidentEvent)
class IncidentEventAdmin(PartAdmin):
    def visible(self, queryset: QuerySet[IncidentEvent], user: User) -> QuerySet[IncidentEvent]:
        return queryset.filter(pk__in=incident_events_seen(user).order_by().values("pk"))


@admin.register(AnalysisVersion)
class AnalysisVersionAdmin(ScopedAdmin):
    list_display = ("number", "analysis", "saved_at", "is_autosave")
    list_select_related = ("analysis__incident",)


@admin.register(LearningLabel)
class LearningLabelAdmin(ScopedAdmin):
    list_display = ("name", "kind", "learning")
    list_filter = ("kind",)


@admin.register(IncidentSequence)
class IncidentSequenceAdmin(ScopedAdmin):
    list_display = ("organization", "last", "last_incident", "followed_until")

    def visible(
        self, queryset: QuerySet[IncidentSequence], user: User
    ) -> QuerySet[IncidentSequence]:
        return queryset.filter(reach_of(user).on_whole_organizations("organization"))
