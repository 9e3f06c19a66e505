"""Tickets that routes would open: listed, accepted and dismissed through the API."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Permission, visible_accounts
from accounts.models import TokenScope
from findings.models import Route
from findings.models.incident import SEVERITIES
from findings.selectors.ticket_lists import live_tickets_of
from findings.services.suggestions import (
    MOST,
    Suggestion,
    suggestions_accept,
    suggestions_dismiss,
    suggestions_of,
    suggestions_restore,
)
from portal.api.bulk import BulkAnswerSerializer, answer_each, items_of
from portal.api.pagination import Whole
from portal.api.strict import StrictSerializer, validated
from portal.api.views import NounViewSet
from portal.people import person_of


class SuggestionSerializer(serializers.Serializer[Any]):
    """A ticket that a route would open."""

    key = serializers.CharField(help_text="What its findings share; by it others are named.")
    severity = serializers.ChoiceField(
        source="worst.severity", choices=SEVERITIES, help_text="Of the worst finding."
    )
    check_id = serializers.CharField(source="worst.check_id", help_text="Of the worst finding.")
    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    accounts = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    may_accept = serializers.SerializerMethodField()

    def get_accounts(self, suggestion: Suggestion) -> int:
        """In how many accounts its findings are."""
        return len(suggestion.accounts)

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_findings(self, suggestion: Suggestion) -> list[str]:
        """The worst first."""
        return [str(finding.uid) for finding in suggestion.findings]

    def get_may_accept(self, suggestion: Suggestion) -> bool:
        """Whether the caller contributes to all of these accounts, and so may dismiss it, too."""
        permitted: set[int] = self.context["permitted"]
        return suggestion.accounts <= permitted


class WhichSerializer(StrictSerializer):
    dismissed = serializers.BooleanField(
        default=False, help_text="Those that were dismissed, instead of those suggested."
    )


class KeySerializer(StrictSerializer):
    key = serializers.CharField(max_length=300)


KEYS = items_of(KeySerializer)


class RouteSuggestions(NounViewSet[Route]):
    """What a route would open; opened and dismissed by contributors to the accounts it is about."""

    @extend_schema(
        parameters=[WhichSerializer],
        responses=SuggestionSerializer(many=True),
        filters=False,
        description=f"Tickets that it would open, from its {MOST} worst open findings.",
    )
    @action(detail=True, pagination_class=Whole)
    def suggestions(self, request: Request, uid: str) -> Response:
        route, given = self.get_object(), validated(WhichSerializer, request.query_params)
        permitted = visible_accounts(request.user, Permission.CONTRIBUTE)
        accounts = permitted.filter(organization=route.organization_id)
        context = {"permitted": set(accounts.values_list("pk", flat=True))}
        told = SuggestionSerializer(suggestions_of(route, **given), many=True, context=context)
        return self.get_paginated_response(told.data)

    @extend_schema(request=KEYS, responses={207: BulkAnswerSerializer})
    @action(detail=True, methods=["post"], write_scope=TokenScope.TICKETS)
    def accept(self, request: Request, uid: str) -> Response:
        """Open tickets for suggestions, each by itself; the result names the ticket."""
        return self._each(request, self._accept)

    @extend_schema(request=KEYS, responses={207: BulkAnswerSerializer})
    @action(detail=True, methods=["post"], write_scope=TokenScope.TICKETS)
    def dismiss(self, request: Request, uid: str) -> Response:
        """Suggest tickets no more, while the findings they are about stay open."""
        return self._each(request, self._dismiss)

    @extend_schema(request=KEYS, responses={207: BulkAnswerSerializer})
    @action(detail=True, methods=["post"], write_scope=TokenScope.TICKETS)
    def restore(self, request: Request, uid: str) -> Response:
        """Suggest again what was dismissed."""
        return self._each(request, self._restore, dismissed=True)

    def _each(
        self,
        request: Request,
        act: Callable[[Route, Suggestion], dict[str, Any]],
        dismissed: bool = False,
    ) -> Response:
        route = self.get_object()
        known = {one.key: one for one in suggestions_of(route, dismissed=dismissed)}

        def one(item: Mapping[str, Any]) -> dict[str, Any]:
            key = validated(KeySerializer, item)["key"]
            found = known.pop(key, None)
            if found is None:
                raise NotFound(f"There is no such suggestion now: {key}.")
            return {"key": key, **act(route, found)}

        return answer_each(request, one)

    def _accept(self, route: Route, suggestion: Suggestion) -> dict[str, Any]:
        opened = suggestions_accept(**self._asked(route, suggestion))
        ticket = live_tickets_of([suggestion.worst]).get(suggestion.worst.pk)
        return {"opened": opened, "ticket": str(ticket.uid) if ticket else None}

    def _dismiss(self, route: Route, suggestion: Suggestion) -> dict[str, Any]:
        return {"findings": suggestions_dismiss(**self._asked(route, suggestion))}

    def _restore(self, route: Route, suggestion: Suggestion) -> dict[str, Any]:
        return {"findings": suggestions_restore(**self._asked(route, suggestion))}

    def _asked(self, route: Route, suggestion: Suggestion) -> dict[str, Any]:
        return {
            "actor": person_of(self.request),
            "route": route,
            "suggestions": [suggestion],
            "now": timezone.now(),
        }
