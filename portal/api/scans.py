from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organization
from findings.models import Scan, Shard
from findings.planning import Selection, SelectionError
from findings.selectors.coverage import gaps_of_scan
from findings.services import scans


class SelectionField(serializers.JSONField):
    """An object of ous, accounts, regions and rows; what is left out means everything."""

    def to_internal_value(self, data: Any) -> Selection:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Give an object of ous, accounts, regions, rows.")
        try:
            return Selection.parse(data)
        except SelectionError as error:
            raise serializers.ValidationError(str(error)) from error


class ScanRequestSerializer(serializers.Serializer[Any]):
    organization = serializers.UUIDField()
    selection = SelectionField(required=False)


class ScanSerializer(serializers.ModelSerializer[Scan]):
    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    requested_by = serializers.StringRelatedField[Scan]()

    class Meta:
        model = Scan
        fields = (
            "uid",
            "organization",
            "kind",
            "trigger",
            "requested_by",
            "selection",
            "state",
            "error",
            "requested_at",
            "started_at",
            "finished_at",
            "collected_shards",
            "partial_shards",
            "failed_shards",
            "out_of_scope_shards",
            "api_calls",
            "facts",
            "gaps",
            "digest",
        )


class ShardSerializer(serializers.ModelSerializer[Shard]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Shard
        fields = (
            "account_id",
            "region",
            "state",
            "region_state",
            "attempts",
            "error",
            "collected_at",
            "api_calls",
            "facts",
        )


class GapSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    operation = serializers.CharField()
    code = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    accounts = serializers.IntegerField()
    shards = serializers.IntegerField()


class ScanFilter(filters.FilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Scan
        fields = ("state", "kind", "trigger")


class ScanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Scan]):
    """Scans of the caller's organizations: start them, follow them, end them."""

    serializer_class = ScanSerializer
    filterset_class = ScanFilter
    lookup_field = "uid"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Scan]:
        seen = Scan.objects.visible_to(self.request.user)
        return seen.select_related("organization", "requested_by")

    @extend_schema(request=ScanRequestSerializer, responses={202: ScanSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a scan; without a selection of the whole organization."""
        asked = ScanRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        seen = Organization.objects.visible_to(request.user)
        scan = scans.scan_request(
            actor=request.user,
            organization=get_object_or_404(seen, uid=asked.validated_data["organization"]),
            selection=asked.validated_data.get("selection", Selection()),
            trigger=Scan.Trigger.API,
            now=timezone.now(),
        )
        return Response(self.get_serializer(scan).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=ScanSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str) -> Response:
        """End a scan; what it has collected is kept."""
        scan = scans.scan_cancel(actor=request.user, scan=self.get_object(), now=timezone.now())
        return Response(self.get_serializer(scan).data)

    @extend_schema(request=None, responses={202: ScanSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: str) -> Response:
        """Scan again what an ended scan could not collect."""
        scan = scans.scan_retry(actor=request.user, scan=self.get_object(), now=timezone.now())
        return Response(self.get_serializer(scan).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ShardSerializer(many=True))
    @action(detail=True)
    def shards(self, request: Request, uid: str) -> Response:
        """How far the scan is, by account and region."""
        seen = Shard.objects.filter(scan=self.get_object()).visible_to(request.user)
        page = self.paginate_queryset(seen.select_related("account"))
        return self.get_paginated_response(ShardSerializer(page, many=True).data)

    @extend_schema(responses=GapSerializer(many=True))
    @action(detail=True)
    def gaps(self, request: Request, uid: str) -> Response:
        """What could not be collected, grouped by reason and operation."""
        return Response([asdict(gap) for gap in gaps_of_scan(self.get_object(), request.user)])
