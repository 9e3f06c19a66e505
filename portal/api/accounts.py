from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Permission, reach_of
from accounts.models import Account, Organization
from accounts.services.accounts import account_exclude, account_include
from accounts.validators import validate_account_id
from portal.api.strict import StrictFilterSet, StrictSerializer, UnitFilter, validated
from portal.api.views import NounViewSet
from portal.people import person_of


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = (
            "uid",
            "name",
            "partition",
            "aws_organization_id",
            "management_account_id",
            "home_region",
            "regions",
            "time_zone",
            "last_synced_at",
            "last_sync_error",
        )
        read_only_fields = fields


class AccountSerializer(serializers.ModelSerializer[Account]):
    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    ou_path = serializers.CharField(read_only=True)
    owner_team = serializers.CharField(source="owner_team.name", read_only=True, allow_null=True)
    email = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = (
            "uid",
            "account_id",
            "name",
            "email",
            "organization",
            "ou_path",
            "environment",
            "owner_team",
            "state",
            "tags",
            "excluded",
            "excluded_reason",
            "role_health",
            "role_health_message",
            "role_tested_at",
            "joined_at",
            "left_at",
        )
        read_only_fields = fields

    def get_email(self, account: Account) -> str | None:
        """Personal: null without the permission to see it."""
        reach = reach_of(self.context["request"].user, Permission.VIEW_PERSONAL)
        return account.email if reach.covers_account(account) else None


class OrganizationFilter(StrictFilterSet):
    class Meta:
        model = Organization
        fields = ("name", "aws_organization_id")


class AccountFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    account_id = filters.CharFilter(validators=[validate_account_id])
    ou = UnitFilter()

    class Meta:
        model = Account
        fields = ("state", "environment", "role_health", "excluded")


class OrganizationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Organization]
):
    """Organizations of which the caller may see at least a part."""

    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilter

    def get_queryset(self) -> QuerySet[Organization]:
        return Organization.objects.visible_to(self.request.user)


class ExclusionSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=2000)


class AccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Account]):
    """Accounts that the caller may see, with the health of the scanner's role."""

    serializer_class = AccountSerializer
    filterset_class = AccountFilter

    def get_queryset(self) -> QuerySet[Account]:
        seen = Account.objects.visible_to(self.request.user)
        return seen.select_related("organization", "ou", "owner_team")

    @extend_schema(request=ExclusionSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def exclude(self, request: Request, uid: str) -> Response:
        """Take it out of every scan, for a reason."""
        reason = validated(ExclusionSerializer, request.data)["reason"]
        return self.answer(
            account_exclude(
                actor=person_of(request),
                account=self.get_object(),
                reason=reason,
                now=timezone.now(),
            )
        )

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def include(self, request: Request, uid: str) -> Response:
        """Scan it again."""
        return self.answer(
            account_include(actor=person_of(request), account=self.get_object(), now=timezone.now())
        )
