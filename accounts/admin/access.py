"""Teams, what they own, who may do what, and the log of who did."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import Target, visible_grants
from accounts.admin.forms import GrantForm, TeamForm
from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import AdministeredAdmin, ScopedAdmin, person_of
from accounts.models import AuditEntry, Grant, OwnershipRule, Team
from accounts.services.grants import grant_save, grant_withdraw
from accounts.services.ownership import ownership_rule_delete, ownership_rule_save
from accounts.services.teams import team_delete, team_save


@admin.register(Team)
class TeamAdmin(AdministeredAdmin):
    form = TeamForm
    list_display = ("name", "organization")
    list_filter = (BY_ORGANIZATION,)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> list[str]:
        return ["organization"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> list[Any]:
        administers = self.has_change_permission(request, obj)
        return ["organization", "name", "members"] if administers else ["organization", "name"]

    def save_model(self, request: HttpRequest, obj: Team, form: TeamForm, change: Any) -> None:
        team_save(
            actor=person_of(request),
            team=obj,
            members=form.cleaned_data["members"],
            now=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        team_delete(actor=person_of(request), team=obj, now=timezone.now())


@admin.register(OwnershipRule)
class OwnershipRuleAdmin(AdministeredAdmin):
    list_display = ("position", "organization", "conditions", "team")
    list_display_links = ("conditions",)
    list_filter = (BY_ORGANIZATION, ("team", RelatedOnlyFieldListFilter))
    list_select_related = ("organization", "team", "ou", "account")
    search_fields = ("team__name", "tag_key", "tag_value", "service", "check_id", "region")
    autocomplete_fields = ("ou", "account")
    ordering = ("organization", "position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization"] if obj else []

    def save_model(self, request: HttpRequest, obj: OwnershipRule, form: Any, change: Any) -> None:
        ownership_rule_save(actor=person_of(request), rule=obj, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: OwnershipRule) -> None:
        ownership_rule_delete(actor=person_of(request), rule=obj, now=timezone.now())


@admin.register(Grant)
class GrantAdmin(AdministeredAdmin):
    form = GrantForm
    on_parts = True
    list_display = ("role", "user", "team", "scope_name", "expires_at")
    list_filter = (BY_ORGANIZATION, "role")
    list_select_related = ("user", "team", "organization", "ou", "accounts_of")
    search_fields = ("user__username", "team__name")
    autocomplete_fields = ("ou",)

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset & visible_grants(user)

    def target_of(self, obj: Grant) -> Target:
        return obj.ou or obj.organization

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: Any) -> None:
        grant_save(actor=person_of(request), grant=obj, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        grant_withdraw(actor=person_of(request), grant=obj, now=timezone.now())


@admin.register(AuditEntry)
class AuditEntryAdmin(ScopedAdmin):
    list_display = ("at", "actor_name", "action", "target_name", "organization")
    list_filter = ("action", BY_ORGANIZATION)
    list_select_related = ("organization",)
    search_fields = ("actor_name", "action", "target_name", "request_id")
    date_hierarchy = "at"
