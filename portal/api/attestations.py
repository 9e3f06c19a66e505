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
from findings.checks.base import built_in
from findings.models import Attestation
from findings.selectors.attestations import attestations_seen, checks_by_practice
from findings.selectors.scopes import people_of
from findings.services.attestations import attestation_make, attestation_withdraw
from portal.api.fields import OrganizationField
from portal.api.naming import name_given, one_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of

NAMED = ("ou", "account", "owner_team", "owner")


class AttestationSerializer(StrictSerializer, serializers.ModelSerializer[Attestation]):
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
    link = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="http or https"
    )
    owner_team = serializers.CharField(source="owner_team.name", required=False, allow_null=True)
    owner = serializers.CharField(source="owner.username", required=False, allow_null=True)
    state = serializers.SerializerMethodField()
    weight = serializers.SerializerMethodField()
    checks = serializers.SerializerMethodField()

    class Meta:
        model = Attestation
        fields = (
            "uid",
            "organization",
            "ou",
            "account_id",
            "best_practice",
            "statement",
            "link",
            "owner_team",
            "owner",
            "starts_at",
            "ends_at",
            "half_life_days",
            "state",
            "weight",
            "checks",
            "attested_at",
            "withdrawn_at",
        )
        read_only_fields = ("uid", "attested_at", "withdrawn_at")
        extra_kwargs = {"starts_at": {"required": False}}
        validators = ()  # the service knows the rules

    def get_state(self, attestation: Attestation) -> str:
        """planned, active, lapsed, or withdrawn before its end"""
        return attestation.state(timezone.now()).value

    def get_weight(self, attestation: Attestation) -> float:
        """How much it counts now: 1 at its start, half after its half-life, 0 when it is over."""
        return round(attestation.weight(timezone.now()), 4)

    def get_checks(self, attestation: Attestation) -> list[str]:
        """Ids of the checks beside which it counts."""
        return list(checks_by_practice(built_in()).get(attestation.best_practice, ()))

    def validate_organization(self, uid: Any) -> Organization:
        return organization_named(self.context["request"], uid)


class AttestationFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Attestation
        fields = ("best_practice",)


class AttestationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    NounViewSet[Attestation],
):
    """Dated statements about practices that no API shows; approvers of their scope make them."""

    serializer_class = AttestationSerializer
    filterset_class = AttestationFilter

    def get_queryset(self) -> QuerySet[Attestation]:
        return attestations_seen(self.request.user)

    def perform_create(self, serializer: BaseSerializer[Attestation]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        named = {name: name_given(given.pop(name, {})) for name in NAMED}
        organization = given["organization"]
        made = Attestation(**given)
        units = OrganizationalUnit.objects.visible_to(user).present()
        made.ou = one_named("ou", units.filter(organization=organization), path=named["ou"])
        accounts = Account.objects.visible_to(user).filter(organization=organization)
        made.account = one_named("account_id", accounts, account_id=named["account"])
        require(user, Permission.APPROVE, on=made.target)
        teams = Team.objects.filter(organization=organization)
        made.owner_team = one_named("owner_team", teams, name=named["owner_team"])
        people = people_of([organization], timezone.now())
        made.owner = one_named("owner", people, username=named["owner"])
        serializer.instance = attestation_make(actor=user, attestation=made, now=timezone.now())

    @extend_schema(request=None, responses=AttestationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, uid: str) -> Response:
        """Let it count no more, from now on."""
        withdrawn = attestation_withdraw(
            actor=person_of(request), attestation=self.get_object(), now=timezone.now()
        )
        return Response(self.get_serializer(withdrawn).data)
