"""What administrators set: schedules, parameters of checks, declared tools, attestations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import Target
from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import AdministeredAdmin, ScopedAdmin, person_of
from findings.checks.base import built_in
from findings.checks.parameters import ParameterError
from findings.models import Attestation, DeclaredTool, ParameterOverride, Schedule
from findings.planning import Selection, SelectionError
from findings.scheduling import ScheduleError
from findings.services.overrides import override_remove, override_set, refuse_value
from findings.services.schedules import FIELDS, schedule_delete, schedule_save

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

RUNS = ("next_run_at", "last_run_at", "last_scan")


class ScheduleForm(ModelForm):
    class Meta:
        model = Schedule
        fields = ("organization", *FIELDS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            Selection.parse(given.get("selection") or {})
            self.instance.selection = given.get("selection") or {}
        except SelectionError as error:
            self.add_error("selection", str(error))
        return given

    def _post_clean(self) -> None:
        """The timetable is of several fields, which the instance has by now."""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook
        try:
            _ = self.instance.timetable
        except ScheduleError as error:
            self.add_error("cron", str(error))


@admin.register(Schedule)
class ScheduleAdmin(AdministeredAdmin):
    form = ScheduleForm
    list_display = ("name", "organization", "cron", "time_zone", "is_active", *RUNS)
    list_filter = (BY_ORGANIZATION, "is_active")
    list_select_related = ("organization", "last_scan__organization")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization", *RUNS] if obj else list(RUNS)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["organization", *FIELDS, *RUNS]

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: Any) -> None:
        schedule_save(actor=person_of(request), schedule=obj, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        schedule_delete(actor=person_of(request), schedule=obj, now=timezone.now())


class ParameterOverrideForm(ModelForm):
    class Meta:
        model = ParameterOverride
        fields = ("organization", "ou", "account", "check_id", "parameter", "value", "reason")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        check = given.get("check_id", self.instance.check_id) or ""
        parameter = given.get("parameter", self.instance.parameter)
        try:
            refuse_value(built_in(), check, parameter, given.get("value"))
        except ParameterError as error:
            raise forms.ValidationError(str(error)) from error
        return given


@admin.register(ParameterOverride)
class ParameterOverrideAdmin(AdministeredAdmin):
    form = ParameterOverrideForm
    on_parts = True
    list_display = ("check_id", "parameter", "value", "scope_name", "set_by", "set_at")
    list_filter = (BY_ORGANIZATION,)
    list_select_related = ("organization", "ou", "account", "set_by")
    search_fields = ("check_id", "parameter")
    autocomplete_fields = ("ou", "account")

    SCOPE = ("organization", "ou", "account", "check_id", "parameter")

    def target_of(self, obj: ParameterOverride) -> Target:
        return obj.account or obj.ou or obj.organization

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.SCOPE) if obj else []

    def save_model(
        self, request: HttpRequest, obj: ParameterOverride, form: Any, change: Any
    ) -> None:
        saved = override_set(
            actor=person_of(request),
            organization=obj.organization,
            check=obj.check_id,
            parameter=obj.parameter,
            value=obj.value,
            ou=obj.ou,
            account=obj.account,
            reason=obj.reason,
            now=timezone.now(),
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: ParameterOverride) -> None:
        override_remove(actor=person_of(request), override=obj, now=timezone.now())


@admin.register(DeclaredTool)
class DeclaredToolAdmin(ScopedAdmin):
    """Declared and ended on a page of the portal; here to be read, those that are over, too."""

    list_display = ("name", "kind", "scope_name", "starts_on", "ends_on", "ended_at")
    list_filter = (BY_ORGANIZATION, "kind")
    list_select_related = ("organization", "ou", "account")
    search_fields = ("name", "reason")
    date_hierarchy = "ends_on"


@admin.register(Attestation)
class AttestationAdmin(ScopedAdmin):
    """Made and withdrawn on a page of the portal; here to be read, those that are over, too."""

    list_display = ("best_practice", "scope_name", "starts_at", "ends_at", "withdrawn_at")
    list_filter = (BY_ORGANIZATION, "best_practice")
    list_select_related = ("organization", "ou", "account")
    search_fields = ("best_practice", "statement")
    date_hierarchy = "ends_at"
