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

from accounts.models import TokenScope
from findings.models import Analysis, AnalysisVersion, Incident
from findings.models.incident import LONGEST_TEXT
from findings.services.analyses import analysis_begin, analysis_move, analysis_save
from portal.api.naming import part_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet
from portal.people import person_of


class AnalysisSerializer(StrictSerializer, serializers.ModelSerializer[Analysis]):
    incident = serializers.UUIDField(source="incident.uid")
    sections = serializers.DictField(
        child=serializers.CharField(
            allow_blank=True, max_length=LONGEST_TEXT, trim_whitespace=False
        ),
        required=False,
        help_text="Key of a part -> Markdown; parts that are not given stay.",
    )
    whys = serializers.JSONField(
        required=False, help_text="Tree of {why, because}: answers that are asked again."
    )

    class Meta:
        model = Analysis
        fields = (
            "uid",
            "incident",
            "template",
            "state",
            "version",
            "sections",
            "whys",
            "begun_at",
            "changed_at",
            "published_at",
        )
        read_only_fields = ("uid", "state", "version", "begun_at", "changed_at", "published_at")
        validators = ()  # the service knows the rules


class VersionSerializer(serializers.ModelSerializer[AnalysisVersion]):
    saved_by = serializers.CharField(source="saved_by.username", allow_null=True, default=None)

    class Meta:
        model = AnalysisVersion
        fields = ("number", "sections", "whys", "is_autosave", "saved_at", "saved_by")


class AnalysisMoveSerializer(StrictSerializer):
    state = serializers.ChoiceField(choices=Analysis.State.choices)


class AnalysisFilter(StrictFilterSet):
    incident = filters.UUIDFilter(field_name="incident__uid")

    class Meta:
        model = Analysis
        fields = ("state", "template")


class AnalysisViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    NounViewSet[Analysis],
):
    """What people make of an incident; approvers publish it, and then its words stay."""

    serializer_class = AnalysisSerializer
    filterset_class = AnalysisFilter
    http_method_names = ("get", "post", "patch", "head", "options")
    write_scope = TokenScope.INCIDENTS
    changed_field = "changed_at"
    requires_if_match = True

    def get_queryset(self) -> QuerySet[Analysis]:
        seen: QuerySet[Analysis] = Analysis.objects.visible_to(self.request.user)
        return seen.select_related("incident", "changed_by")

    def perform_create(self, serializer: BaseSerializer[Analysis]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        seen = Incident.objects.visible_to(user)
        incident = part_named("incident", seen, given["incident"]["uid"])
        begun = analysis_begin(
            actor=user, incident=incident, template=given["template"], now=timezone.now()
        )
        serializer.instance = self._save(begun, given)

    def perform_update(self, serializer: BaseSerializer[Analysis]) -> None:
        given, analysis = dict(serializer.validated_data), self.get_object()
        for name in ("incident", "template"):
            if name in given:
                raise serializers.ValidationError({name: "This cannot be changed."})
        serializer.instance = self._save(analysis, given)

    def _save(self, analysis: Analysis, given: dict[str, Any]) -> Analysis:
        if not {"sections", "whys"} & set(given):
            return analysis
        return analysis_save(
            actor=person_of(self.request),
            analysis=analysis,
            version=analysis.version,
            sections=given.get("sections", {}),
            whys=given.get("whys"),
            now=timezone.now(),
        )

    @extend_schema(request=AnalysisMoveSerializer, responses=AnalysisSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, uid: str) -> Response:
        """From draft to review, to published, and back to a draft."""
        analysis, given = self.get_object(), AnalysisMoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        to = Analysis.State(given.validated_data["state"])
        moved = analysis_move(
            actor=person_of(request), analysis=analysis, to=to, now=timezone.now()
        )
        return self.answer(moved)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True)
    def versions(self, request: Request, uid: str) -> Response:
        """What was kept of it, the newest first."""
        kept = self.get_object().versions.select_related("saved_by")
        return self.answer_page(kept, VersionSerializer)
