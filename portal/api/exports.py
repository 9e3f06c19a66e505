from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from findings.models import Export, ExportFormat, ExportKind
from findings.selectors.finding_list import STATES, SUPPRESSED
from findings.services.exports import export_cancel, export_open, export_request
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.downloads import download
from portal.people import person_of


def _text() -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=2048)


class FiltersSerializer(StrictSerializer):
    """Those of the findings list; what is left out narrows nothing, and the state is open."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    severity = _text()
    row = _text()
    check = _text()
    account = _text()
    ou = _text()
    region = _text()
    search = _text()
    scan = _text()
    change = _text()
    suppressed = serializers.ChoiceField(choices=SUPPRESSED, required=False)


class ExportRequestSerializer(StrictSerializer):
    organization = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ExportKind.choices)
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    filters = FiltersSerializer(required=False)


class ExportSerializer(serializers.ModelSerializer[Export]):
    organization = serializers.UUIDField(source="organization.uid", read_only=True)
    filters = serializers.DictField(child=serializers.CharField(), read_only=True)
    manifest = serializers.DictField(read_only=True)

    class Meta:
        model = Export
        fields = (
            "uid",
            "organization",
            "kind",
            "format",
            "filters",
            "state",
            "error",
            "asked_at",
            "started_at",
            "finished_at",
            "rows_done",
            "rows_expected",
            "size",
            "sha256",
            "manifest",
        )
        read_only_fields = fields


class ExportFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Export
        fields = ("kind", "format", "state")


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Export]):
    """Files with what the caller may see: ask for them, follow them, fetch them."""

    serializer_class = ExportSerializer
    filterset_class = ExportFilter

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.visible_to(self.request.user).select_related("organization")

    @extend_schema(request=ExportRequestSerializer, responses={202: ExportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for an export; it is written in the background."""
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given: dict[str, Any] = asked.validated_data
        export = export_request(
            actor=person_of(request),
            organization=organization_named(request, given["organization"]),
            kind=given["kind"],
            format=given["format"],
            filters=dict(given.get("filters", {})),
            now=timezone.now(),
        )
        return Response(self.get_serializer(export).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str) -> Response:
        """End an export that is not done."""
        ended = export_cancel(
            actor=person_of(request), export=self.get_object(), now=timezone.now()
        )
        return Response(self.get_serializer(ended).data)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, filters=False
    )
    @action(detail=True, pagination_class=None)
    def download(self, request: Request, uid: str) -> FileResponse:
        """The file; refused when the caller no longer sees all that it tells of."""
        export = self.get_object()
        path = export_open(
            actor=person_of(request),
            export=export,
            directory=settings.HOME / "exports",
            now=timezone.now(),
        )
        return download(path, name=export.file_name, sha256=export.sha256)
