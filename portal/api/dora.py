from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Organization, OrganizationalUnit, Team
from findings.delivery_history import UNITS, Measure
from findings.models import ScopeKind
from findings.selectors.dora import Dora, Knowledge, dora_of
from findings.selectors.scopes_of_scorecards import scope_named
from portal.api.strict import StrictFilterSet
from portal.api.views import NounViewSet
from portal.people import person_of

DAYS, MOST_DAYS = 90, 1100


class WindowSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class FigureSerializer(serializers.Serializer[Any]):
    measure = serializers.ChoiceField(choices=[measure.value for measure in Measure])
    knowledge = serializers.ChoiceField(
        choices=[one.value for one in Knowledge],
        help_text="known; partial: of what is known; unknown; none: there is nothing to take it of",
    )
    value = serializers.FloatField(source="figure.value", allow_null=True)
    unit = serializers.SerializerMethodField()
    n = serializers.IntegerField(source="figure.n", help_text="Of how many it is taken.")
    window = WindowSerializer(source="figure.window")
    method = serializers.CharField(source="figure.method")

    def get_unit(self, told: Any) -> str:
        return UNITS[told.measure]


class DoraSerializer(serializers.Serializer[Dora]):
    scope_kind = serializers.ChoiceField(choices=ScopeKind.choices, source="scope.kind")
    scope_uid = serializers.UUIDField(source="scope.of.uid")
    scope_name = serializers.CharField(source="scope.name")
    organization = serializers.UUIDField(source="scope.organization.uid")
    is_whole = serializers.BooleanField(
        source="scope.is_whole", help_text="Whether you see all accounts of the scope."
    )
    accounts = serializers.IntegerField(help_text="Those of the scope that you see.")
    sources = serializers.IntegerField(help_text="Pipelines and regions that deploy to production.")
    days = serializers.IntegerField()
    evidence_at = serializers.DateTimeField(
        allow_null=True, help_text="When the oldest evidence was collected; null: there is none."
    )
    missing = serializers.DictField(
        child=serializers.IntegerField(), help_text="Why something is not known: accounts."
    )
    figures = FigureSerializer(many=True)


class DoraFilter(StrictFilterSet):
    scope_kind = filters.ChoiceFilter(
        choices=ScopeKind.choices, method="as_it_is", label="organization, if left out"
    )
    scope_uid = filters.UUIDFilter(field_name="uid")
    organization = filters.UUIDFilter(method="of_organization")
    days = filters.NumberFilter(
        method="as_it_is", min_value=1, max_value=MOST_DAYS, decimal_places=0, label=f"{DAYS}"
    )

    class Meta:
        fields = ()

    def as_it_is(self, scopes: Any, name: str, value: Any) -> Any:
        """It says what is listed, or over how long."""
        return scopes

    def of_organization(self, scopes: Any, name: str, value: Any) -> Any:
        of = "uid" if scopes.model is Organization else "organization__uid"
        return scopes.filter(**{of: value})


class DoraViewSet(NounViewSet[Any]):
    """The four figures of DORA of organizations, OUs, teams and accounts.

    They are taken over what scans have seen of pipelines and deployments to production, which is
    kept for longer than AWS keeps it; the window ends with the newest evidence.
    """

    serializer_class = DoraSerializer
    filterset_class = DoraFilter

    def get_queryset(self) -> QuerySet[Any]:
        user = self.request.user
        match self.request.query_params.get("scope_kind"):
            case ScopeKind.OU:
                return OrganizationalUnit.objects.visible_to(user).present()
            case ScopeKind.TEAM:
                return Team.objects.visible_to(user)
            case ScopeKind.ACCOUNT:
                return Account.objects.visible_to(user).members()
        return Organization.objects.visible_to(user)

    @extend_schema(responses=DoraSerializer(many=True))
    def list(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        kind = request.query_params.get("scope_kind") or ScopeKind.ORGANIZATION
        named = (scope_named(person_of(request), f"{kind}:{row.uid}") for row in rows)
        days = int(float(request.query_params.get("days") or DAYS))
        told = dora_of([scope for scope in named if scope], days=days, now=timezone.now())
        return self.get_paginated_response(self.get_serializer(told, many=True).data)
