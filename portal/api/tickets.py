from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import TokenScope
from accounts.validators import validate_account_id
from findings.models import Ticket, TicketFinding, TicketStatus
from findings.models.incident import SEVERITIES
from findings.selectors.ticket_briefs import tickets_brief
from findings.selectors.tickets import drifting, sync_log, ticket_told, tickets_seen
from findings.services.ticket_drift import Side, drift_resolve
from findings.services.ticket_moves import SaidMove, ticket_move, ticket_return
from findings.services.tickets import ticket_add, ticket_comment, ticket_edit, ticket_open
from portal.api.bulk import BulkAnswerSerializer, answer_each, items_of
from portal.api.strict import StrictFilterSet, UnitFilter, validated
from portal.api.ticket_asked import (
    BodySerializer,
    EditSerializer,
    FindingsSerializer,
    MoveOfTicketSerializer,
    OpenSerializer,
    ResolveSerializer,
    ReturnSerializer,
    TicketMoveSerializer,
    connection_named,
    findings_named,
    route_named,
    team_named,
)
from portal.api.ticket_reports import TicketReports
from portal.api.ticket_told import (
    DriftSerializer,
    SyncEventSerializer,
    TicketBriefSerializer,
    TicketCommentSerializer,
    TicketSerializer,
)
from portal.api.versions import PreconditionFailed, etag_of
from portal.people import person_of

ABOUT = {
    "finding": "finding__uid",
    "check_id": "finding__check_id",
    "account_id": "finding__account__account_id",
}
LIVE, CLOSED, WAITING = "live", "closed", "waiting"
STATES = {
    LIVE: Q(closed_at=None),
    CLOSED: Q(closed_at__isnull=False),
    WAITING: Q(closed_at=None, status=TicketStatus.DONE),
}


class TicketFilter(StrictFilterSet):
    organization = filters.UUIDFilter(field_name="organization__uid")
    connection = filters.UUIDFilter(field_name="connection__uid")
    route = filters.UUIDFilter(field_name="route__uid")
    team = filters.CharFilter(field_name="team__name")
    severity = filters.ChoiceFilter(choices=SEVERITIES)
    state = filters.ChoiceFilter(
        choices=[(name, name) for name in STATES],
        method="narrow_to_state",
        label="live, closed by evidence, or waiting: said to be done, and not verified yet.",
    )
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt")
    finding = filters.UUIDFilter(method="leave", label="Uid of a finding that it is about.")
    check_id = filters.CharFilter(method="leave", label="Of a finding that it is about.")
    account_id = filters.CharFilter(
        method="leave", validators=[validate_account_id], label="Of a finding that it is about."
    )
    ou = UnitFilter("finding__account__")

    class Meta:
        model = Ticket
        fields = ("status", "external_id", "key", "wont_do")

    def narrow_to_state(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(STATES[value])

    def leave(self, rows: Any, _name: str, _value: Any) -> Any:
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        """What is asked of findings is asked of one, and of those alone that the caller sees."""
        given: dict[str, Any] = self.form.cleaned_data
        unit, given["ou"] = given.get("ou"), ""
        found = super().filter_queryset(queryset)
        about = {path: given[name] for name, path in ABOUT.items() if given.get(name)}
        if self.request is None or not (about or unit):
            return found
        seen = TicketFinding.objects.visible_to(self.request.user)
        rows = seen.filter(ticket=OuterRef("pk"), **about)
        return found.filter(Exists(self.filters["ou"].filter(rows, unit)))


class TicketViewSet(TicketReports):
    """What is to be done about findings, on the built-in board or in a tracker.

    Who sees one account of a ticket sees that it exists, how it stands, and its own findings; its
    words are for who sees all of its accounts, and contributors of all of them change it. Done is
    a claim: evidence alone closes a ticket.
    """

    http_method_names = ("get", "post", "patch", "head", "options")
    write_scope = TokenScope.TICKETS
    changed_field = "changed_at"
    requires_if_match = True
    serializer_class = TicketSerializer
    filterset_class = TicketFilter

    def get_queryset(self) -> QuerySet[Ticket]:
        return tickets_seen(self.request.user).select_related("opened_by")

    def represent(self, row: Ticket) -> Any:
        told = ticket_told(person_of(self.request), row)
        return TicketSerializer(told, context=self.get_serializer_context()).data

    @extend_schema(responses=TicketBriefSerializer(many=True))
    def list(self, request: Request) -> Response:
        page: Sequence[Ticket] = self.paginate_queryset(self.filter_queryset(self.get_queryset()))  # type: ignore[assignment]  # lists have pages
        briefs = tickets_brief(person_of(request), page)
        return self.get_paginated_response(TicketBriefSerializer(briefs, many=True).data)

    def retrieve(self, request: Request, uid: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=OpenSerializer, responses={201: TicketSerializer})
    def create(self, request: Request) -> Response:
        """Open a ticket for open findings of one organization."""
        given, user = validated(OpenSerializer, request.data), person_of(request)
        findings = findings_named(user, given["findings"])
        connection, route = given.get("connection"), given.get("route")
        ticket = ticket_open(
            actor=user,
            findings=findings,
            connection=connection_named(user, connection) if connection else None,
            route=route_named(user, route) if route else None,
            project=given.get("project", ""),
            title=given.get("title", ""),
            note=given.get("note", ""),
            team=team_named(findings[0].organization, given.get("team")),
            now=timezone.now(),
        )
        return self.answer_anew(ticket, status.HTTP_201_CREATED)

    @extend_schema(request=EditSerializer, responses=TicketSerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Change what people here say of it; what is left out stays."""
        ticket, given = self.get_object(), validated(EditSerializer, request.data)
        team: Any = False
        if "team" in given:
            team = team_named(ticket.organization, given.pop("team"))
        edited = ticket_edit(
            actor=person_of(request), ticket=ticket, team=team, now=timezone.now(), **given
        )
        return self.answer_anew(edited)

    @extend_schema(request=FindingsSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def findings(self, request: Request, uid: str) -> Response:
        """Have a live ticket be about more open findings."""
        ticket, user = self.get_object(), person_of(request)
        uids = validated(FindingsSerializer, request.data)["findings"]
        added = ticket_add(
            actor=user, ticket=ticket, findings=findings_named(user, uids), now=timezone.now()
        )
        return self.answer_anew(added)

    @extend_schema(request=TicketMoveSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, uid: str) -> Response:
        """Move it on the board; where Cairn synchronizes a tracker, tickets are moved there."""
        return self._move(self.get_object(), validated(TicketMoveSerializer, request.data))

    @extend_schema(request=ReturnSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, uid: str) -> Response:
        """Send one back that is said to be done, or not to be done; there, too."""
        note = validated(ReturnSerializer, request.data).get("note", "")
        ticket = self.get_object()
        returned = ticket_return(
            actor=person_of(request), ticket=ticket, note=note, now=timezone.now()
        )
        return self.answer_anew(returned)

    @extend_schema(request=items_of(MoveOfTicketSerializer), responses={207: BulkAnswerSerializer})
    @action(detail=False, methods=["post"])
    def bulk_move(self, request: Request) -> Response:
        """Move many tickets, each by itself and from the version that it was decided on."""
        return answer_each(request, self._move_one)

    def _move_one(self, item: Mapping[str, Any]) -> Any:
        given = validated(MoveOfTicketSerializer, item)
        uid, known = given.pop("ticket"), given.pop("etag")
        ticket = self.get_queryset().filter(uid=uid).first()
        if ticket is None:
            raise NotFound(f"There is no ticket {uid}, or you may not see it.")
        list(Ticket.objects.filter(pk=ticket.pk).select_for_update())
        if known not in ("*", etag_of(self.represent(self.get_queryset().get(pk=ticket.pk)))):
            raise PreconditionFailed
        return self._move(ticket, given).data

    def _move(self, ticket: Ticket, given: Mapping[str, Any]) -> Response:
        move = SaidMove(
            status=TicketStatus(given["status"]),
            wont_do=given["wont_do"],
            reason=given.get("reason", ""),
        )
        actor = person_of(self.request)
        return self.answer_anew(
            ticket_move(actor=actor, ticket=ticket, move=move, now=timezone.now())
        )

    @extend_schema(responses=TicketCommentSerializer(many=True), filters=False)
    @action(detail=True, requires_if_match=False)
    def comments(self, request: Request, uid: str) -> Response:
        """Ours and the tracker's, the newest first; for who sees all that it is about."""
        ticket = self.get_object()
        rows = ticket.comments.visible_to(request.user).order_by("-id")
        return self.answer_page(rows, TicketCommentSerializer)

    @extend_schema(request=BodySerializer, responses={201: TicketCommentSerializer})
    @comments.mapping.post
    def comment_add(self, request: Request, uid: str) -> Response:
        """Say something, here and in the tracker."""
        ticket, given = self.get_object(), validated(BodySerializer, request.data)
        said = ticket_comment(
            actor=person_of(request), ticket=ticket, body=given["body"], now=timezone.now()
        )
        return Response(TicketCommentSerializer(said).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=SyncEventSerializer(many=True), filters=False)
    @action(detail=True)
    def log(self, request: Request, uid: str) -> Response:
        """What was exchanged with the tracker, the newest first; with whom, what and why."""
        return self.answer_page(
            sync_log(person_of(request), self.get_object()), SyncEventSerializer
        )

    @extend_schema(responses=DriftSerializer(many=True), filters=False)
    @action(detail=False)
    def drift(self, request: Request) -> Response:
        """Theirs against ours, where nothing settles it by itself."""
        return self.answer_page(drifting(person_of(request)), DriftSerializer)

    @extend_schema(request=ResolveSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, uid: str) -> Response:
        """Settle a drift: put ours there once more, or let theirs stand."""
        ticket, given = self.get_object(), validated(ResolveSerializer, request.data)
        settled = drift_resolve(
            actor=person_of(request), ticket=ticket, side=Side(given["side"]), now=timezone.now()
        )
        return self.answer_anew(settled)
