"""Related objects that a body calls by their names."""

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

M = TypeVar("M", bound=Model)


def name_given(given: Mapping[str, str | None]) -> str | None:
    """The one value of a related object that a body names."""
    return next(iter(given.values()), None)


def one_named(field: str, among: QuerySet[M], **wanted: str | None) -> M | None:
    """The one that a body names, if it names any."""
    ((_, name),) = wanted.items()
    if name is None:
        return None
    found = list(among.filter(**wanted)[:2])
    if len(found) != 1:
        told = "Several are called" if found else "You see none that is called"
        raise serializers.ValidationError({field: f"{told} {name!r}."})
    return found[0]
