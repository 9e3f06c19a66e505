from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Permission, can
from accounts.models import TokenScope
from accounts.validators import validate_account_id, validate_region
from findings.checks.base import built_in
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import Finding, Scan
from findings.selectors.evidence import evidence_of_finding
from findings.selectors.tallies import tallies_of
from findings.services.rechecks import finding_recheck
from portal.api.scans import ScanSerializer
from portal.api.strict import StrictFilterSet, UnitFilter
from portal.api.views import NounViewSet
from portal.people import person_of
from workers.collectors.base import collectors


def validate_place(region: str) -> None:
    if region not in (AWS_GLOBAL, AWS_ORGANIZATION):
        validate_region(region)


class FindingSerializer(serializers.ModelSerializer[Finding]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Finding
        fields = (
            "uid",
            "fingerprint",
            "check_id",
            "check_version",
            "row",
            "severity",
            "account_id",
            "region",
            "resource",
            "evidence_status",
            "is_open",
            "message",
            "parts",
            "opened_at",
            "changed_at",
            "facts_at",
            "unverified_since",
        )
        read_only_fields = fields


class EvidenceSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    account = serializers.CharField()
    region = serializers.CharField()
    collected_at = serializers.DateTimeField()
    facts = serializers.ListField(child=serializers.CharField(), help_text="Each as JSON text.")
    listed = serializers.IntegerField(
        allow_null=True, help_text="Of this kind in the whole listing; null: no longer kept."
    )
    omitted = serializers.IntegerField()
    gap = serializers.DictField(allow_null=True)
    calls = serializers.ListField(child=serializers.DictField())


class FindingFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    account_id = filters.CharFilter(
        field_name="account__account_id", validators=[validate_account_id]
    )
    ou = UnitFilter("account__")
    region = filters.CharFilter(validators=[validate_place])
    unverified = filters.BooleanFilter(
        field_name="unverified_since",
        lookup_expr="isnull",
        exclude=True,
        label="Whether the last scans could not see if it still fails.",
    )

    class Meta:
        model = Finding
        fields = {
            "check_id": ["exact"],
            "row": ["exact"],
            "severity": ["exact"],
            "is_open": ["exact"],
            "changed_at": ["gte"],
        }


class FindingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Finding]):
    """Findings in the accounts that the caller may see."""

    write_scope = TokenScope.FINDINGS
    serializer_class = FindingSerializer
    filterset_class = FindingFilter

    def get_queryset(self) -> QuerySet[Finding]:
        seen = Finding.objects.visible_to(self.request.user)
        return seen.select_related("account__organization", "account__ou")

    @extend_schema(responses=EvidenceSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def evidence(self, request: Request, uid: str) -> Response:
        """The facts that the check of this finding reads now, and the calls they came from."""
        finding = self.get_object()
        definition = built_in().get(finding.check_id)
        found = definition and evidence_of_finding(
            finding,
            definition,
            request.user,
            shows_personal=can(request.user, Permission.VIEW_PERSONAL, on=finding.account),
            operations={kind: known.operations for kind, known in collectors().items()},
        )
        return Response([asdict(item) for item in found or []])

    @extend_schema(request=None, responses={202: ScanSerializer})
    @action(detail=True, methods=["post"])
    def recheck(self, request: Request, uid: str) -> Response:
        """Collect and judge again what this finding is about."""
        scan = finding_recheck(
            actor=person_of(request),
            finding=self.get_object(),
            trigger=Scan.Trigger.API,
            now=timezone.now(),
        )
        context = {
            **self.get_serializer_context(),
            "tallies": tallies_of([scan], request.user),
        }
        told = ScanSerializer(scan, context=context).data
        return Response(told, status=status.HTTP_202_ACCEPTED)
