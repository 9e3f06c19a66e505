"""Daily scores: read only, they are kept as they were."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import ScoreSnapshot


@admin.register(ScoreSnapshot)
class ScoreSnapshotAdmin(ScopedAdmin):
    list_display = ("day", "scope_kind", "scope_name", "row", "score", "coverage", "level")
    list_filter = (BY_ORGANIZATION, "scope_kind", "row")
    list_select_related = ("organization",)
    search_fields = ("scope_name",)
    date_hierarchy = "day"
