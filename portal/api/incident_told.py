"""What is told and taken of incidents: itself, its parts, and what was known when it began."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from findings.foresight import Foresight
from findings.incident_times import IncidentState
from findings.models import (
    ContributingFactor,
    Episode,
    ForesightEntry,
    Incident,
    IncidentRole,
    TimelineEntry,
)
from findings.models.incident import LONGEST_TEXT
from portal.api.fields import AccountIdsField, NamesField, OrganizationField
from portal.api.strict import StrictSerializer
from portal.api.views import organization_named


class SecondsField(serializers.FloatField):
    def __init__(self, **given: Any) -> None:
        super().__init__(allow_null=True, **given)

    def to_representation(self, value: Any) -> Any:
        return float(value.total_seconds())


class DurationsSerializer(serializers.Serializer[Any]):
    """From the start to detection, mitigation and resolution; from detection to an answer."""

    to_detect = SecondsField()
    to_acknowledge = SecondsField()
    to_mitigate = SecondsField()
    to_resolve = SecondsField()


class RoleSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=IncidentRole.Role.choices)
    person = serializers.CharField(source="user.username", max_length=150)


class IncidentSerializer(StrictSerializer, serializers.ModelSerializer[Incident]):
    organization = OrganizationField()
    key = serializers.CharField(read_only=True)
    summary = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="Markdown."
    )
    external_url = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="http or https"
    )
    accounts = AccountIdsField(required=False)
    services = NamesField(required=False)
    checks = NamesField(required=False, help_text="Ids of related checks.")
    state = serializers.SerializerMethodField()
    seconds = DurationsSerializer(source="times", read_only=True)
    roles = RoleSerializer(  # type: ignore[call-arg]  # its list takes max_length
        many=True,
        required=False,
        max_length=50,
        help_text="Who does what; all of them are given at once. One person commands.",
    )
    analysis = serializers.UUIDField(
        source="analysis.uid", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Incident
        fields = (
            "uid",
            "key",
            "organization",
            "title",
            "summary",
            "severity",
            "state",
            "users_affected",
            "requests_failed",
            "downtime_minutes",
            "accounts",
            "services",
            "checks",
            "roles",
            "started_at",
            "detected_at",
            "acknowledged_at",
            "mitigated_at",
            "resolved_at",
            "seconds",
            "external_reference",
            "external_url",
            "analysis",
            "recorded_at",
            "changed_at",
        )
        read_only_fields = ("uid", "recorded_at", "changed_at")
        validators = ()  # the service knows the rules

    @extend_schema_field(serializers.ChoiceField(choices=[state.value for state in IncidentState]))
    def get_state(self, incident: Incident) -> str:
        return incident.state.value

    def validate_organization(self, uid: Any) -> Any:
        return organization_named(self.context["request"], uid)


class TimelineEntrySerializer(StrictSerializer, serializers.ModelSerializer[TimelineEntry]):
    text = serializers.CharField(max_length=LONGEST_TEXT, help_text="Markdown.")
    author = serializers.CharField(source="author.username", read_only=True, allow_null=True)

    class Meta:
        model = TimelineEntry
        fields = ("uid", "at", "text", "is_starred", "source", "author", "added_at")
        read_only_fields = ("uid", "source", "added_at")


class FactorSerializer(StrictSerializer, serializers.ModelSerializer[ContributingFactor]):
    text = serializers.CharField(max_length=LONGEST_TEXT, help_text="Markdown.")

    class Meta:
        model = ContributingFactor
        fields = ("uid", "kind", "text", "added_at")
        read_only_fields = ("uid", "added_at")


class ForesightSerializer(serializers.ModelSerializer[ForesightEntry]):
    check_id = serializers.CharField(help_text="Empty: no check looks at it.")
    account_id = serializers.CharField(source="account.account_id")
    ou = serializers.CharField(
        source="ou_path",
        allow_null=True,
        help_text="Path of the OU where the account was then; null: not yours to see.",
    )
    confirmed_by = serializers.CharField(
        source="confirmed_by.username", allow_null=True, default=None
    )

    class Meta:
        model = ForesightEntry
        fields = (
            "uid",
            "check_id",
            "account_id",
            "ou",
            "region",
            "proposed",
            "warning_seconds",
            "confirmed",
            "confirmed_by",
            "confirmed_at",
        )


class ForeseenSerializer(serializers.Serializer[Any]):
    """A share is never told without its number."""

    foreseen = serializers.IntegerField(source="rate.foreseen")
    number = serializers.IntegerField(source="rate.number", help_text="Confirmed, and known.")
    unknown = serializers.IntegerField(source="rate.unknown", help_text="Of which nobody can say.")
    warned = serializers.IntegerField(help_text="With a finding that had been open.")
    warning_seconds = SecondsField(source="warning", help_text="The median of those.")


class OfOuSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    ou = serializers.CharField(
        source="path", allow_null=True, help_text="Its path; null: OUs that are not yours to see."
    )
    foreseen = ForeseenSerializer()


class OfCheckSerializer(serializers.Serializer[Any]):
    check_id = serializers.CharField(source="check")
    preceded = serializers.IntegerField(help_text="Incidents before which its finding was there.")
    incidents = serializers.IntegerField(help_text="Of those that it has to do with.")
    foreseen = ForeseenSerializer()


class ForesightReportSerializer(serializers.Serializer[Any]):
    foreseen = ForeseenSerializer()
    by_ou = OfOuSerializer(many=True, help_text="Where the account was when it began.")
    by_check = OfCheckSerializer(many=True)


class ConfirmSerializer(StrictSerializer):
    entry = serializers.UUIDField()
    foresight = serializers.ChoiceField(choices=[one.value for one in Foresight])


class StarSerializer(StrictSerializer):
    entry = serializers.UUIDField()
    is_starred = serializers.BooleanField()


class PartSerializer(StrictSerializer):
    part = serializers.UUIDField(help_text="The uid of a timeline entry or of a factor.")


class OpenThenSerializer(serializers.ModelSerializer[Episode]):
    """A finding that was open when the incident began."""

    finding = serializers.UUIDField(source="finding.uid")
    check_id = serializers.CharField(source="finding.check_id")
    severity = serializers.CharField(source="finding.severity")
    account_id = serializers.CharField(source="finding.account.account_id")
    region = serializers.CharField(source="finding.region")
    resource = serializers.CharField(source="finding.resource")

    class Meta:
        model = Episode
        fields = (
            "finding",
            "check_id",
            "severity",
            "account_id",
            "region",
            "resource",
            "opened_at",
            "closed_at",
        )
