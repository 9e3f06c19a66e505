from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import Team
from accounts.models.reach import reach_of
from findings.models import NotificationMessage, Subscriber, WebhookEndpoint
from findings.notifying.events import Channel, Mode
from findings.selectors.notifications import channels_open, messages_seen, organization_for
from findings.services.notification_messages import notification_replay, notification_test
from findings.services.subscribers import (
    subscriber_change,
    subscriber_of_person,
    subscribers_ensure,
)
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet
from portal.people import person_of

CHANNELS = [channel.value for channel in Channel]


class WebhookField(serializers.SlugRelatedField[WebhookEndpoint]):
    """One of those that the caller sees; the service says which of them may be used."""

    queryset = WebhookEndpoint.objects.none()

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.visible_to(self.context["request"].user)


class SubscriberSerializer(StrictSerializer, serializers.ModelSerializer[Subscriber]):
    person = serializers.SlugRelatedField[User](
        slug_field="username", source="user", read_only=True, allow_null=True
    )
    team = serializers.SlugRelatedField[Team](slug_field="uid", read_only=True, allow_null=True)
    team_name = serializers.SlugRelatedField[Team](
        slug_field="name", source="team", read_only=True, allow_null=True
    )
    matrix = serializers.DictField(
        child=serializers.DictField(
            child=serializers.ChoiceField(choices=[mode.value for mode in Mode])
        ),
        help_text="Event, then channel, then how often. What is left out stays as it is.",
    )
    email = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=254,
        help_text="A mailbox of the team; a person is reached at the address of their account.",
    )
    webhook = WebhookField(
        slug_field="uid",
        allow_null=True,
        required=False,
        help_text="The uid of a webhook of yours; null for none.",
    )
    slack_url = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="Of an incoming webhook of Slack. It is never shown; empty takes it away.",
    )
    has_slack = serializers.SerializerMethodField()
    channels = serializers.SerializerMethodField()

    class Meta:
        model = Subscriber
        fields = (
            "uid",
            "person",
            "team",
            "team_name",
            "matrix",
            "covers",
            "email",
            "time_zone",
            "webhook",
            "slack_url",
            "has_slack",
            "channels",
        )
        read_only_fields = ("uid",)

    def to_representation(self, instance: Subscriber) -> dict[str, Any]:
        """Every event with what counts, chosen or by default."""
        return {**super().to_representation(instance), "matrix": instance.choices.whole()}

    def get_has_slack(self, subscriber: Subscriber) -> bool:
        """Whether an address of Slack is kept."""
        return bool(subscriber.slack)

    def get_channels(self, subscriber: Subscriber) -> list[str]:
        """Those by which anything can be sent as things are set up."""
        return [channel.value for channel in channels_open(subscriber)]


class NotificationTestSerializer(StrictSerializer):
    channel = serializers.ChoiceField(choices=CHANNELS)


class NotificationMessageSerializer(serializers.ModelSerializer[NotificationMessage]):
    settings = serializers.UUIDField(source="subscriber.uid", read_only=True)
    organization = serializers.UUIDField(source="organization.uid", read_only=True)

    class Meta:
        model = NotificationMessage
        fields = (
            "uid",
            "settings",
            "organization",
            "channel",
            "is_test",
            "status",
            "subject",
            "told",
            "attempts",
            "last_error",
            "created_at",
            "changed_at",
            "not_before",
            "sent_at",
        )
        read_only_fields = fields


class NotificationMessageFilter(StrictFilterSet):
    settings = filters.UUIDFilter(field_name="subscriber__uid")
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = NotificationMessage
        fields = ("status", "channel", "is_test")


class SubscriberFilter(StrictFilterSet):
    team = filters.UUIDFilter(field_name="team__uid")


class SubscriberViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    NounViewSet[Subscriber],
):
    """What one hears of, by which channel and how often: oneself, and teams that one administers.

    A token that is limited to OUs or accounts has none: messages tell what its person sees.
    """

    serializer_class = SubscriberSerializer
    filterset_class = SubscriberFilter

    def get_queryset(self) -> QuerySet[Subscriber]:
        seen = Subscriber.objects.visible_to(self.request.user)
        return seen.select_related("user", "team__organization", "webhook")

    def list(self, request: Request, *arguments: Any, **named: Any) -> Response:
        """Oneself first asked for, and teams; each with its defaults before anything is chosen."""
        subscribers_ensure(person_of(request))
        return super().list(request, *arguments, **named)

    def get_object(self) -> Subscriber:
        if self.action != "me":
            return super().get_object()
        user = person_of(self.request)
        if reach_of(user).limit:
            raise Http404
        return subscriber_of_person(user)

    def perform_update(self, serializer: BaseSerializer[Subscriber]) -> None:
        subscriber, given = self.get_object(), dict(serializer.validated_data)
        slack_url = given.pop("slack_url", None)
        matrix = {event: dict(modes) for event, modes in subscriber.matrix.items()}
        for event, modes in given.pop("matrix", {}).items():
            matrix[event] = {**matrix.get(event, {}), **modes}
        subscriber.matrix = matrix
        for name, value in given.items():
            setattr(subscriber, name, value)
        serializer.instance = subscriber_change(
            actor=person_of(self.request),
            subscriber=subscriber,
            slack_url=slack_url,
            now=timezone.now(),
        )

    @extend_schema(methods=["get"], request=None, responses=SubscriberSerializer, filters=False)
    @extend_schema(methods=["put"], request=SubscriberSerializer, responses=SubscriberSerializer)
    @action(detail=False, methods=["get", "put"], pagination_class=None, filterset_class=None)
    def me(self, request: Request) -> Response:
        """One's own settings."""
        if request.method == "PUT":
            if "If-Match" in request.headers:
                return self._if_matched(self.update, request)
            self.update(request)
        return self.answer(self.get_object())

    @extend_schema(
        request=NotificationTestSerializer, responses={202: NotificationMessageSerializer}
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, uid: str) -> Response:
        """Have a message sent that tells of nothing."""
        asked = NotificationTestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        subscriber, channel = self.get_object(), Channel(asked.validated_data["channel"])
        made = notification_test(
            actor=person_of(request),
            subscriber=subscriber,
            organization=organization_for(subscriber, channel),
            channel=channel,
            now=timezone.now(),
        )
        told = NotificationMessageSerializer(made).data
        return Response(told, status=status.HTTP_202_ACCEPTED)


class NotificationMessageViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[NotificationMessage]
):
    """What was sent to oneself and to teams that one administers, and how that went."""

    serializer_class = NotificationMessageSerializer
    filterset_class = NotificationMessageFilter
    changed_field = "changed_at"

    def get_queryset(self) -> QuerySet[NotificationMessage]:
        return messages_seen(self.request.user)

    @extend_schema(request=None, responses={202: NotificationMessageSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, uid: str) -> Response:
        """Send again what was given up."""
        message = notification_replay(
            actor=person_of(request), message=self.get_object(), now=timezone.now()
        )
        told = self.get_serializer(message).data
        return Response(told, status=status.HTTP_202_ACCEPTED)
