from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from findings.checks.base import built_in
from portal.api.pagination import Whole
from portal.api.strict import refuse_parameters
from portal.catalogue import CheckPage, practice_lines


class ParameterSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    default = serializers.CharField(help_text="As JSON text.")
    unit = serializers.CharField()


class CheckSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    row = serializers.CharField()
    severity = serializers.CharField()
    version = serializers.IntegerField(source="definition.check.version")
    scope = serializers.CharField(help_text="What one result is of.")
    best_practices = serializers.ListField(
        child=serializers.CharField(), source="definition.check.best_practices"
    )
    principles = serializers.ListField(
        child=serializers.CharField(), source="definition.check.principles"
    )
    parameters = ParameterSerializer(many=True)
    not_applicable_when = serializers.CharField()
    alternatives = serializers.ListField(
        child=serializers.CharField(),
        help_text="Kinds of tools; where one of them is declared, the check does not apply.",
    )
    operations = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(child=serializers.CharField())
    remediation = serializers.CharField()
    cli = serializers.ListField(child=serializers.CharField())
    snippet = serializers.CharField(help_text="A CloudFormation template; may be empty.")


class PracticeSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="practice.id")
    question = serializers.CharField(source="practice.question")
    title = serializers.CharField(source="practice.title")
    risk = serializers.CharField(source="practice.risk")
    page = serializers.URLField(source="practice.source")
    coverage = serializers.CharField()
    checks = serializers.ListField(child=serializers.CharField())


class CheckViewSet(viewsets.ViewSet):
    serializer_class = CheckSerializer
    pagination_class = Whole

    @extend_schema(responses=CheckSerializer(many=True))
    def list(self, request: Request) -> Response:
        refuse_parameters(request)
        pages = [CheckPage(definition) for definition in built_in().values()]
        return Whole().get_paginated_response(CheckSerializer(pages, many=True).data)

    @extend_schema(
        responses=CheckSerializer,
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        definition = built_in().get(pk)
        if definition is None:
            raise NotFound(f"There is no check {pk}.")
        return Response(CheckSerializer(CheckPage(definition)).data)


@extend_schema_view(list=extend_schema(responses=PracticeSerializer(many=True)))
class PracticeViewSet(viewsets.ViewSet):
    serializer_class = PracticeSerializer
    pagination_class = Whole

    def list(self, request: Request) -> Response:
        refuse_parameters(request)
        practices = PracticeSerializer(list(practice_lines()), many=True)
        return Whole().get_paginated_response(practices.data)
