"""Stored evidence and what was made of it. Bodies are not shown: pages show facts by permission."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.access import scoped
from accounts.admin.scoped import ScopedAdmin
from findings.admin.scans import OF_ORGANIZATION
from findings.models import (
    CallLog,
    CheckSet,
    CheckStatus,
    Evaluation,
    EvidenceBlob,
    FactHistory,
    Manifest,
    Observation,
    RegionState,
    RetentionMark,
)


class SharedAdmin(ScopedAdmin):
    """What is stored once for all organizations is for superusers."""

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()


class OfShardAdmin(ScopedAdmin):
    list_display = ("shard", "created_at")
    list_select_related = ("shard__account",)
    exclude = ("body",)
    ordering = ("-created_at",)

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return scoped(queryset, user, account_field="shard__account")


@admin.register(EvidenceBlob)
class EvidenceBlobAdmin(SharedAdmin):
    exclude = ("body",)
    list_display = ("sha256", "created_at", "referred_at")


@admin.register(FactHistory)
class FactHistoryAdmin(ScopedAdmin):
    exclude = ("body",)
    list_display = ("account", "region", "kind", "until")
    list_filter = (OF_ORGANIZATION, "kind")
    list_select_related = ("account",)
    search_fields = ("account__account_id", "account__name", "region")


@admin.register(Manifest)
class ManifestAdmin(SharedAdmin):
    exclude = ("body",)
    list_display = ("sha256", "created_at")


@admin.register(CheckSet)
class CheckSetAdmin(SharedAdmin):
    list_display = ("sha256", "created_at")


@admin.register(RetentionMark)
class RetentionMarkAdmin(SharedAdmin):
    list_display = ("kind", "before")


@admin.register(Observation)
class ObservationAdmin(OfShardAdmin):
    pass


@admin.register(CallLog)
class CallLogAdmin(OfShardAdmin):
    pass


@admin.register(RegionState)
class RegionStateAdmin(ScopedAdmin):
    list_display = ("account", "region", "state", "since", "checked_at")
    list_filter = ("state", "region", OF_ORGANIZATION)
    list_select_related = ("account",)
    search_fields = ("account__account_id", "account__name")


@admin.register(Evaluation)
class EvaluationAdmin(ScopedAdmin):
    list_display = ("account", "region", "stage", "evaluated_at", "valid_until")
    list_filter = ("stage", "region", OF_ORGANIZATION)
    list_select_related = ("account",)
    search_fields = ("account__account_id", "account__name")

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return scoped(queryset, user)


@admin.register(CheckStatus)
class CheckStatusAdmin(ScopedAdmin):
    list_display = (
        "check_id",
        "account",
        "region",
        "passed",
        "failed",
        "unknown",
        "not_applicable",
    )
    list_filter = ("row", "region", OF_ORGANIZATION)
    list_select_related = ("account",)
    search_fields = ("check_id", "account__account_id", "account__name")
