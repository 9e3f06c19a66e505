from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Team, TokenScope
from findings.models import ActionItem, Connection, Incident, Route
from findings.models.incident import LONGEST_TEXT
from findings.selectors.incidents import (
    action_items_seen,
    learnings_seen,
    people_seeing_incident,
)
from findings.services.action_item_changes import action_item_change
from findings.services.action_item_tickets import action_item_open_ticket
from findings.services.action_items import (
    action_item_add,
    action_item_claim,
    action_item_take_back,
)
from portal.api.fields import AccountIdsField
from portal.api.naming import accounts_named, name_given, one_named, part_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet
from portal.people import person_of


class ActionItemSerializer(StrictSerializer, serializers.ModelSerializer[ActionItem]):
    incident = serializers.UUIDField(source="incident.uid")
    learning = serializers.UUIDField(source="learning.uid", required=False, allow_null=True)
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="Markdown."
    )
    owner = serializers.CharField(source="owner.username", required=False, allow_null=True)
    owner_team = serializers.CharField(source="owner_team.name", required=False, allow_null=True)
    accounts = AccountIdsField(help_text="Where the guard must pass.")
    ticket = serializers.UUIDField(
        source="ticket.uid", read_only=True, allow_null=True, default=None
    )
    claim_scan = serializers.UUIDField(
        source="claim_scan.uid",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="That the last claim asked for.",
    )

    class Meta:
        model = ActionItem
        fields = (
            "uid",
            "incident",
            "learning",
            "title",
            "text",
            "owner",
            "owner_team",
            "due_at",
            "check_id",
            "accounts",
            "needed_passes",
            "state",
            "passes",
            "claimed_at",
            "claim_scan",
            "verified_at",
            "rejected_claims",
            "regressions",
            "ticket",
            "added_at",
            "changed_at",
        )
        read_only_fields = (
            "uid",
            "state",
            "passes",
            "claimed_at",
            "verified_at",
            "rejected_claims",
            "regressions",
            "added_at",
            "changed_at",
        )
        extra_kwargs = {"due_at": {"required": False}}
        validators = ()  # the service knows the rules


class ChangeItemSerializer(StrictSerializer):
    """What people change; its guard and its accounts stay as they were agreed."""

    title = serializers.CharField(required=False, max_length=200)
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="Markdown."
    )
    owner = serializers.CharField(required=False, allow_null=True, max_length=150)
    owner_team = serializers.CharField(required=False, allow_null=True, max_length=255)
    due_at = serializers.DateTimeField(required=False)


class OpenTicketSerializer(StrictSerializer):
    connection = serializers.UUIDField(
        required=False, allow_null=True, help_text="Left out: that of the route, or our board."
    )
    project = serializers.CharField(required=False, allow_blank=True, max_length=255)
    route = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whose project, maps and labels it takes."
    )


class ActionItemFilter(StrictFilterSet):
    incident = filters.UUIDFilter(field_name="incident__uid")
    learning = filters.UUIDFilter(field_name="learning__uid")
    overdue = filters.BooleanFilter(method="past_due", label="Unfinished and past its date.")
    mine = filters.BooleanFilter(method="of_caller", label="Those that the caller answers for.")

    class Meta:
        model = ActionItem
        fields = ("state", "check_id")

    def past_due(self, rows: Any, _name: str, value: bool) -> Any:
        late = rows.overdue(timezone.now())
        return late if value else rows.exclude(pk__in=late)

    def of_caller(self, rows: Any, _name: str, value: bool) -> Any:
        return rows.of(self.request.user) if value and self.request else rows


class ActionItemViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    NounViewSet[ActionItem],
):
    """Something to do; done when a scan after the claim sees its guard pass on all its accounts."""

    serializer_class = ActionItemSerializer
    filterset_class = ActionItemFilter
    write_scope = TokenScope.INCIDENTS
    changed_field = "changed_at"

    def get_queryset(self) -> QuerySet[ActionItem]:
        return action_items_seen(self.request.user)

    def perform_create(self, serializer: BaseSerializer[ActionItem]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        seen = Incident.objects.visible_to(user).select_related("organization")
        incident = part_named("incident", seen, given.pop("incident")["uid"])
        organization = incident.organization
        accounts = accounts_named(user, organization, given.pop("accounts"))
        named = {name: name_given(given.pop(name, {})) for name in ("learning", "owner")}
        team = name_given(given.pop("owner_team", {}))
        item = ActionItem(incident=incident, **given)
        if named["learning"]:
            item.learning = part_named("learning", learnings_seen(user), named["learning"])  # type: ignore[arg-type]
        teams = Team.objects.filter(organization=organization)
        item.owner_team = one_named("owner_team", teams, name=team)
        people = people_seeing_incident(incident, timezone.now())
        item.owner = one_named("owner", people, username=named["owner"])
        serializer.instance = action_item_add(
            actor=user, item=item, accounts=accounts, now=timezone.now()
        )

    @extend_schema(request=ChangeItemSerializer, responses=ActionItemSerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Change its words, who answers for it or its date; what is left out stays.

        A team takes over from a person, and a person from a team.
        """
        item, asked = self.get_object(), ChangeItemSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        if {"owner", "owner_team"} & set(given):
            self._give(item, given.pop("owner", None), given.pop("owner_team", None))
        for name, value in given.items():
            setattr(item, name, value)
        return self.answer(
            action_item_change(actor=person_of(request), item=item, now=timezone.now())
        )

    def _give(self, item: ActionItem, owner: str | None, team: str | None) -> None:
        people = people_seeing_incident(item.incident, timezone.now())
        item.owner = one_named("owner", people, username=owner)
        teams = Team.objects.filter(organization=item.organization)
        item.owner_team = one_named("owner_team", teams, name=team)

    @extend_schema(request=None, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, uid: str) -> Response:
        """Say that it is done, and ask for a scan of its guard; scans decide from now on."""
        user, now = person_of(request), timezone.now()
        return self.answer(
            action_item_claim(actor=user, item=self.get_object(), via="api", now=now)
        )

    @extend_schema(request=None, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, uid: str) -> Response:
        """Take a claim back."""
        user, now = person_of(request), timezone.now()
        return self.answer(action_item_take_back(actor=user, item=self.get_object(), now=now))

    @extend_schema(request=OpenTicketSerializer, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"])
    def ticket(self, request: Request, uid: str) -> Response:
        """Follow it in a ticket, in a tracker or on the board. Done there is a claim."""
        user, item = person_of(request), self.get_object()
        asked = OpenTicketSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found: dict[str, Any] = {
            name: part_named(name, noun.objects.visible_to(user), given[name])
            for name, noun in (("connection", Connection), ("route", Route))
            if given.get(name)
        }
        project = given.get("project", "")
        action_item_open_ticket(actor=user, item=item, project=project, now=timezone.now(), **found)
        return self.answer(self.get_object())
