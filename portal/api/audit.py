from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers

from accounts.models import AuditEntry, Organization
from portal.api.strict import InstantFilter, StrictFilterSet
from portal.api.views import NounViewSet


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    organization = serializers.SlugRelatedField[Organization](
        slug_field="uid", read_only=True, allow_null=True
    )

    before = serializers.DictField(read_only=True, allow_null=True)
    after = serializers.DictField(read_only=True, allow_null=True)

    class Meta:
        model = AuditEntry
        fields = (
            "uid",
            "at",
            "actor_name",
            "action",
            "organization",
            "target_type",
            "target_uid",
            "target_name",
            "before",
            "after",
            "request_id",
        )
        read_only_fields = fields


class AuditEntryFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    since = InstantFilter(field_name="at", lookup_expr="gte")
    until = InstantFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ("action", "actor_name", "target_type", "target_uid", "request_id")


class AuditEntryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[AuditEntry]):
    """Who changed what in the organizations that the caller administers; of others nothing."""

    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryFilter

    def get_queryset(self) -> QuerySet[AuditEntry]:
        seen = AuditEntry.objects.visible_to(self.request.user)
        return seen.select_related("organization")
