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

from accounts.access import Permission, require
from accounts.models import Account, Organization, OrganizationalUnit, Team
from accounts.validators import validate_account_id
from findings.catalogue.tools import Tool
from findings.checks.base import built_in
from findings.models import DeclaredTool
from findings.selectors.declared_tools import checks_by_tool, tools_seen
from findings.selectors.scopes import people_of
from findings.services.declared_tools import tool_declare, tool_end
from portal.api.fields import OrganizationField
from portal.api.naming import name_given, one_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of

NAMED = ("ou", "account", "owner_team", "owner")


class ToolSerializer(StrictSerializer, serializers.ModelSerializer[DeclaredTool]):
    organization = OrganizationField()
    ou = serializers.CharField(
        source="ou.path", required=False, allow_null=True, help_text="Path, with all below it."
    )
    account_id = serializers.CharField(
        source="account.account_id",
        required=False,
        allow_null=True,
        validators=[validate_account_id],
    )
    owner_team = serializers.CharField(source="owner_team.name", required=False, allow_null=True)
    owner = serializers.CharField(source="owner.username", required=False, allow_null=True)
    state = serializers.SerializerMethodField()
    checks = serializers.SerializerMethodField()

    class Meta:
        model = DeclaredTool
        fields = (
            "uid",
            "organization",
            "ou",
            "account_id",
            "kind",
            "name",
            "owner_team",
            "owner",
            "reason",
            "starts_on",
            "ends_on",
            "state",
            "checks",
            "declared_at",
            "ended_at",
        )
        read_only_fields = ("uid", "declared_at", "ended_at")
        extra_kwargs = {"starts_on": {"required": False}}
        validators = ()  # the service knows the rules

    def get_state(self, tool: DeclaredTool) -> str:
        """planned, active, lapsed, or ended before its last day"""
        return tool.state(timezone.now()).value

    def get_checks(self, tool: DeclaredTool) -> list[str]:
        """Ids of the checks that it stands in for."""
        return list(checks_by_tool(built_in())[Tool(tool.kind)])

    def validate_organization(self, uid: Any) -> Organization:
        return organization_named(self.context["request"], uid)


class ToolFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = DeclaredTool
        fields = ("kind", "name")


class ToolViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    NounViewSet[DeclaredTool],
):
    """Tools outside AWS that stand in for checks; who administers their scope declares them."""

    serializer_class = ToolSerializer
    filterset_class = ToolFilter

    def get_queryset(self) -> QuerySet[DeclaredTool]:
        return tools_seen(self.request.user)

    def perform_create(self, serializer: BaseSerializer[DeclaredTool]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        named = {name: name_given(given.pop(name, {})) for name in NAMED}
        organization = given["organization"]
        tool = DeclaredTool(**given)
        units = OrganizationalUnit.objects.visible_to(user).present()
        tool.ou = one_named("ou", units.filter(organization=organization), path=named["ou"])
        accounts = Account.objects.visible_to(user).filter(organization=organization)
        tool.account = one_named("account_id", accounts, account_id=named["account"])
        require(user, Permission.ADMINISTER, on=tool.target)
        teams = Team.objects.filter(organization=organization)
        tool.owner_team = one_named("owner_team", teams, name=named["owner_team"])
        tool.owner = one_named(
            "owner", people_of([organization], timezone.now()), username=named["owner"]
        )
        serializer.instance = tool_declare(actor=user, tool=tool, now=timezone.now())

    @extend_schema(request=None, responses=ToolSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, uid: str) -> Response:
        """End it now: the checks it stood in for apply again."""
        tool = tool_end(actor=person_of(request), tool=self.get_object(), now=timezone.now())
        return Response(self.get_serializer(tool).data)
