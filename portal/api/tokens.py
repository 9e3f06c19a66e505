from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework import mixins, serializers
from rest_framework.serializers import BaseSerializer

from accounts.access import Denied, Permission, can
from accounts.models import Account, ApiToken, OrganizationalUnit, TokenScope
from accounts.services.tokens import MAX_DAYS, token_issue, token_revoke
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet
from portal.people import person_of

M = TypeVar("M", bound=Model)
MOST_LIMITS = 100


class PlacesField(serializers.ListField):
    """OUs or accounts by their uids."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(
            child=serializers.UUIDField(), required=False, max_length=MOST_LIMITS, **fields
        )

    def to_representation(self, value: Any) -> list[str]:
        return sorted(str(place.uid) for place in value.all())


class TokenSerializer(StrictSerializer, serializers.ModelSerializer[ApiToken]):
    """``token`` is told once, by the answer to its creation."""

    user = serializers.CharField(
        source="user.username",
        required=False,
        help_text="Whose; left out: the caller's. Others need an administrator of everything.",
    )
    days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, write_only=True, help_text="How long it lasts."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=TokenScope.choices), min_length=1, max_length=20
    )
    ous = PlacesField(help_text="Uids of OUs to which it is limited, with all below.")
    accounts = PlacesField(help_text="Uids of accounts to which it is limited.")
    token = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields = (
            "uid",
            "user",
            "name",
            "prefix",
            "scopes",
            "is_limited",
            "ous",
            "accounts",
            "days",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "token",
        )
        read_only_fields = (
            "uid",
            "prefix",
            "is_limited",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        )

    def get_token(self, token: ApiToken) -> str | None:
        """The secret itself; null whenever it is read."""
        plaintext: str | None = getattr(self.context["view"], "plaintext", None)
        return plaintext


class TokenFilter(StrictFilterSet):
    class Meta:
        model = ApiToken
        fields = ("name",)


class TokenViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    NounViewSet[ApiToken],
):
    """The caller's tokens: what they may do, and when they were used. DELETE revokes one."""

    serializer_class = TokenSerializer
    filterset_class = TokenFilter
    answers_with_a_secret = True

    def get_queryset(self) -> QuerySet[ApiToken]:
        seen = ApiToken.objects.visible_to(self.request.user)
        return seen.select_related("user").prefetch_related("ous", "accounts")

    def perform_create(self, serializer: BaseSerializer[ApiToken]) -> None:
        given, caller = serializer.validated_data, person_of(self.request)
        issued = token_issue(
            actor=caller,
            user=_user(caller, given.get("user", {}).get("username")),
            name=given["name"],
            days=given["days"],
            scopes=given["scopes"],
            ous=_all_seen("ous", OrganizationalUnit.objects.visible_to(caller), given),
            accounts=_all_seen("accounts", Account.objects.visible_to(caller), given),
            now=timezone.now(),
        )
        serializer.instance = issued.token
        self.plaintext = issued.plaintext

    def perform_destroy(self, instance: ApiToken) -> None:
        token_revoke(actor=person_of(self.request), token=instance, now=timezone.now())


def _user(caller: User, name: str | None) -> User:
    if name is None or name == caller.username:
        return caller
    if not can(caller, Permission.ADMINISTER):
        raise Denied("You may issue tokens for yourself only.")
    found = User.objects.filter(username=name).first()
    if found is None:
        raise serializers.ValidationError({"user": f"There is nobody called {name!r}."})
    return found


def _all_seen(field: str, seen: QuerySet[M], given: dict[str, Any]) -> Collection[M]:
    wanted = set(given.get(field, ()))
    found = list(seen.filter(uid__in=wanted))
    if len(found) != len(wanted):
        raise serializers.ValidationError({field: "You see none of such a uid."})
    return found
