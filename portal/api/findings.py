from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Permission, can
from accounts.models import Organization, TokenScope
from accounts.validators import validate_account_id, validate_region
from findings.checks.base import built_in
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import Finding, FindingEvent, Scan, Workflow
from findings.selectors.claims import claim_standing
from findings.selectors.evidence import evidence_of_finding
from findings.selectors.finding_changes import findings_told
from findings.selectors.suppressions import (
    not_suppressed_at,
    suppressed_at,
    with_suppressed_until,
)
from findings.selectors.tallies import tallies_of
from findings.services.claims import finding_claim
from findings.services.rechecks import finding_recheck
from findings.services.workflow import finding_comment, finding_move
from portal.api.bulk import BulkAnswerSerializer, answer_each, items_of
from portal.api.scans import ScanSerializer
from portal.api.strict import StrictFilterSet, StrictSerializer, UnitFilter, validated
from portal.api.views import NounViewSet
from portal.people import person_of
from workers.collectors.base import collectors

MOST_LETTERS = 10_000
MOVES = [choice for choice in Workflow.choices if choice[0] != Workflow.RESOLVED]


def validate_place(region: str) -> None:
    if region not in (AWS_GLOBAL, AWS_ORGANIZATION):
        validate_region(region)


class FindingSerializer(serializers.ModelSerializer[Finding]):
    organization = serializers.SlugRelatedField[Organization](slug_field="uid", read_only=True)
    account_id = serializers.CharField(source="account.account_id", read_only=True)
    workflow = serializers.ChoiceField(
        choices=Workflow.choices,
        read_only=True,
        allow_null=True,
        help_text="What people do about it; null: it never was open.",
    )
    claimed_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When somebody claimed the fix."
    )
    claim_scan = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="The scan that the claim asked for; null: the next planned one decides.",
    )
    updated_at = serializers.DateTimeField(
        read_only=True, help_text="When outcome, workflow, comments or sight of it changed."
    )
    suppressed_until = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = (
            "uid",
            "fingerprint",
            "check_id",
            "check_version",
            "row",
            "severity",
            "organization",
            "account_id",
            "region",
            "resource",
            "evidence_status",
            "is_open",
            "message",
            "parts",
            "opened_at",
            "changed_at",
            "facts_at",
            "unverified_since",
            "workflow",
            "claimed_at",
            "claim_scan",
            "updated_at",
            "suppressed_until",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_suppressed_until(self, finding: Finding) -> datetime | None:
        """Null: it is not suppressed. Which decision: /suppressions/?covers=UID"""
        return getattr(finding, "suppressed_until", None)


class FindingNoteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=MOST_LETTERS)


class ClaimSerializer(StrictSerializer):
    note = serializers.CharField(max_length=MOST_LETTERS, required=False, allow_blank=True)


class FindingMoveSerializer(ClaimSerializer):
    to = serializers.ChoiceField(choices=MOVES)


class MoveOfFindingSerializer(FindingMoveSerializer):
    finding = serializers.UUIDField()


class CommentSerializer(serializers.ModelSerializer[FindingEvent]):
    actor = serializers.CharField(source="actor.username", read_only=True)

    class Meta:
        model = FindingEvent
        fields = ("at", "actor", "note")
        read_only_fields = fields


class ObstacleSerializer(serializers.Serializer[Any]):
    account_id = serializers.CharField(source="account.account_id")
    region = serializers.CharField(allow_blank=True, help_text="Empty: all of the account.")
    reason = serializers.CharField(help_text="Such as access_denied or role_missing.")


class ClaimStandingSerializer(serializers.Serializer[Any]):
    """How a claim stands. What cannot be seen verifies nothing: the claim waits until it is."""

    claimed_at = serializers.DateTimeField(source="episode.claimed_at")
    scan = serializers.UUIDField(source="scan.uid", allow_null=True, default=None)
    scan_state = serializers.ChoiceField(
        source="scan.state", choices=Scan.State.choices, allow_null=True, default=None
    )
    cannot_be_verified = serializers.BooleanField(
        help_text="A scan has looked since, and could not see all that the check reads."
    )
    obstacles = ObstacleSerializer(many=True)
    hidden = serializers.IntegerField(help_text="More accounts that the caller does not see.")


class EvidenceSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    account = serializers.CharField()
    region = serializers.CharField()
    collected_at = serializers.DateTimeField()
    facts = serializers.ListField(child=serializers.CharField(), help_text="Each as JSON text.")
    listed = serializers.IntegerField(
        allow_null=True, help_text="Of this kind in the whole listing; null: no longer kept."
    )
    omitted = serializers.IntegerField()
    gap = serializers.DictField(allow_null=True)
    calls = serializers.ListField(child=serializers.DictField())
    told_since = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when AWS itself tells of this; what was before is from the portal's own"
        " history. Null: all is from AWS.",
    )


class FindingFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    account_id = filters.CharFilter(
        field_name="account__account_id", validators=[validate_account_id]
    )
    ou = UnitFilter("account__")
    region = filters.CharFilter(validators=[validate_place])
    unverified = filters.BooleanFilter(
        field_name="unverified_since",
        lookup_expr="isnull",
        exclude=True,
        label="Whether the last scans could not see if it still fails.",
    )

    suppressed = filters.BooleanFilter(
        method="narrow_to_suppressed", label="Whether an approved decision covers it now."
    )

    class Meta:
        model = Finding
        fields = {
            "check_id": ["exact"],
            "row": ["exact"],
            "severity": ["exact"],
            "is_open": ["exact"],
            "changed_at": ["gte"],
        }

    def narrow_to_suppressed(
        self, queryset: QuerySet[Finding], name: str, value: bool
    ) -> QuerySet[Finding]:
        narrow = suppressed_at if value else not_suppressed_at
        return narrow(queryset, timezone.now())


class FindingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NounViewSet[Finding]):
    """Findings in the accounts that the caller may see."""

    write_scope = TokenScope.FINDINGS
    changed_field = "updated_at"
    serializer_class = FindingSerializer
    filterset_class = FindingFilter

    def get_queryset(self) -> QuerySet[Finding]:
        told = with_suppressed_until(findings_told(self.request.user), timezone.now())
        return told.select_related("organization")

    @extend_schema(responses=EvidenceSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def evidence(self, request: Request, uid: str) -> Response:
        """The facts that the check of this finding reads now, and the calls they came from."""
        finding = self.get_object()
        definition = built_in().get(finding.check_id)
        found = definition and evidence_of_finding(
            finding,
            definition,
            request.user,
            shows_personal=can(request.user, Permission.VIEW_PERSONAL, on=finding.account),
            operations={kind: known.operations for kind, known in collectors().items()},
        )
        return Response([asdict(item) for item in found or []])

    @extend_schema(request=FindingMoveSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, uid: str) -> Response:
        """Say what is done about it; that it is resolved only a scan can say."""
        given = validated(FindingMoveSerializer, request.data)
        return self.answer(self._move(self.get_object(), given))

    @extend_schema(request=ClaimSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, uid: str) -> Response:
        """Say that it is fixed, and have a scan look; its evidence decides whether it is."""
        given = validated(ClaimSerializer, request.data)
        return self.answer(self._move(self.get_object(), {**given, "to": Workflow.FIX_CLAIMED}))

    @extend_schema(responses=ClaimStandingSerializer, filters=False)
    @claim.mapping.get
    def claim_standing(self, request: Request, uid: str) -> Response:
        """How the claim on it stands, and what keeps a scan from seeing it; 404 without one."""
        standing = claim_standing(request.user, self.get_object())
        if standing is None:
            raise NotFound("Nothing is claimed.")
        return Response(ClaimStandingSerializer(standing).data)

    @extend_schema(request=FindingNoteSerializer, responses={201: CommentSerializer})
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, uid: str) -> Response:
        """Add a remark to its history."""
        event = finding_comment(
            actor=person_of(request),
            finding=self.get_object(),
            note=validated(FindingNoteSerializer, request.data)["note"],
            now=timezone.now(),
        )
        return Response(CommentSerializer(event).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=items_of(MoveOfFindingSerializer), responses={207: BulkAnswerSerializer})
    @action(detail=False, methods=["post"])
    def bulk_move(self, request: Request) -> Response:
        """Move many findings, each by itself: claim fixes, or triage what is new.

        Claims of an account, or of a check in many accounts, share a scan that looks at them.
        """
        return answer_each(request, self._move_one)

    def _move_one(self, item: Mapping[str, Any]) -> Any:
        given = validated(MoveOfFindingSerializer, item)
        finding = self.get_queryset().filter(uid=given["finding"]).first()
        if finding is None:
            raise NotFound(f"There is no finding {given['finding']}, or you may not see it.")
        return self.represent(self._move(finding, given))

    def _move(self, finding: Finding, given: Mapping[str, Any]) -> Finding:
        """Moved, as it stands afterwards."""
        asked = {
            "actor": person_of(self.request),
            "finding": finding,
            "note": given.get("note", ""),
            "now": timezone.now(),
        }
        if given["to"] == Workflow.FIX_CLAIMED:
            finding_claim(**asked)
        else:
            finding_move(to=Workflow(given["to"]), **asked)
        return self.get_queryset().get(pk=finding.pk)

    @extend_schema(request=None, responses={202: ScanSerializer})
    @action(detail=True, methods=["post"])
    def recheck(self, request: Request, uid: str) -> Response:
        """Collect and judge again what this finding is about."""
        scan = finding_recheck(
            actor=person_of(request),
            finding=self.get_object(),
            trigger=Scan.Trigger.API,
            now=timezone.now(),
        )
        context = {
            **self.get_serializer_context(),
            "tallies": tallies_of([scan], request.user),
        }
        told = ScanSerializer(scan, context=context).data
        return Response(told, status=status.HTTP_202_ACCEPTED)
