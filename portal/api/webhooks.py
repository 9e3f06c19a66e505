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
from findings.models import WebhookDelivery, WebhookEndpoint, WebhookMessage, WebhookType
from findings.services.webhook_deliveries import message_replay, messages_replay, webhook_ping
from findings.services.webhooks import (
    webhook_change,
    webhook_delete,
    webhook_make,
    webhook_rotate,
)
from portal.api.fields import OrganizationField
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of


class WebhookSerializer(StrictSerializer, serializers.ModelSerializer[WebhookEndpoint]):
    organization = OrganizationField()
    owner = serializers.CharField(source="owner.username", read_only=True)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookType.choices), allow_empty=False
    )
    selector = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Narrows findings: rows, checks, severities, ous, teams, environments.",
    )

    class Meta:
        model = WebhookEndpoint
        fields: tuple[str, ...] = (
            "uid",
            "organization",
            "owner",
            "name",
            "url",
            "event_types",
            "selector",
            "is_active",
            "disabled_reason",
            "failing_since",
            "previous_until",
            "created_at",
        )
        read_only_fields = (
            "uid",
            "disabled_reason",
            "failing_since",
            "previous_until",
            "created_at",
        )
        validators = ()  # the service knows the rules

    def validate_organization(self, uid: Any) -> Organization:
        organization = organization_named(self.context["request"], uid)
        if self.instance is not None and organization != self.instance.organization:
            raise serializers.ValidationError("A webhook stays with its organization.")
        return organization


class WebhookSecretSerializer(WebhookSerializer):
    """With the secret, which is told this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")

    def get_secret(self, endpoint: WebhookEndpoint) -> str:
        """`whsec_` and the key in base64, as Standard Webhooks has it."""
        told: str = self.context["secret"]
        return told


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    class Meta:
        model = WebhookDelivery
        fields = ("attempt", "at", "answer_status", "milliseconds", "error")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[WebhookMessage]):
    webhook = serializers.UUIDField(source="endpoint.uid", read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = WebhookMessage
        fields = (
            "uid",
            "webhook",
            "type",
            "body",
            "created_at",
            "status",
            "attempts",
            "not_before",
            "deliveries",
        )
        read_only_fields = fields


class ReplaySerializer(StrictSerializer):
    since = serializers.DateTimeField(help_text="What was made since then and given up.")


class ReplayedSerializer(serializers.Serializer[Any]):
    messages = serializers.IntegerField()


class WebhookFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "is_active")


class MessageFilter(StrictFilterSet):
    webhook = filters.UUIDFilter(field_name="endpoint__uid")

    class Meta:
        model = WebhookMessage
        fields = ("status", "type")


class WebhookViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    NounViewSet[WebhookEndpoint],
):
    """Where events are sent, signed after Standard Webhooks; the secret is told once.

    An endpoint is its maker's and is told of what they may see. An administrator of the
    organization sees and changes all of them.
    """

    serializer_class = WebhookSerializer
    filterset_class = WebhookFilter
    answers_with_a_secret = True

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        seen = WebhookEndpoint.objects.visible_to(self.request.user)
        return seen.select_related("organization", "owner")

    @extend_schema(responses={201: WebhookSecretSerializer})
    def create(self, request: Request, *arguments: Any, **named: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        endpoint = WebhookEndpoint(**serializer.validated_data)
        secret = webhook_make(actor=person_of(request), endpoint=endpoint, now=timezone.now())
        return self._with_secret(endpoint, secret, status.HTTP_201_CREATED)

    def perform_update(self, serializer: BaseSerializer[WebhookEndpoint]) -> None:
        endpoint = self.get_object()
        for name, value in serializer.validated_data.items():
            setattr(endpoint, name, value)
        serializer.instance = webhook_change(
            actor=person_of(self.request), endpoint=endpoint, now=timezone.now()
        )

    def perform_destroy(self, instance: WebhookEndpoint) -> None:
        webhook_delete(actor=person_of(self.request), endpoint=instance, now=timezone.now())

    @extend_schema(request=None, responses=WebhookSecretSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, uid: str) -> Response:
        """Give it a new secret; the one before signs as well for 24 hours."""
        endpoint = self.get_object()
        secret = webhook_rotate(actor=person_of(request), endpoint=endpoint, now=timezone.now())
        return self._with_secret(endpoint, secret, status.HTTP_200_OK)

    @extend_schema(request=None, responses={202: MessageSerializer})
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, uid: str) -> Response:
        """Have a message sent that tells of nothing."""
        made = webhook_ping(
            actor=person_of(request), endpoint=self.get_object(), now=timezone.now()
        )
        return Response(MessageSerializer(made).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, uid: str) -> Response:
        """Send again what was given up, under the same ids."""
        endpoint = self.get_object()
        asked = ReplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        number = messages_replay(
            actor=person_of(request),
            endpoint=endpoint,
            since=asked.validated_data["since"],
            now=timezone.now(),
        )
        return Response({"messages": number}, status=status.HTTP_202_ACCEPTED)

    def _with_secret(self, endpoint: WebhookEndpoint, secret: str, code: int) -> Response:
        context = {**self.get_serializer_context(), "secret": secret}
        return Response(WebhookSecretSerializer(endpoint, context=context).data, status=code)


class WebhookMessageViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[WebhookMessage]
):
    """What webhooks were told, with the log of every attempt."""

    serializer_class = MessageSerializer
    filterset_class = MessageFilter

    def get_queryset(self) -> QuerySet[WebhookMessage]:
        seen = WebhookMessage.objects.visible_to(self.request.user)
        return seen.select_related("endpoint__organization").prefetch_related("deliveries")

    @extend_schema(request=None, responses={202: MessageSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, uid: str) -> Response:
        """Send it again under the same id, delivered or not."""
        message = message_replay(
            actor=person_of(request), message=self.get_object(), now=timezone.now()
        )
        return Response(MessageSerializer(message).data, status=status.HTTP_202_ACCEPTED)
