import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from findings.selectors.event_feed import (
    TYPES,
    Event,
    FeedPage,
    Positions,
    feed_end,
    feed_page,
)
from portal.api.pagination import Pages, unknown_cursor
from portal.people import person_of

PARAMETERS = ("cursor", "page_size", "types", "start")
OLDEST, NOW = "oldest", "now"


class EventSerializer(serializers.Serializer[Event]):
    id = serializers.CharField(help_text="The same for ever: tells what was received twice.")
    type = serializers.ChoiceField(choices=TYPES)
    at = serializers.DateTimeField()
    organization = serializers.UUIDField(source="organization.uid")
    account = serializers.UUIDField(source="account.uid", allow_null=True, default=None)
    account_id = serializers.CharField(source="account.account_id", allow_null=True, default=None)
    finding = serializers.UUIDField(source="finding.finding.uid", allow_null=True, default=None)
    check_id = serializers.CharField(
        source="finding.finding.check_id", allow_null=True, default=None
    )
    ticket = serializers.UUIDField(source="ticket.ticket.uid", allow_null=True, default=None)
    incident = serializers.UUIDField(source="incident.incident.uid", allow_null=True, default=None)
    subject = serializers.UUIDField(
        source="incident.subject",
        allow_null=True,
        default=None,
        help_text="The learning, action item, analysis or other part that it is about.",
    )
    scan = serializers.UUIDField(source="finding.scan.uid", allow_null=True, default=None)
    cause = serializers.CharField(source="finding.cause", allow_null=True, default=None)
    note = serializers.CharField(source="finding.note", allow_null=True, default=None)
    actor = serializers.CharField(
        source="actor.username", allow_null=True, default=None, help_text="Null: the system."
    )
    who = serializers.CharField(
        source="ticket.who",
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="The person of the tracker, of what happened to a ticket there.",
    )
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


@extend_schema_serializer(many=False)
class EventPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="Null: there is no more for now.")
    previous = serializers.URLField(allow_null=True)
    resume = serializers.URLField(help_text="Where to go on, now or later; keep the last one.")
    results = EventSerializer(many=True)


class EventViewSet(viewsets.ViewSet):
    """What happened to findings, accounts, tickets and incidents that the caller may see.

    The oldest is told first.

    Keep the `resume` of the last answer and call it again: nothing is left out or told twice, even
    of what commits at the same time. What happened in another organization may come later, though
    it was earlier.
    """

    serializer_class = EventSerializer

    @extend_schema(
        responses=EventPageSerializer,
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 500}),
            OpenApiParameter(
                "types",
                {"type": "array", "items": {"type": "string", "enum": list(TYPES)}},
                explode=False,
                description="Which to tell, separated by commas; left out: all.",
            ),
            OpenApiParameter(
                "start",
                {"type": "string", "enum": [OLDEST, NOW]},
                description="Where to begin without a cursor: at the oldest kept, or now.",
            ),
        ],
    )
    def list(self, request: Request) -> Response:
        unknown = set(request.query_params) - set(PARAMETERS)
        if unknown:
            message = f"There is no such parameter. There are: {', '.join(PARAMETERS)}."
            raise serializers.ValidationError({name: [message] for name in sorted(unknown)})
        page = feed_page(
            person_of(request),
            after=_positions(request),
            types=_types(request),
            size=Pages().get_page_size(request),
        )
        return Response(_told(request, page))


def _told(request: Request, page: FeedPage) -> dict[str, Any]:
    url = remove_query_param(request.build_absolute_uri(), "start")
    resume = str(replace_query_param(url, "cursor", _encode(page.positions)))
    return {
        "next": resume if page.has_more else None,
        "previous": None,
        "resume": resume,
        "results": [EventSerializer(event).data for event in page.events],
    }


def _types(request: Request) -> Sequence[str]:
    given = request.query_params.get("types", "")
    types = [name for name in given.split(",") if name]
    if unknown := [name for name in types if name not in TYPES]:
        message = f"There is no type {unknown[0]!r}. There are: {', '.join(TYPES)}."
        raise serializers.ValidationError({"types": [message]})
    return types


def _positions(request: Request) -> Positions:
    cursor, start = (request.query_params.get(name) for name in ("cursor", "start"))
    if start not in (None, OLDEST, NOW):
        raise serializers.ValidationError({"start": [f"Give {OLDEST} or {NOW}."]})
    if cursor is not None:
        return _decode(cursor)
    return feed_end(person_of(request)) if start == NOW else {}


def _encode(positions: Positions) -> str:
    rows = [[pk, stream, number] for (pk, stream), number in sorted(positions.items())]
    return _sealer().encrypt(json.dumps(rows, separators=(",", ":")).encode()).decode()


def _decode(cursor: str) -> Positions:
    try:
        rows = json.loads(_sealer().decrypt(cursor.encode("utf-8", "replace")))
    except InvalidToken:
        raise unknown_cursor() from None
    return {(pk, stream): number for pk, stream, number in rows}


def _sealer() -> Fernet:
    """Closes cursors: their numbers would tell how much happens that the caller may not see."""
    key = hashlib.sha256(b"cursors of events " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
