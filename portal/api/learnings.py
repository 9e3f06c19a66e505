from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers
from rest_framework.serializers import BaseSerializer

from accounts.models import TokenScope
from findings.models import ContributingFactor, Incident, Learning, LearningLabel
from findings.models.incident import LONGEST_TEXT
from findings.selectors.incidents import learnings_matching, learnings_seen
from findings.services.learnings import learning_add
from portal.api.fields import NamesField
from portal.api.naming import part_named
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet
from portal.people import person_of

Kind = LearningLabel.Kind
LABELS = {
    "practices": Kind.PRACTICE,
    "tags": Kind.TAG,
    "services": Kind.SERVICE,
    "checks": Kind.CHECK,
}


class LearningSerializer(StrictSerializer, serializers.ModelSerializer[Learning]):
    incident = serializers.UUIDField(source="incident.uid")
    when = serializers.CharField(max_length=LONGEST_TEXT)
    then = serializers.CharField(max_length=LONGEST_TEXT)
    guard = serializers.CharField(max_length=LONGEST_TEXT)
    practices = NamesField(required=False)
    tags = NamesField(required=False)
    services = NamesField(required=False)
    checks = NamesField(required=False)

    class Meta:
        model = Learning
        fields = (
            "uid",
            "incident",
            "when",
            "then",
            "guard",
            *LABELS,
            "state",
            "state_since",
            "learnt_at",
        )
        read_only_fields = ("uid", "state", "state_since", "learnt_at")

    def to_representation(self, instance: Learning) -> dict[str, Any]:
        for name, kind in LABELS.items():
            setattr(instance, name, instance.labelled(kind))
        return super().to_representation(instance)


class LearningFilter(StrictFilterSet):
    incident = filters.UUIDFilter(field_name="incident__uid")
    search = filters.CharFilter(method="matching", label="Words that it holds.")
    practice = filters.CharFilter(method="matching")
    service = filters.CharFilter(method="matching")
    tag = filters.CharFilter(method="matching")
    check = filters.CharFilter(method="matching")
    factor = filters.ChoiceFilter(choices=ContributingFactor.Kind.choices, method="matching")

    class Meta:
        model = Learning
        fields = ("state",)

    def matching(self, rows: Any, name: str, value: str) -> Any:
        return learnings_matching(rows, **{name: value})


class LearningViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    NounViewSet[Learning],
):
    """What incidents taught: when X, Y happens; guard Z. Scans say whether it is guarded."""

    serializer_class = LearningSerializer
    filterset_class = LearningFilter
    write_scope = TokenScope.INCIDENTS
    changed_field = "state_since"

    def get_queryset(self) -> QuerySet[Learning]:
        return learnings_seen(self.request.user)

    def perform_create(self, serializer: BaseSerializer[Learning]) -> None:
        given, user = dict(serializer.validated_data), person_of(self.request)
        seen = Incident.objects.visible_to(user)
        incident = part_named("incident", seen, given["incident"]["uid"])
        statement = {name: given[name] for name in ("when", "then", "guard")}
        serializer.instance = learning_add(
            actor=user,
            learning=Learning(incident=incident, **statement),
            labels={kind: given.get(name, []) for name, kind in LABELS.items()},
            now=timezone.now(),
        )
