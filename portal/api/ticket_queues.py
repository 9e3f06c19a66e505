"""What waits to be sent to trackers, and what they sent."""

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import TokenScope
from findings.models import InboundDelivery, OutboxMessage
from findings.services.outbox import outbox_replay
from portal.api.strict import StrictFilterSet
from portal.api.views import NounViewSet
from portal.people import person_of


class OutboxSerializer(serializers.ModelSerializer[OutboxMessage]):
    ticket = serializers.UUIDField(source="ticket.uid")
    connection = serializers.UUIDField(source="ticket.connection.uid")

    class Meta:
        model = OutboxMessage
        fields = (
            "ticket",
            "connection",
            "kind",
            "why",
            "status",
            "attempts",
            "asked_at",
            "not_before",
            "last_error",
        )
        read_only_fields = fields


class OutboxFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="ticket__organization__uid")
    connection = filters.UUIDFilter(field_name="ticket__connection__uid")

    class Meta:
        model = OutboxMessage
        fields = ("status", "kind")


class OutboxViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[OutboxMessage]):
    """Tickets that wait to be compared with their issues, by the uid of the ticket.

    A message is gone once it is done; ``dead`` ones were given up, and may be replayed.
    """

    write_scope = TokenScope.TICKETS
    lookup_field = "ticket__uid"
    lookup_url_kwarg = "uid"
    serializer_class = OutboxSerializer
    filterset_class = OutboxFilter

    def get_queryset(self) -> QuerySet[OutboxMessage]:
        seen = OutboxMessage.objects.visible_to(self.request.user)
        return seen.select_related("ticket__connection", "ticket__organization")

    @extend_schema(request=None, responses={202: OutboxSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, uid: str) -> Response:
        """Begin again with it, given up or waiting for its next attempt."""
        message = outbox_replay(
            actor=person_of(request), message=self.get_object(), now=timezone.now()
        )
        return self.answer(message, status.HTTP_202_ACCEPTED)


class InboundSerializer(serializers.ModelSerializer[InboundDelivery]):
    connection = serializers.UUIDField(source="connection.uid")
    external_ids = serializers.ListField(
        child=serializers.CharField(), help_text="The issues that it is about."
    )
    bytes = serializers.IntegerField(read_only=True, help_text="How long its body was.")

    class Meta:
        model = InboundDelivery
        fields = (
            "uid",
            "connection",
            "delivery_id",
            "received_at",
            "processed_at",
            "status",
            "external_ids",
            "bytes",
            "body_sha256",
            "error",
        )
        read_only_fields = fields


class InboundFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="connection__organization__uid")
    connection = filters.UUIDFilter(field_name="connection__uid")

    class Meta:
        model = InboundDelivery
        fields = ("status", "delivery_id")


class InboundViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[InboundDelivery]
):
    """What trackers sent with a right signature; for administrators of the organization."""

    serializer_class = InboundSerializer
    filterset_class = InboundFilter

    def get_queryset(self) -> QuerySet[InboundDelivery]:
        seen = InboundDelivery.objects.visible_to(self.request.user)
        told = seen.defer("body").annotate(bytes=Length("body"))
        return told.select_related("connection")
