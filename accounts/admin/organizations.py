"""Organizations, their OUs and accounts, and what happened to those."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import Permission, Target, can
from accounts.admin.scoped import AdministeredAdmin, ScopedAdmin, person_of
from accounts.models import Account, AccountEvent, Membership, Organization, OrganizationalUnit
from accounts.services.accounts import account_exclude, account_include
from accounts.services.organizations import SETTINGS, organization_save
from accounts.states import AccountEventKind

SYNCED = ("aws_organization_id", "last_synced_at", "last_sync_error", "last_sync_failed_at")
PERSONAL = "(personal)"
BY_ORGANIZATION = ("organization", RelatedOnlyFieldListFilter)


@admin.register(Organization)
class OrganizationAdmin(AdministeredAdmin):
    list_display = ("name", "partition", "management_account_id", "last_synced_at")
    list_filter = ("partition",)
    search_fields = ("name", "management_account_id", "aws_organization_id")
    readonly_fields = SYNCED
    may_delete = False

    def target_of(self, obj: Organization) -> Target:
        return obj

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can(person_of(request), Permission.ADMINISTER)

    def get_fields(self, request: HttpRequest, obj: Organization | None = None) -> list[Any]:
        """How the accounts are entered is for those who administer them."""
        if self.has_change_permission(request, obj):
            return [*SETTINGS, *SYNCED]
        hidden = {"role_name", "external_id", "session_name", "session_tags"}
        return [name for name in (*SETTINGS, *SYNCED) if name not in hidden]

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: Any) -> None:
        organization_save(actor=person_of(request), organization=obj, now=timezone.now())


@admin.register(OrganizationalUnit)
class OrganizationalUnitAdmin(ScopedAdmin):
    list_display = ("path", "organization", "aws_id", "removed_at")
    list_filter = (BY_ORGANIZATION,)
    search_fields = ("path", "aws_id")
    fields = ("organization", "name", "path", "aws_id", "removed_at")


@admin.register(Account)
class AccountAdmin(AdministeredAdmin):
    list_display = ("account_id", "name", "state", "ou", "owner_team", "excluded", "role_health")
    list_filter = (
        BY_ORGANIZATION,
        "state",
        "excluded",
        "role_health",
        "environment",
        "source",
        ("owner_team", RelatedOnlyFieldListFilter),
    )
    list_select_related = ("ou", "owner_team")
    search_fields = ("account_id", "name")
    ordering = ("organization", "account_id")
    on_parts = True
    may_add = False
    may_delete = False

    FIELDS = (
        "organization",
        "account_id",
        "name",
        "email",
        "state",
        "source",
        "ou",
        "tags",
        "environment",
        "owner_team",
        "excluded",
        "excluded_reason",
        "role_health",
        "role_health_message",
        "role_tested_at",
        "joined_at",
        "left_at",
    )

    def target_of(self, obj: Account) -> Target:
        return obj

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> list[Any]:
        sees_personal = obj and can(person_of(request), Permission.VIEW_PERSONAL, obj)
        return [name for name in self.FIELDS if sees_personal or name != "email"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.FIELDS if not name.startswith("excluded")]

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: Any) -> None:
        actor, now = person_of(request), timezone.now()
        if obj.excluded:
            account_exclude(actor=actor, account=obj, reason=obj.excluded_reason, now=now)
        else:
            account_include(actor=actor, account=obj, now=now)


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    list_display = ("account", "ou", "started_at", "ended_at")
    list_filter = (("account__organization", RelatedOnlyFieldListFilter),)
    list_select_related = ("account", "ou")
    search_fields = ("account__account_id", "account__name")


@admin.register(AccountEvent)
class AccountEventAdmin(ScopedAdmin):
    list_display = ("at", "account", "kind", "was", "became")
    fields = ("account", "kind", "at", "actor", "was", "became")
    readonly_fields = ("was", "became")
    list_filter = ("kind", ("account__organization", RelatedOnlyFieldListFilter))
    list_select_related = ("account",)
    search_fields = ("account__account_id", "account__name")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        personal = Account.objects.visible_to(person_of(request), Permission.VIEW_PERSONAL)
        is_hidden = Q(kind=AccountEventKind.EMAIL_CHANGED) & ~Q(account__in=personal)
        events: QuerySet[Any] = super().get_queryset(request)
        shown: QuerySet[Any] = events.annotate(
            is_hidden=ExpressionWrapper(is_hidden, BooleanField())
        )
        return shown

    def was(self, event: Any) -> Any:
        return PERSONAL if event.is_hidden else event.before

    def became(self, event: Any) -> Any:
        return PERSONAL if event.is_hidden else event.after
