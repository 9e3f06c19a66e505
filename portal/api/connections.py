from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.access import Permission, can
from accounts.models import Organization
from findings.models import Connection, ConnectionKind, ConnectionTrial, Finding, Route
from findings.selectors.tickets import tickets_seen
from findings.services.connection_trials import trial_ask
from findings.services.connection_upkeep import connection_delete, webhook_secret_rotate
from findings.services.connections import connection_save
from portal.api.fields import OrganizationField
from portal.api.naming import one_seen
from portal.api.strict import StrictFilterSet, StrictSerializer, validated
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of

OF_ADMINISTRATORS = ("base_url", "bot_account", "health_message", "refused_deliveries", "hook")


class ConnectionSerializer(StrictSerializer, serializers.ModelSerializer[Connection]):
    """Where tickets are kept. Addresses and failures are told to administrators alone."""

    organization = OrganizationField()
    kind = serializers.ChoiceField(choices=ConnectionKind.choices)
    base_url = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="At another address the credentials do not count any more: give them again.",
    )
    credentials = serializers.DictField(
        child=serializers.CharField(max_length=20_000, allow_blank=True),
        write_only=True,
        required=False,
        help_text="All of them, by name, such as token or webhook_secret; never shown again.",
    )
    has_credentials = serializers.SerializerMethodField()
    hook = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        read_only_fields = (
            "uid",
            "health",
            "health_message",
            "checked_at",
            "breaker_until",
            "refused_deliveries",
        )
        fields = (
            "organization",
            "name",
            "kind",
            "base_url",
            "credentials",
            "bot_account",
            "allows_private",
            "is_active",
            "has_credentials",
            "hook",
            *read_only_fields,
        )
        validators = ()  # the service knows the rules

    def get_has_credentials(self, connection: Connection) -> bool:
        """Whether any are kept."""
        return bool(connection.credentials)

    def get_hook(self, connection: Connection) -> str:
        """Where the tracker sends what changed, signed with the webhook_secret"""
        path = reverse("hook", args=[connection.uid])
        return f"{settings.PUBLIC_URL}{path}" if connection.has_adapter else ""

    def to_representation(self, instance: Connection) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        user = self.context["request"].user
        if not can(user, Permission.ADMINISTER, on=instance.organization):
            told |= {name: 0 if isinstance(told[name], int) else "" for name in OF_ADMINISTRATORS}
        return told

    def validate_organization(self, uid: Any) -> Organization:
        return organization_named(self.context["request"], uid)


class RotateSerializer(StrictSerializer):
    keeps_previous = serializers.BooleanField(
        default=True, help_text="The one before counts, too, until the next is made."
    )


class SecretSerializer(serializers.Serializer[Any]):
    webhook_secret = serializers.CharField(help_text="Told this once. Enter it in the tracker.")


class TrySerializer(StrictSerializer):
    """Where, and for what the call is shown that would make its issue."""

    route = serializers.UUIDField(required=False, help_text="Says where, with its fixed fields.")
    project = serializers.CharField(max_length=255, required=False)
    issue_type = serializers.CharField(max_length=128, required=False)
    finding = serializers.UUIDField(required=False)
    ticket = serializers.UUIDField(required=False)


class StepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    is_ok = serializers.BooleanField(allow_null=True, help_text="Null: it could not be tried.")
    detail = serializers.CharField()
    is_needed = serializers.BooleanField(
        default=True, help_text="False: tickets can do without, as polls do for webhooks."
    )


class RehearsedSerializer(serializers.Serializer[Any]):
    """The call that would make the issue, but for the headers with the credential."""

    method = serializers.CharField()
    path = serializers.CharField()
    body = serializers.JSONField()


class TrialSerializer(serializers.ModelSerializer[ConnectionTrial]):
    connection = serializers.UUIDField(source="connection.uid")
    asked_by = serializers.CharField(source="asked_by.username", default=None, allow_null=True)
    finding = serializers.UUIDField(source="finding.uid", default=None, allow_null=True)
    ticket = serializers.UUIDField(source="ticket.uid", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=ConnectionTrial.State.choices)
    is_passed = serializers.BooleanField(
        allow_null=True, help_text="Null: not known, or not done yet."
    )
    steps = StepSerializer(many=True)
    request = RehearsedSerializer(allow_null=True)

    class Meta:
        model = ConnectionTrial
        fields = (
            "uid",
            "connection",
            "asked_by",
            "asked_at",
            "project",
            "issue_type",
            "finding",
            "ticket",
            "state",
            "is_passed",
            "started_at",
            "finished_at",
            "steps",
            "request",
            "error",
        )
        read_only_fields = fields


class ConnectionFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Connection
        fields = ("name", "kind", "is_active", "health")


class ConnectionViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    NounViewSet[Connection],
):
    """Trackers in which an organization keeps tickets; its administrators set them up."""

    http_method_names = ("get", "post", "patch", "delete", "head", "options")
    serializer_class = ConnectionSerializer
    filterset_class = ConnectionFilter

    def get_queryset(self) -> QuerySet[Connection]:
        return Connection.objects.visible_to(self.request.user).select_related("organization")

    def perform_create(self, serializer: BaseSerializer[Connection]) -> None:
        self._save(serializer, Connection())

    def perform_update(self, serializer: BaseSerializer[Connection]) -> None:
        self._save(serializer, self.get_object())

    def perform_destroy(self, instance: Connection) -> None:
        connection_delete(actor=person_of(self.request), connection=instance, now=timezone.now())

    def _save(self, serializer: BaseSerializer[Connection], connection: Connection) -> None:
        given = dict(serializer.validated_data)
        credentials = given.pop("credentials", None)
        for name, value in given.items():
            setattr(connection, name, value)
        serializer.instance = connection_save(
            actor=person_of(self.request),
            connection=connection,
            credentials=credentials,
            now=timezone.now(),
        )

    @extend_schema(request=RotateSerializer, responses=SecretSerializer)
    @action(detail=True, methods=["post"], answers_with_a_secret=True)
    def rotate(self, request: Request, uid: str) -> Response:
        """Make a new secret for what the tracker sends."""
        connection, given = self.get_object(), validated(RotateSerializer, request.data)
        secret = webhook_secret_rotate(
            actor=person_of(request), connection=connection, now=timezone.now(), **given
        )
        return Response({"webhook_secret": secret})

    @extend_schema(request=TrySerializer, responses={202: TrialSerializer})
    @action(detail=True, methods=["post"], url_path="try")
    def try_out(self, request: Request, uid: str) -> Response:
        """Have each step tried that a ticket's life needs; a worker does it, writing nothing."""
        connection, user = self.get_object(), person_of(request)
        given = validated(TrySerializer, request.data)
        rows: dict[str, QuerySet[Any]] = {
            "route": Route.objects.visible_to(user),
            "finding": Finding.objects.visible_to(user).select_related("account__organization"),
            "ticket": tickets_seen(user),
        }
        named: dict[str, Any] = {
            name: one_seen(name, among, given.pop(name))
            for name, among in rows.items()
            if name in given
        }
        trial = trial_ask(actor=user, connection=connection, now=timezone.now(), **given, **named)
        return Response(TrialSerializer(trial).data, status=status.HTTP_202_ACCEPTED)


class TrialFilter(StrictFilterSet):
    connection = filters.UUIDFilter(field_name="connection__uid")

    class Meta:
        model = ConnectionTrial
        fields = ()


class TrialViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[ConnectionTrial]):
    """Tests of connections and what they found; for administrators of the organization."""

    serializer_class = TrialSerializer
    filterset_class = TrialFilter

    def get_queryset(self) -> QuerySet[ConnectionTrial]:
        seen = ConnectionTrial.objects.visible_to(self.request.user)
        return seen.select_related("connection", "asked_by", "finding", "ticket")
