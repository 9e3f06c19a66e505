"""What a caller misspells is refused by its name instead of being overlooked."""

from collections.abc import Mapping
from typing import Any

from django.db.models import DateTimeField, Q
from django.forms.utils import ErrorDict, ErrorList
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings

from portal.instants import InstantField

OF_EVERY_LIST = ("cursor", "page_size", "updated_since", api_settings.URL_FORMAT_OVERRIDE)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not have; those that it only shows are overlooked."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            message = f"There is no such field. There are: {known}."
            raise serializers.ValidationError({name: [message] for name in sorted(unknown)})
        return super().to_internal_value(data)


def validated(serializer: type[StrictSerializer], given: Any) -> dict[str, Any]:
    """What a body says, in the words of a serializer. Raises ValidationError by field."""
    asked = serializer(data=given)
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = asked.validated_data
    return found


def refuse_parameters(request: Request, *known: str) -> None:
    """For a list that has no filters, but these parameters. Raises ValidationError by parameter."""
    unknown = set(request.query_params) - {"page_size", api_settings.URL_FORMAT_OVERRIDE, *known}
    if unknown:
        message = "There is no such filter: this list is whole."
        raise serializers.ValidationError({name: [message] for name in sorted(unknown)})


class InstantFilter(filters.DateTimeFilter):
    field_class = InstantField


class StrictFilterSet(filters.FilterSet):
    """Refuses parameters that no filter has, whose answer would look narrowed and is not."""

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        DateTimeField: {"filter_class": InstantFilter},
    }

    def is_valid(self) -> bool:
        return not self._unknown() and super().is_valid()

    @property
    def errors(self) -> Any:
        told: ErrorDict = ErrorDict(self.form.errors)
        known = ", ".join(self.filters)
        for name in self._unknown():
            told[name] = ErrorList([f"There is no such filter. There are: {known}."])
        return told

    def _unknown(self) -> list[str]:
        return sorted(set(self.data or ()) - set(self.filters) - set(OF_EVERY_LIST))


class UnitFilter(filters.CharFilter):
    """Narrows to the accounts of an OU, given by its path, and of all below."""

    def __init__(self, account: str = "") -> None:
        super().__init__(label="Path of an OU, such as Workloads/Prod; with all below.")
        self.path = f"{account}ou__path"

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        below = Q(**{f"{self.path}__startswith": f"{value}/"})
        return qs.filter(Q(**{self.path: value}) | below)
