"""What is known of deliveries to production: read only, it is what was seen."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter

from accounts.admin.scoped import ScopedAdmin
from findings.models import DeliveryRecord, ProductionChange

BY_ORGANIZATION = ("account__organization", RelatedOnlyFieldListFilter)


@admin.register(DeliveryRecord)
class DeliveryRecordAdmin(ScopedAdmin):
    list_display = ("account", "evidence_at", "gaps")
    list_filter = (BY_ORGANIZATION,)
    list_select_related = ("account",)
    search_fields = ("account__account_id", "account__name")


@admin.register(ProductionChange)
class ProductionChangeAdmin(ScopedAdmin):
    list_display = ("ended_at", "account", "source", "change_id", "succeeded", "is_rollback")
    list_filter = (BY_ORGANIZATION, "succeeded", "is_rollback")
    list_select_related = ("account",)
    search_fields = ("account__account_id", "source", "change_id")
    date_hierarchy = "ended_at"
