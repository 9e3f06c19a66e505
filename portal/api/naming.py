"""Related objects that a body calls by their names."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from rest_framework import serializers

from accounts.models import Account, Organization

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


def accounts_named(user: User, organization: Organization, ids: Iterable[str]) -> list[Account]:
    """The accounts of a body, all of which the caller has to see."""
    wanted = list(dict.fromkeys(ids))
    seen = Account.objects.visible_to(user).filter(organization=organization)
    found = {one.account_id: one for one in seen.filter(account_id__in=wanted)}
    for id_ in wanted:
        if id_ not in found:
            raise serializers.ValidationError({"accounts": f"You see none that is called {id_!r}."})
    return [found[id_] for id_ in wanted]


def one_seen(field: str, among: QuerySet[M], uid: uuid.UUID) -> M:
    """What a body names by its uid, among what the caller sees."""
    found = among.filter(uid=uid).first()
    if found is None:
        told = f"There is no {field} {uid}, or you may not see it."
        raise serializers.ValidationError({field: told})
    return found


def part_named(field: str, among: Any, uid: uuid.UUID) -> Any:
    """The part of a noun that a body names by its uid."""
    found = among.filter(uid=uid).first()
    if found is None:
        raise serializers.ValidationError({field: "There is none of this uid here."})
    return found
