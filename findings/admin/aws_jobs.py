"""Jobs of AWS: their settings by organization, and what became of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import AdministeredAdmin, ScopedAdmin, person_of
from findings.models import AwsJob, AwsJobSettings
from findings.services.aws_job_settings import FIELDS, job_settings_delete, job_settings_save


@admin.register(AwsJobSettings)
class AwsJobSettingsAdmin(AdministeredAdmin):
    list_display = ("organization", *FIELDS)
    list_select_related = ("organization",)
    fields = ("organization", *FIELDS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization"] if obj else []

    def save_model(self, request: HttpRequest, obj: AwsJobSettings, form: Any, change: Any) -> None:
        job_settings_save(actor=person_of(request), settings=obj, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: AwsJobSettings) -> None:
        job_settings_delete(actor=person_of(request), settings=obj, now=timezone.now())


@admin.register(AwsJob)
class AwsJobAdmin(ScopedAdmin):
    list_display = (
        "asked_at",
        "account",
        "region",
        "kind",
        "subject_name",
        "state",
        "operation",
        "reason",
        "error",
    )
    list_filter = (BY_ORGANIZATION, "kind", "state", "region")
    list_select_related = ("account",)
    search_fields = ("subject", "account__account_id", "account__name")
    date_hierarchy = "asked_at"
    exclude = ("token",)
    show_full_result_count = False
