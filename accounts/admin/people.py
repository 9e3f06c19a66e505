"""People: for superusers only, because who may edit people may become anybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import Permission, can
from accounts.admin.scoped import person_of
from accounts.services.audit import audit_record, fields_of

if TYPE_CHECKING:
    BaseAdmin = UserAdmin[User]
else:
    BaseAdmin = UserAdmin

State = dict[str, object] | None

# What people may do comes from grants; Django's groups and model permissions would do nothing.
admin.site.unregister(Group)
admin.site.unregister(User)

RIGHTS = ("username", "is_active", "is_staff", "is_superuser")


@admin.register(User)
class PersonAdmin(BaseAdmin):
    list_display = ("username", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can(request.user, Permission.ADMINISTER)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_module_permission(request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        stored = User.objects.get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        before, after = _state(stored, form.changed_data), _state(obj, form.changed_data)
        if form.changed_data:
            self._audit(request, "person.change" if change else "person.create", obj, before, after)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> LogEntry:
        """The page that sets a password saves by itself, and only tells here what it did."""
        if message == [{"changed": {"fields": ["password"]}}]:
            self._audit(request, "person.set_password", obj, None, None)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self._audit(request, "person.delete", obj, _state(obj), None)
        super().delete_model(request, obj)

    def _audit(
        self, request: HttpRequest, action: str, person: User, before: State, after: State
    ) -> None:
        audit_record(
            actor=person_of(request),
            action=action,
            target=person,
            before=before,
            after=after,
            now=timezone.now(),
        )


def _state(person: User | None, changed: Iterable[str] = ()) -> State:
    """Rights with their values; of personal fields only that they changed."""
    if person is None:
        return None
    return {**fields_of(person, RIGHTS), "changed": sorted(changed)}
