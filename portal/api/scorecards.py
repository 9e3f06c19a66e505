from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers

from findings.catalogue.pillar import Row
from findings.models import ScoreSnapshot
from portal.api.fields import OrganizationField
from portal.api.strict import StrictFilterSet
from portal.api.views import NounViewSet

ALL_ROWS = "all"


class ScorecardSerializer(serializers.ModelSerializer[ScoreSnapshot]):
    organization = OrganizationField()
    score = serializers.FloatField(
        allow_null=True, help_text="Percent of what is known, rounded down; null: nothing is."
    )
    coverage = serializers.FloatField(allow_null=True, help_text="Percent that is known.")
    row = serializers.CharField(help_text="Empty: all rows together, and what has no row.")
    level = serializers.CharField(help_text="foundation, managed or optimized; empty: none.")

    class Meta:
        model = ScoreSnapshot
        fields = (
            "organization",
            "day",
            "scope_kind",
            "scope_uid",
            "scope_name",
            "row",
            "score",
            "coverage",
            "level",
            "passed",
            "failed",
            "unknown",
            "not_applicable",
            "suppressed",
            "attested",
            "accounts",
            "scanned_at",
        )


class ScorecardFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    row = filters.ChoiceFilter(
        choices=[(ALL_ROWS, "all rows together"), *((row.value, row.label) for row in Row)],
        method="of_row",
    )
    since = filters.DateFilter(field_name="day", lookup_expr="gte")
    until = filters.DateFilter(field_name="day", lookup_expr="lte")

    class Meta:
        model = ScoreSnapshot
        fields = ("scope_kind", "scope_uid", "day")

    def of_row(self, snapshots: Any, name: str, value: str) -> Any:
        return snapshots.filter(row="" if value == ALL_ROWS else value)


class ScorecardViewSet(mixins.ListModelMixin, NounViewSet[ScoreSnapshot]):
    """How organizations, OUs, teams and accounts stood, day by day; the last day is running."""

    serializer_class = ScorecardSerializer
    filterset_class = ScorecardFilter

    def get_queryset(self) -> QuerySet[ScoreSnapshot]:
        seen = ScoreSnapshot.objects.visible_to(self.request.user)
        return seen.select_related("organization")
