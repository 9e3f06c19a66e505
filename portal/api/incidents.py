from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.access import people_seeing
from accounts.models import Account, TokenScope
from findings.checks.base import built_in
from findings.foresight import Foresight
from findings.incident_times import IncidentState
from findings.models import (
    ContributingFactor,
    Incident,
    IncidentRole,
    TimelineEntry,
)
from findings.selectors.foresight import foresight_report, foresight_told
from findings.selectors.incidents import (
    incidents_seen,
    open_when_it_began,
    people_seeing_incident,
)
from findings.services.foresight import foresight_confirm, foresight_propose
from findings.services.incident_parts import factor_add, part_remove, timeline_add, timeline_star
from findings.services.incidents import incident_change, incident_record
from portal.api.incident_told import (
    ConfirmSerializer,
    FactorSerializer,
    ForesightReportSerializer,
    ForesightSerializer,
    IncidentSerializer,
    OpenThenSerializer,
    PartSerializer,
    StarSerializer,
    TimelineEntrySerializer,
)
from portal.api.naming import accounts_named, part_named
from portal.api.strict import StrictFilterSet
from portal.api.views import NounViewSet
from portal.people import person_of


class IncidentFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    state = filters.ChoiceFilter(
        choices=[(state.value, state.value) for state in IncidentState], method="of_state"
    )
    account_id = filters.CharFilter(field_name="accounts__account_id", distinct=True)

    class Meta:
        model = Incident
        fields = ("severity", "external_reference")

    def of_state(self, rows: Any, _name: str, value: str) -> Any:
        return rows.in_state(IncidentState(value))


class IncidentViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    NounViewSet[Incident],
):
    """What broke; seen by those who see all the accounts that it names.

    Contributors of all of them record and change it; without accounts: of the organization.
    """

    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter
    http_method_names = ("get", "post", "patch", "head", "options")
    write_scope = TokenScope.INCIDENTS
    changed_field = "changed_at"
    requires_if_match = True

    def get_queryset(self) -> QuerySet[Incident]:
        return incidents_seen(self.request.user).prefetch_related("accounts", "roles__user")

    def perform_create(self, serializer: BaseSerializer[Incident]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        organization, now = given["organization"], timezone.now()
        accounts = accounts_named(user, organization, given.pop("accounts", []))
        roles = _roles_named(people_seeing(organization, accounts, now), given.pop("roles", []))
        serializer.instance = incident_record(
            actor=user, incident=Incident(**given), accounts=accounts, roles=roles, now=now
        )

    def perform_update(self, serializer: BaseSerializer[Incident]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        incident = self.get_object()
        if given.pop("organization", incident.organization) != incident.organization:
            told = "An incident stays in its organization."
            raise serializers.ValidationError({"organization": told})
        accounts: list[Account] | None = None
        if "accounts" in given:
            accounts = accounts_named(user, incident.organization, given.pop("accounts"))
        roles: list[tuple[str, User]] | None = None
        if "roles" in given:
            people = people_seeing_incident(incident, timezone.now())
            roles = _roles_named(people, given.pop("roles"), incident.roles.all())
        for name, value in given.items():
            setattr(incident, name, value)
        incident_change(
            actor=user, incident=incident, accounts=accounts, roles=roles, now=timezone.now()
        )
        serializer.instance = self.get_object()

    @extend_schema(responses=ForesightReportSerializer, filters=False)
    @action(detail=False, pagination_class=None, filterset_class=None, url_path="foresight")
    def foresight_report(self, request: Request) -> Response:
        """How much was foreseen of all incidents that you see, as people confirmed it."""
        return Response(ForesightReportSerializer(foresight_report(person_of(request))).data)

    @extend_schema(responses=TimelineEntrySerializer(many=True))
    @action(detail=True, requires_if_match=False, pagination_class=None)
    def timeline(self, request: Request, uid: str) -> Response:
        """Its timeline, in the order of time."""
        rows = self.get_object().timeline.select_related("author")
        return Response(TimelineEntrySerializer(rows, many=True).data)

    @extend_schema(request=TimelineEntrySerializer, responses={201: TimelineEntrySerializer})
    @timeline.mapping.post
    def timeline_add(self, request: Request, uid: str) -> Response:
        incident, given = self.get_object(), TimelineEntrySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        source = TimelineEntry.Source.API if request.auth else TimelineEntry.Source.PERSON
        entry = TimelineEntry(incident=incident, source=source, **given.validated_data)
        timeline_add(actor=person_of(request), entry=entry, now=timezone.now())
        return Response(TimelineEntrySerializer(entry).data, status=201)

    @extend_schema(request=StarSerializer, responses=TimelineEntrySerializer)
    @action(detail=True, methods=["post"], requires_if_match=False)
    def star(self, request: Request, uid: str) -> Response:
        """Let an entry of the timeline be published with the analysis, or not."""
        incident, given = self.get_object(), StarSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        entry = part_named("entry", incident.timeline, given.validated_data["entry"])
        is_starred = given.validated_data["is_starred"]
        timeline_star(
            actor=person_of(request), entry=entry, is_starred=is_starred, now=timezone.now()
        )
        return Response(TimelineEntrySerializer(entry).data)

    @extend_schema(responses=FactorSerializer(many=True))
    @action(detail=True, requires_if_match=False, pagination_class=None)
    def factors(self, request: Request, uid: str) -> Response:
        """What contributed to it."""
        return Response(FactorSerializer(self.get_object().factors.all(), many=True).data)

    @extend_schema(request=FactorSerializer, responses={201: FactorSerializer})
    @factors.mapping.post
    def factor_add(self, request: Request, uid: str) -> Response:
        incident, given = self.get_object(), FactorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        factor = ContributingFactor(incident=incident, **given.validated_data)
        factor_add(actor=person_of(request), factor=factor, now=timezone.now())
        return Response(FactorSerializer(factor).data, status=201)

    @extend_schema(request=PartSerializer, responses={204: None})
    @action(detail=True, methods=["post"], requires_if_match=False)
    def remove(self, request: Request, uid: str) -> Response:
        """Take back an entry of the timeline or a factor; what is published stays."""
        incident, given = self.get_object(), PartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data["part"]
        entry = incident.timeline.filter(uid=wanted).first()
        part = entry or part_named("part", incident.factors, wanted)
        part_remove(actor=person_of(request), part=part, now=timezone.now())
        return Response(status=204)

    @extend_schema(responses=OpenThenSerializer(many=True))
    @action(detail=True, pagination_class=None, url_path="open-then")
    def open_then(self, request: Request, uid: str) -> Response:
        """The findings that were open in its accounts when it began; at most 100, worst first."""
        rows = open_when_it_began(self.get_object()).shown
        return Response(OpenThenSerializer(rows, many=True).data)

    @extend_schema(responses=ForesightSerializer(many=True))
    @action(detail=True, requires_if_match=False, pagination_class=None)
    def foresight(self, request: Request, uid: str) -> Response:
        """What was known of its related checks when it began."""
        rows = foresight_told(person_of(request), self.get_object())
        return Response(ForesightSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=ForesightSerializer(many=True))
    @foresight.mapping.post
    def foresight_propose(self, request: Request, uid: str) -> Response:
        """Propose the classes anew; those that somebody confirmed stay."""
        incident = self.get_object()
        foresight_propose(
            actor=person_of(request), incident=incident, registry=built_in(), now=timezone.now()
        )
        rows = foresight_told(person_of(request), incident)
        return Response(ForesightSerializer(rows, many=True).data)

    @extend_schema(request=ConfirmSerializer, responses=ForesightSerializer)
    @action(detail=True, methods=["post"], requires_if_match=False)
    def confirm(self, request: Request, uid: str) -> Response:
        """Say which class an entry of the foresight is."""
        incident, given = self.get_object(), ConfirmSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = foresight_told(person_of(request), incident)
        entry = part_named("entry", told, given.validated_data["entry"])
        foresight_confirm(
            actor=person_of(request),
            entry=entry,
            foresight=Foresight(given.validated_data["foresight"]),
            now=timezone.now(),
        )
        return Response(ForesightSerializer(entry).data)


def _roles_named(
    people: Iterable[User], given: Iterable[dict[str, Any]], held: Iterable[IncidentRole] = ()
) -> list[tuple[str, User]]:
    """Roles with those who see the incident, and those who have one of them already."""
    known = {person.username: person for person in people}
    known |= {row.user.username: row.user for row in held}
    found = []
    for one in given:
        if set(one) != {"role", "user"}:  # a change of some fields excuses the lack of others
            raise serializers.ValidationError({"roles": "Each has a role and a person."})
        name = one["user"]["username"]
        if name not in known:
            told = f"Nobody who sees all its accounts is called {name!r}."
            raise serializers.ValidationError({"roles": told})
        found.append((one["role"], known[name]))
    return found
