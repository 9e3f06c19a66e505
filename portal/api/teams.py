from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers

from accounts.access import Permission, reach_of
from accounts.models import Organization, OrganizationalUnit, Team
from portal.api.strict import StrictFilterSet
from portal.api.views import NounViewSet


class TeamSerializer(serializers.ModelSerializer[Team]):
    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    members = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("uid", "organization", "name", "members")
        read_only_fields = fields

    def get_members(self, team: Team) -> list[str] | None:
        """User names, for who administers the organization; null for others."""
        reach = reach_of(self.context["request"].user, Permission.ADMINISTER)
        if not reach.covers_organization(team.organization):
            return None
        return sorted(member.username for member in team.members.all())


class TeamFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Team
        fields = ("name",)


class TeamViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Team]):
    """Teams of the organizations of which the caller may see at least a part."""

    serializer_class = TeamSerializer
    filterset_class = TeamFilter

    def get_queryset(self) -> QuerySet[Team]:
        seen = Team.objects.visible_to(self.request.user)
        return seen.select_related("organization").prefetch_related("members")


class UnitSerializer(serializers.ModelSerializer[OrganizationalUnit]):
    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    parent = serializers.SlugRelatedField[OrganizationalUnit](  # type: ignore[assignment]  # a field
        slug_field="uid", read_only=True, allow_null=True
    )

    class Meta:
        model = OrganizationalUnit
        fields = ("uid", "organization", "aws_id", "name", "path", "parent", "removed_at")
        read_only_fields = fields


class UnitFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    present = filters.BooleanFilter(
        field_name="removed_at", lookup_expr="isnull", label="Whether it is in the organization."
    )

    class Meta:
        model = OrganizationalUnit
        fields = ("path", "aws_id")


class UnitViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[OrganizationalUnit]
):
    """OUs that the caller may see; the root of an organization has none."""

    serializer_class = UnitSerializer
    filterset_class = UnitFilter

    def get_queryset(self) -> QuerySet[OrganizationalUnit]:
        seen = OrganizationalUnit.objects.visible_to(self.request.user)
        return seen.select_related("organization", "parent")
