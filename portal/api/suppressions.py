from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.access import Permission, require
from accounts.models import Account, Organization, OrganizationalUnit, TokenScope
from accounts.validators import validate_account_id
from findings.checks.base import built_in
from findings.models import Finding, SuppressedFinding, Suppression
from findings.selectors.suppressions import preview_of, suppressions_seen, with_changed_at
from findings.services.suppressions import (
    suppression_approve,
    suppression_ask,
    suppression_prepare,
    suppression_refuse,
    suppression_revoke,
)
from portal.api.fields import OrganizationField
from portal.api.naming import name_given, one_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of

NAMED = ("ou", "account", "finding")
LONGEST_TEXT = 10_000


class SuppressionSerializer(StrictSerializer, serializers.ModelSerializer[Suppression]):
    organization = OrganizationField()
    finding = serializers.UUIDField(
        source="finding.uid",
        required=False,
        allow_null=True,
        help_text="Of one finding alone; then nothing else of the selector is given.",
    )
    ou = serializers.CharField(
        source="ou.path", required=False, allow_null=True, help_text="Path, with all below it."
    )
    account_id = serializers.CharField(
        source="account.account_id",
        required=False,
        allow_null=True,
        validators=[validate_account_id],
    )
    reason = serializers.CharField(max_length=LONGEST_TEXT)
    changed_at = serializers.DateTimeField(read_only=True)
    state = serializers.SerializerMethodField()
    covered = serializers.SerializerMethodField()
    asked_by = serializers.CharField(
        source="asked_by.username", default=None, read_only=True, allow_null=True
    )
    decided_by = serializers.CharField(
        source="decided_by.username", default=None, read_only=True, allow_null=True
    )
    revoked_by = serializers.CharField(
        source="revoked_by.username", default=None, read_only=True, allow_null=True
    )
    renews = serializers.UUIDField(
        source="renews.uid", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Suppression
        read_only_fields = (
            "uid",
            "origin",
            "asked_at",
            "is_approved",
            "decided_at",
            "decision_note",
            "is_decided_by_its_asker",
            "revoked_at",
            "tripped_at",
            "warned_at",
        )
        fields = (
            "organization",
            "kind",
            "finding",
            "check_id",
            "ou",
            "account_id",
            "tag_key",
            "tag_value",
            "region",
            "resource",
            "maximum",
            "compensating_check",
            "reason",
            "starts_at",
            "ends_at",
            "state",
            "covered",
            "changed_at",
            "asked_by",
            "decided_by",
            "revoked_by",
            "renews",
            *read_only_fields,
        )
        extra_kwargs = {"starts_at": {"required": False}}
        validators = ()  # the service knows the rules

    def get_state(self, suppression: Suppression) -> str:
        """asked, approved (not begun), active, expired, refused, revoked, or tripped"""
        return suppression.state(timezone.now()).value

    def get_covered(self, suppression: Suppression) -> int:
        """Findings that it covers now, of those that the caller may see."""
        user = person_of(self.context["request"])
        rows = SuppressedFinding.objects.filter(suppression=suppression).at(timezone.now())
        return rows.visible_to(user).values("finding").distinct().count()

    def validate_organization(self, uid: Any) -> Organization:
        return organization_named(self.context["request"], uid)


class SeveritySerializer(serializers.Serializer[Any]):
    severity = serializers.CharField()
    findings = serializers.IntegerField()
    ends_at = serializers.DateTimeField(help_text="The end that the severity allows.")


class PreviewSerializer(serializers.Serializer[Any]):
    """What would be covered now."""

    findings = serializers.IntegerField()
    accounts = serializers.IntegerField()
    already = serializers.IntegerField(help_text="Of them are suppressed already.")
    severities = SeveritySerializer(many=True)
    sample = serializers.ListField(
        child=serializers.UUIDField(), help_text="Uids of findings, worst first."
    )
    is_beyond_maximum = serializers.BooleanField()


class DecisionNoteSerializer(StrictSerializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)


class SuppressionFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    finding = filters.UUIDFilter(field_name="finding__uid")
    account_id = filters.CharFilter(
        field_name="account__account_id", validators=[validate_account_id]
    )
    covers = filters.UUIDFilter(
        method="narrow_to_covering", label="Uid of a finding that it covers now."
    )
    state = filters.ChoiceFilter(choices=Suppression.State.choices, method="narrow_to_state")

    class Meta:
        model = Suppression
        fields = ("kind", "check_id")

    def narrow_to_covering(
        self, queryset: QuerySet[Suppression], name: str, value: Any
    ) -> QuerySet[Suppression]:
        if self.request is None:
            return queryset
        seen = Finding.objects.visible_to(self.request.user).filter(uid=value)
        rows = SuppressedFinding.objects.at(timezone.now()).filter(finding__in=seen)
        return queryset.filter(pk__in=rows.values("suppression"))

    def narrow_to_state(
        self, queryset: QuerySet[Suppression], name: str, value: str
    ) -> QuerySet[Suppression]:
        state, now = Suppression.State(value), timezone.now()
        found: QuerySet[Suppression] = queryset.in_state(state, now)  # type: ignore[attr-defined]
        return found


class SuppressionViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    NounViewSet[Suppression],
):
    """Accepted risks and false positives: contributors ask, approvers of the scope decide."""

    write_scope = TokenScope.SUPPRESSIONS
    changed_field = "changed_at"
    requires_if_match = True
    serializer_class = SuppressionSerializer
    filterset_class = SuppressionFilter

    def get_queryset(self) -> QuerySet[Suppression]:
        return with_changed_at(suppressions_seen(self.request.user))

    def perform_create(self, serializer: BaseSerializer[Suppression]) -> None:
        asked = suppression_ask(
            actor=person_of(self.request),
            suppression=self._described(serializer),
            registry=built_in(),
            now=timezone.now(),
        )
        serializer.instance = self.get_queryset().get(pk=asked.pk)

    @extend_schema(request=SuppressionSerializer, responses=PreviewSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def preview(self, request: Request) -> Response:
        """What a request of this body would cover now; saves nothing."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        now = timezone.now()
        prepared = suppression_prepare(
            suppression=self._described(serializer), registry=built_in(), now=now
        )
        days = settings.SUPPRESSION_DAYS
        found = preview_of(prepared, person_of(request), days=days, now=now)
        told = {**asdict(found), "sample": [finding.uid for finding in found.sample]}
        return Response(PreviewSerializer(told).data)

    @extend_schema(request=DecisionNoteSerializer, responses=SuppressionSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, uid: str) -> Response:
        """Let it cover what it selects; by another person than the one who asked."""
        approved = suppression_approve(
            actor=person_of(request),
            suppression=self.get_object(),
            note=_note(request),
            registry=built_in(),
            now=timezone.now(),
        )
        return self._answer_anew(approved)

    @extend_schema(request=DecisionNoteSerializer, responses=SuppressionSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, uid: str) -> Response:
        """Say no; the note says why."""
        refused = suppression_refuse(
            actor=person_of(request),
            suppression=self.get_object(),
            note=_note(request),
            now=timezone.now(),
        )
        return self._answer_anew(refused)

    @extend_schema(request=DecisionNoteSerializer, responses=SuppressionSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, uid: str) -> Response:
        """Let it cover nothing from now on; or take back one's own request."""
        revoked = suppression_revoke(
            actor=person_of(request),
            suppression=self.get_object(),
            note=_note(request),
            now=timezone.now(),
        )
        return self._answer_anew(revoked)

    def _answer_anew(self, decided: Suppression) -> Response:
        return self.answer(self.get_queryset().get(pk=decided.pk))

    def _described(self, serializer: BaseSerializer[Suppression]) -> Suppression:
        """What a body asks for, unsaved; refused before anything is looked up where one may not."""
        given, user = dict(serializer.validated_data), person_of(self.request)
        named = {name: name_given(given.pop(name, {})) for name in NAMED}
        organization = given["organization"]
        made = Suppression(**given)
        if named["finding"]:
            made.finding = _finding_named(user, organization, named["finding"])
            require(user, Permission.CONTRIBUTE, on=made.finding.account)
            return made
        units = OrganizationalUnit.objects.visible_to(user).present()
        made.ou = one_named("ou", units.filter(organization=organization), path=named["ou"])
        accounts = Account.objects.visible_to(user).filter(organization=organization)
        made.account = one_named("account_id", accounts, account_id=named["account"])
        require(user, Permission.CONTRIBUTE, on=made.target)
        return made


def _note(request: Request) -> str:
    serializer = DecisionNoteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return str(serializer.validated_data.get("note", ""))


def _finding_named(user: Any, organization: Organization, uid: Any) -> Finding:
    seen = Finding.objects.visible_to(user).select_related("account__organization", "account__ou")
    found = seen.filter(uid=uid, organization=organization).first()
    if found is None:
        raise NotFound(f"There is no finding {uid}, or you may not see it.")
    return found
