from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import reach_of
from accounts.models import Organization, TokenScope
from findings.models import Scan, Shard
from findings.planning import Selection
from findings.selectors.coverage import GapGroup, gaps_of_scan
from findings.selectors.differences import difference_of
from findings.selectors.tallies import Tally, tallies_of
from findings.services import scans
from portal.api.selections import SelectionField
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.gap_advice import advice_on
from portal.people import person_of


class ScanRequestSerializer(StrictSerializer):
    organization = serializers.UUIDField()
    selection = SelectionField(required=False)


class ScanSerializer(serializers.ModelSerializer[Scan]):
    """Numbers are of the accounts that the caller may see."""

    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    requested_by = serializers.CharField(
        source="requested_by.username", read_only=True, allow_null=True
    )
    selection = SelectionField(read_only=True)
    shards = serializers.SerializerMethodField()
    api_calls = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField()
    gaps = serializers.SerializerMethodField()

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
            "shards",
            "api_calls",
            "facts",
            "gaps",
            "digest",
        )
        read_only_fields = fields

    def get_shards(self, scan: Scan) -> dict[str, int]:
        """Numbers by state: pending, collecting, collected, partial, failed, out_of_scope…"""
        return dict(self._tally(scan).shards)

    def get_api_calls(self, scan: Scan) -> int:
        return self._tally(scan).api_calls

    def get_facts(self, scan: Scan) -> int:
        return self._tally(scan).facts

    def get_gaps(self, scan: Scan) -> dict[str, int] | None:
        """By reason; null until the scan ends, and for who sees only a part of its accounts."""
        reach = reach_of(self.context["request"].user)
        is_told = not scan.is_live and reach.covers_organization(scan.organization)
        return scan.gaps if is_told else None

    def _tally(self, scan: Scan) -> Tally:
        found: Tally = self.context["tallies"][scan.pk]
        return found


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
        read_only_fields = fields


class GapSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    operation = serializers.CharField()
    code = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    accounts = serializers.IntegerField()
    shards = serializers.IntegerField()
    iam_action = serializers.SerializerMethodField()
    advice = serializers.SerializerMethodField()

    def get_iam_action(self, gap: GapGroup) -> str:
        """What the scanner's role has to be allowed; empty where none is known."""
        return advice_on(gap).iam_action

    def get_advice(self, gap: GapGroup) -> str:
        return advice_on(gap).sentence


class ChangeSerializer(serializers.Serializer[Any]):
    change = serializers.CharField(source="name")
    total = serializers.IntegerField()
    by_severity = serializers.DictField(child=serializers.IntegerField())


class ScanFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Scan
        fields = ("state", "kind", "trigger")


class ScanViewSet(NounViewSet[Scan]):
    """Scans of the caller's accounts: start them, follow them, end them."""

    write_scope = TokenScope.SCANS
    serializer_class = ScanSerializer
    filterset_class = ScanFilter

    def get_queryset(self) -> QuerySet[Scan]:
        seen = Scan.objects.visible_to(self.request.user)
        return seen.select_related("organization", "requested_by")

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._told(page or []))

    def retrieve(self, request: Request, uid: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=ScanRequestSerializer, responses={202: ScanSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a scan; without a selection of the whole organization."""
        asked = ScanRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        scan = scans.scan_request(
            actor=person_of(request),
            organization=organization_named(request, asked.validated_data["organization"]),
            selection=Selection.parse(asked.validated_data.get("selection", {})),
            trigger=Scan.Trigger.API,
            now=timezone.now(),
        )
        return self.answer(scan, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=ScanSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str) -> Response:
        """End a scan; what it has collected is kept."""
        scan = self.get_object()
        return self.answer(
            scans.scan_cancel(actor=person_of(request), scan=scan, now=timezone.now())
        )

    @extend_schema(request=None, responses={202: ScanSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: str) -> Response:
        """Scan again what an ended scan could not collect."""
        scan = self.get_object()
        again = scans.scan_retry(actor=person_of(request), scan=scan, now=timezone.now())
        return self.answer(again, status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ShardSerializer(many=True), filters=False)
    @action(detail=True)
    def shards(self, request: Request, uid: str) -> Response:
        """How far the scan is, by account and region."""
        seen = Shard.objects.filter(scan=self.get_object()).visible_to(request.user)
        return self.answer_page(seen.select_related("account"), ShardSerializer)

    @extend_schema(responses=GapSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def gaps(self, request: Request, uid: str) -> Response:
        """What could not be collected, grouped by reason and operation, with what to do."""
        found = gaps_of_scan(self.get_object(), request.user)
        return Response(GapSerializer(found, many=True).data)

    @extend_schema(responses=ChangeSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def difference(self, request: Request, uid: str) -> Response:
        """What the scan changed: numbers of findings new, regressed, resolved, closed."""
        found = difference_of(self.get_object(), request.user)
        return Response(ChangeSerializer(found, many=True).data)

    def represent(self, row: Scan) -> Any:
        return self._told([row])[0]

    def _told(self, found: Sequence[Scan]) -> Any:
        context = {
            **self.get_serializer_context(),
            "tallies": tallies_of(found, self.request.user),
        }
        return ScanSerializer(found, many=True, context=context).data
