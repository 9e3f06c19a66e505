from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.scoped import ScopedAdmin, person_of
from accounts.models import ApiToken
from accounts.services.tokens import token_revoke


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    list_display = (
        "prefix",
        "name",
        "user",
        "scopes",
        "is_limited",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    ordering = ("-id",)
    actions = ("revoke",)  # type: ignore[assignment]  # the base class offers none

    @admin.action(description="Revoke selected API tokens")
    def revoke(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        tokens = list(chosen)
        for token in tokens:
            token_revoke(actor=person_of(request), token=token, now=timezone.now())
        self.message_user(request, f"{len(tokens)} revoked.", messages.SUCCESS)
