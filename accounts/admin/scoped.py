"""Base classes of every admin page of Cairn: what a person sees and does there follows grants.

Django's own model permissions are not asked: a member of staff sees rows that ``access`` makes
visible, and the rest of an admin page (counts, search, filters, lookups in the address,
autocompletion, choices in forms) is narrowed to the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from accounts.access import Permission, Target, can, reach_of
from accounts.models import Account, Organization, OrganizationalUnit, Team
from accounts.models.reach import NOTHING

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


def person_of(request: HttpRequest) -> User:
    """The person signed in; the admin lets in nobody who is not."""
    if not isinstance(request.user, User):
        raise TypeError("the admin is for people who are signed in")
    return request.user


class ScopedAdmin(ModelAdmin):
    """Shows what the person may see and lets nobody change it, superusers included."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        """The rows that the person may see, in the words of the model's own QuerySet."""
        seen: QuerySet[Any] = queryset.visible_to(user)  # type: ignore[attr-defined]  # by contract
        return seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.visible(super().get_queryset(request), person_of(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only lookups of filters shown: Django lets any column of the model be probed."""
        filters = self.get_list_filter(request)
        names = [item[0] if isinstance(item, tuple) else item for item in filters]
        if self.date_hierarchy:
            names.append(self.date_hierarchy)
        is_shown = any(f"{lookup}__".startswith(f"{name}__") for name in names)
        return is_shown and super().lookup_allowed(lookup, value, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return reach_of(request.user) != NOTHING

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is None:
            return self.has_module_permission(request)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AdministeredAdmin(ScopedAdmin):
    """Lets those change a row who administer what it belongs to; services do it and audit it."""

    on_parts = False
    """Whether administering an OU or a team's accounts is enough to begin."""
    may_add = True
    may_delete = True

    def target_of(self, obj: Any) -> Target:
        """What has to be administered for changing the row."""
        organization: Organization = obj.organization
        return organization

    def _administers(self, request: HttpRequest, obj: Model | None) -> bool:
        if obj is not None:
            return can(request.user, Permission.ADMINISTER, self.target_of(obj))
        reach = reach_of(request.user, Permission.ADMINISTER)
        return reach != NOTHING if self.on_parts else reach.is_on_whole_organizations

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._administers(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self._administers(request, obj)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Only what the person administers can be chosen, whatever the form is sent."""
        kwargs["queryset"] = choices_for(person_of(request), db_field.related_model)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def choices_for(user: User, model: type[Model]) -> QuerySet[Any]:
    """The rows of a model that a person may name when changing something."""
    reach = reach_of(user, Permission.ADMINISTER)
    organizations = Organization.objects.filter(reach.on_organizations())
    if model is Organization:
        return organizations
    if model is Team:
        return Team.objects.filter(organization__in=organizations)
    if model is OrganizationalUnit:
        return OrganizationalUnit.objects.present().filter(reach.on_units())
    if model is Account:
        return Account.objects.filter(reach.on_accounts())
    raise TypeError(f"say here which {model.__name__} a person may choose")
