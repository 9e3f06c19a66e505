"""What clients tell of issues in trackers that Cairn does not speak to."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from findings.models import Ticket
from findings.services.ticket_reports import ticket_report
from findings.services.ticket_upserts import ticket_upsert
from portal.api.bulk import BulkAnswerSerializer, answer_each, items_of
from portal.api.naming import one_seen
from portal.api.strict import validated
from portal.api.ticket_asked import (
    LinkSerializer,
    ReportSerializer,
    UpsertSerializer,
    connection_named,
    findings_named,
    report_of,
)
from portal.api.ticket_told import TicketSerializer
from portal.api.views import NounViewSet
from portal.people import person_of


class TicketReports(NounViewSet[Ticket]):
    """Their side of tickets. No version is asked for: it is theirs, and ordered by their clock."""

    def answer_anew(self, ticket: Ticket, code: int = status.HTTP_200_OK) -> Response:
        """The ticket as it stands after a change."""
        return self.answer(self.get_queryset().get(pk=ticket.pk), code)

    @extend_schema(request=ReportSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"], requires_if_match=False)
    def report(self, request: Request, uid: str) -> Response:
        """Take over how its issue stands. Saying it twice changes nothing."""
        return self._report(self.get_object(), validated(ReportSerializer, request.data))

    @extend_schema(request=LinkSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, uid: str) -> Response:
        """Say which issue is its own, in a tracker that Cairn does not speak to."""
        return self._report(self.get_object(), validated(LinkSerializer, request.data))

    def _report(self, ticket: Ticket, given: Mapping[str, Any]) -> Response:
        actor, report = person_of(self.request), report_of(given)
        told = ticket_report(actor=actor, ticket=ticket, report=report, now=timezone.now())
        return self.answer_anew(told)

    @extend_schema(
        request=UpsertSerializer, responses={200: TicketSerializer, 201: TicketSerializer}
    )
    @action(detail=False, methods=["post"])
    def upsert(self, request: Request) -> Response:
        """Take over an issue by its id: of a ticket that is there, or opened for the findings.

        The answer is 201 where it was opened. Saying it twice changes nothing.
        """
        ticket, is_new = self._upsert(request.data)
        return self.answer_anew(ticket, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(request=items_of(UpsertSerializer), responses={207: BulkAnswerSerializer})
    @action(detail=False, methods=["post"])
    def bulk_upsert(self, request: Request) -> Response:
        """Take over many issues, each by itself."""
        return answer_each(request, lambda item: self.answer_anew(self._upsert(item)[0]).data)

    def _upsert(self, body: Any) -> tuple[Ticket, bool]:
        given, user = validated(UpsertSerializer, body), person_of(self.request)
        connection, ticket = connection_named(user, given["connection"]), given.get("ticket")
        return ticket_upsert(
            actor=user,
            connection=connection,
            report=report_of(given),
            ticket=one_seen("ticket", self.get_queryset(), ticket) if ticket else None,
            findings=findings_named(user, given.get("findings", [])),
            project=given.get("project", ""),
            title=given.get("title"),
            note=given.get("note"),
            now=timezone.now(),
        )
