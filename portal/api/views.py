"""What the endpoints of every noun have in common."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organization, TokenScope
from portal.api.idempotency import AnsweredOnce
from portal.api.strict import OF_EVERY_LIST, refuse_parameters
from portal.api.versions import Versioned
from portal.people import person_of

M = TypeVar("M", bound=Model)


class NounViewSet(AnsweredOnce[M], Versioned[M]):
    """Objects are addressed by their uid; filters narrow lists alone.

    What else every noun has, and what a viewset says for it: pages (``changed_field``, see
    ``Pages``), versions (``requires_if_match``, ``answer``), ``Idempotency-Key``
    (``answers_with_a_secret``), many items at once (``answer_each``), scopes of tokens
    (``write_scope``, see ``TokenScopes``).
    """

    write_scope = TokenScope.ADMIN
    changed_field = ""
    lookup_field = "uid"
    lookup_value_converter = "uuid"

    def filter_queryset(self, queryset: QuerySet[M, Any]) -> QuerySet[M, Any]:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def answer_page(self, rows: Any, told: type[serializers.Serializer[Any]]) -> Response:
        """A page of a list that has no filters; one that somebody thinks it has is refused."""
        refuse_parameters(self.request, *OF_EVERY_LIST)
        return self.get_paginated_response(told(self.paginate_queryset(rows), many=True).data)


def organization_named(request: Request, uid: Any) -> Organization:
    """The organization of a body, if the caller may see any of it."""
    found = Organization.objects.visible_to(person_of(request)).filter(uid=uid).first()
    if found is None:
        raise NotFound(f"There is no organization {uid}, or you may not see it.")
    return found
