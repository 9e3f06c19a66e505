from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Organization
from findings.models import Connection, Route
from findings.services.route_simulation import route_simulate
from findings.services.routes import (
    FIELDS,
    route_delete,
    route_release,
    route_save,
    routes_order,
)
from findings.ticketing.selector import RouteSelector
from portal.api.fields import OrganizationField
from portal.api.naming import one_seen
from portal.api.route_suggestions import RouteSuggestions
from portal.api.strict import StrictFilterSet, StrictSerializer, validated
from portal.api.views import organization_named
from portal.people import person_of

MOST = 1000


class RouteSerializer(StrictSerializer, serializers.ModelSerializer[Route]):
    organization = OrganizationField()
    connection = serializers.UUIDField(source="connection.uid")
    selector = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Narrows findings: rows, checks, severities, ous, teams, environments.",
    )
    labels = serializers.ListField(child=serializers.CharField(max_length=50), required=False)
    severity_map = serializers.DictField(child=serializers.CharField(), required=False)
    status_map = serializers.DictField(child=serializers.CharField(), required=False)
    field_map = serializers.DictField(required=False)

    class Meta:
        model = Route
        read_only_fields = ("uid", "position", "auto_since", "held_at", "held_reason")
        fields = (
            "organization",
            *FIELDS,
            *read_only_fields,
        )
        validators = ()  # the service knows the rules

    def validate_organization(self, uid: Any) -> Organization:
        return organization_named(self.context["request"], uid)


class OrderSerializer(StrictSerializer):
    organization = serializers.UUIDField()
    routes = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST, help_text="Every route of it, each once."
    )


class ReleaseSerializer(StrictSerializer):
    opens = serializers.BooleanField(
        help_text="Open all that wait; false: only what opens from now on gets tickets."
    )


class ReleasedSerializer(serializers.Serializer[Any]):
    opened = serializers.IntegerField(help_text="Tickets.")


class SimulationSerializer(serializers.Serializer[Any]):
    """What a route would have opened by itself in the last 30 days."""

    since = serializers.DateTimeField()
    findings = serializers.IntegerField()
    tickets = serializers.IntegerField()
    most_in_a_day = serializers.IntegerField(help_text="Compare it with max_new.")
    by_key = serializers.DictField(
        child=serializers.IntegerField(), help_text="Findings of each ticket, the most first."
    )


class RouteFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    connection = filters.UUIDFilter(field_name="connection__uid")

    class Meta:
        model = Route
        fields = ("name", "mode", "project")


class RouteViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RouteSuggestions,
):
    """Where tickets about findings go; seen by who sees the whole organization.

    The first route of the order that takes a finding has it.
    """

    http_method_names = ("get", "post", "patch", "delete", "head", "options")
    serializer_class = RouteSerializer
    filterset_class = RouteFilter

    def get_queryset(self) -> QuerySet[Route]:
        seen = Route.objects.visible_to(self.request.user)
        return seen.select_related("organization", "connection")

    def perform_create(self, serializer: BaseSerializer[Route]) -> None:
        self._save(serializer, Route())

    def perform_update(self, serializer: BaseSerializer[Route]) -> None:
        self._save(serializer, self.get_object())

    def perform_destroy(self, instance: Route) -> None:
        route_delete(actor=person_of(self.request), route=instance, now=timezone.now())

    def _save(self, serializer: BaseSerializer[Route], route: Route) -> None:
        serializer.instance = route_save(
            actor=person_of(self.request),
            route=self._described(serializer, route),
            now=timezone.now(),
        )

    def _described(self, serializer: BaseSerializer[Route], route: Route) -> Route:
        """As a body says it, unsaved."""
        given = dict(serializer.validated_data)
        if "connection" in given:
            seen = Connection.objects.visible_to(self.request.user)
            route.connection = one_seen("connection", seen, given.pop("connection")["uid"])
        for name, value in given.items():
            setattr(route, name, value)
        RouteSelector.parse(route.selector)  # a simulation saves nothing that would refuse it
        return route

    @extend_schema(request=OrderSerializer, responses=RouteSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Put all routes of an organization into an order."""
        given = validated(OrderSerializer, request.data)
        organization = organization_named(request, given["organization"])
        seen = self.get_queryset().filter(organization=organization)
        routes = [one_seen("route", seen, uid) for uid in given["routes"]]
        routes_order(
            actor=person_of(request),
            organization=organization,
            routes=routes,
            now=timezone.now(),
        )
        ordered = seen.order_by("position", "id")
        return Response(self.get_serializer(ordered, many=True).data)

    @extend_schema(request=RouteSerializer, responses=SimulationSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def simulate(self, request: Request) -> Response:
        """What a route of this body would have opened in the last 30 days; saves nothing."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._simulated(self._described(serializer, Route()))

    @extend_schema(
        operation_id="routes_simulate_stored", request=None, responses=SimulationSerializer
    )
    @action(detail=True, methods=["post"], url_path="simulate")
    def simulate_stored(self, request: Request, uid: str) -> Response:
        """What this route would have opened in the last 30 days; saves nothing."""
        return self._simulated(self.get_object())

    def _simulated(self, route: Route) -> Response:
        found = route_simulate(actor=person_of(self.request), route=route, now=timezone.now())
        return Response(SimulationSerializer(asdict(found)).data)

    @extend_schema(request=ReleaseSerializer, responses={200: ReleasedSerializer})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, uid: str) -> Response:
        """Let a route go on that stopped because it would have opened too many tickets."""
        route, given = self.get_object(), validated(ReleaseSerializer, request.data)
        opened = route_release(
            actor=person_of(request), route=route, opens=given["opens"], now=timezone.now()
        )
        return Response({"opened": opened}, status=status.HTTP_200_OK)
