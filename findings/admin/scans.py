"""Scans, their accounts and shards, and the alerts about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin, person_of
from accounts.models.reach import reach_of
from findings.models import Alert, Scan, ScanAccount, Shard

OF_ORGANIZATION = ("account__organization", RelatedOnlyFieldListFilter)
TALLY = ("api_calls", "facts", "gaps", "results", "open_findings", "digest")


@admin.register(Scan)
class ScanAdmin(ScopedAdmin):
    list_display = ("requested_at", "organization", "kind", "trigger", "state", "finished_at")
    list_filter = (BY_ORGANIZATION, "kind", "trigger", "state")
    list_select_related = ("organization",)
    date_hierarchy = "requested_at"

    FIELDS = (
        "organization",
        "kind",
        "trigger",
        "requested_by",
        "retry_of",
        "selection",
        "state",
        "error",
        "requested_at",
        "started_at",
        "finished_at",
    )

    def get_fields(self, request: HttpRequest, obj: Scan | None = None) -> list[Any]:
        """The tally counts every account, so it is for those who see them all."""
        is_whole = obj is not None and reach_of(person_of(request)).covers_organization(
            obj.organization
        )
        return [*self.FIELDS, *(TALLY if is_whole else ())]


@admin.register(ScanAccount)
class ScanAccountAdmin(ScopedAdmin):
    list_display = ("scan", "account", "state", "access", "is_baseline")
    list_filter = ("state", OF_ORGANIZATION)
    list_select_related = ("scan__organization", "account")
    search_fields = ("account__account_id", "account__name")
    ordering = ("-scan", "position")


@admin.register(Shard)
class ShardAdmin(ScopedAdmin):
    list_display = ("scan", "account", "region", "state", "attempts", "api_calls", "facts")
    list_filter = ("state", "region", OF_ORGANIZATION)
    list_select_related = ("scan__organization", "account")
    search_fields = ("account__account_id", "account__name")
    exclude = ("token", "manifest")
    ordering = ("-scan", "account", "region")


@admin.register(Alert)
class AlertAdmin(ScopedAdmin):
    list_display = ("raised_at", "organization", "kind", "message", "resolved_at")
    list_filter = (BY_ORGANIZATION, "kind")
    list_select_related = ("organization",)
