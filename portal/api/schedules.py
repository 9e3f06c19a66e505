from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import mixins, serializers
from rest_framework.serializers import BaseSerializer

from accounts.models import Organization
from accounts.validators import validate_time_zone
from findings.models import Scan, Schedule
from findings.scheduling import ScheduleError, Timetable, next_runs
from findings.services.schedules import schedule_delete, schedule_save
from portal.api.fields import OrganizationField
from portal.api.selections import SelectionField
from portal.api.strict import StrictFilterSet, StrictSerializer
from portal.api.views import NounViewSet, organization_named
from portal.people import person_of

NEXT_RUNS = 3


class ScheduleSerializer(StrictSerializer, serializers.ModelSerializer[Schedule]):
    organization = OrganizationField()
    selection = SelectionField(required=False)
    last_scan = serializers.SlugRelatedField[Scan](
        slug_field="uid", read_only=True, allow_null=True
    )
    next_runs = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            "uid",
            "organization",
            "name",
            "cron",
            "time_zone",
            "jitter_minutes",
            "catches_up",
            "selection",
            "is_active",
            "next_run_at",
            "next_runs",
            "last_run_at",
            "last_scan",
        )
        read_only_fields = ("uid", "next_run_at", "last_run_at")
        extra_kwargs = {"time_zone": {"validators": [validate_time_zone]}}
        validators = ()  # the service names what is taken

    def get_next_runs(self, schedule: Schedule) -> list[datetime]:
        """The next times of the cron expression in UTC, without jitter; none while inactive."""
        if not schedule.is_active:
            return []
        return next_runs(schedule.timetable, timezone.now(), NEXT_RUNS)

    def validate_organization(self, uid: Any) -> Organization:
        organization = organization_named(self.context["request"], uid)
        if self.instance is not None and organization != self.instance.organization:
            raise serializers.ValidationError("A schedule stays with its organization.")
        return organization

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        stored = self.instance or Schedule()
        try:
            Timetable(
                cron=attrs.get("cron", stored.cron),
                time_zone=attrs.get("time_zone", stored.time_zone),
                jitter=timedelta(),
            )
        except ScheduleError as error:
            raise serializers.ValidationError({"cron": str(error)}) from error
        return attrs


class ScheduleFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")

    class Meta:
        model = Schedule
        fields = ("name", "is_active")


class ScheduleViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    NounViewSet[Schedule],
):
    """When organizations are scanned; who administers an organization changes its schedules."""

    serializer_class = ScheduleSerializer
    filterset_class = ScheduleFilter

    def get_queryset(self) -> QuerySet[Schedule]:
        seen = Schedule.objects.visible_to(self.request.user)
        return seen.select_related("organization", "last_scan")

    def perform_create(self, serializer: BaseSerializer[Schedule]) -> None:
        self._save(serializer, Schedule())

    def perform_update(self, serializer: BaseSerializer[Schedule]) -> None:
        self._save(serializer, self.get_object())

    def perform_destroy(self, instance: Schedule) -> None:
        schedule_delete(actor=person_of(self.request), schedule=instance, now=timezone.now())

    def _save(self, serializer: BaseSerializer[Schedule], schedule: Schedule) -> None:
        for name, value in serializer.validated_data.items():
            setattr(schedule, name, value)
        serializer.instance = schedule_save(
            actor=person_of(self.request), schedule=schedule, now=timezone.now()
        )
