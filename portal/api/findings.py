from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Permission, can
from findings.checks.base import built_in
from findings.models import Finding, Scan
from findings.selectors.evidence import evidence_of_finding
from findings.services.rechecks import finding_recheck
from portal.api.scans import ScanSerializer
from workers.collectors.base import collectors


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


class EvidenceSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    account = serializers.CharField()
    region = serializers.CharField()
    collected_at = serializers.DateTimeField()
    facts = serializers.ListField(child=serializers.CharField())
    omitted = serializers.IntegerField()
    gap = serializers.DictField(allow_null=True)
    calls = serializers.ListField(child=serializers.DictField())


class FindingFilter(filters.FilterSet):
    account_id = filters.CharFilter(field_name="account__account_id")
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Finding
        fields = {
            "check_id": ["exact"],
            "row": ["exact"],
            "severity": ["exact"],
            "region": ["exact"],
            "is_open": ["exact"],
            "changed_at": ["gte"],
        }


class FindingViewSet(viewsets.ReadOnlyModelViewSet[Finding]):
    """Findings in the accounts that the caller may see."""

    serializer_class = FindingSerializer
    filterset_class = FindingFilter
    lookup_field = "uid"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Finding]:
        seen = Finding.objects.visible_to(self.request.user)
        return seen.select_related("account__organization", "account__ou")

    @extend_schema(responses=EvidenceSerializer(many=True))
    @action(detail=True)
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
            actor=request.user,
            finding=self.get_object(),
            trigger=Scan.Trigger.API,
            now=timezone.now(),
        )
        data = ScanSerializer(scan, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_202_ACCEPTED)
