"""What bodies ask of tickets."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from rest_framework import serializers

from accounts.models import Organization, Team
from findings.models import Connection, Finding, Route, TicketStatus
from findings.services.ticket_drift import Side
from findings.services.ticket_moves import SaidMove
from findings.services.ticket_reports import Report, ReportedComment
from findings.services.tickets import LONGEST_TEXT, MANY
from portal.api.naming import one_named, one_seen
from portal.api.strict import StrictSerializer


def _text(longest: int, help_text: str = "") -> serializers.CharField:
    return serializers.CharField(
        max_length=longest, required=False, allow_blank=True, help_text=help_text
    )


def _web_address(text: str) -> None:
    """Of http or https; a tracker of one's own may have a name without a dot."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or re.search(r"[\s\x00-\x1f<>\"]", text):
        raise serializers.ValidationError("Enter a valid URL.", code="invalid")


def _findings(required: bool = True) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1 if required else 0,
        max_length=MANY,
        required=required,
    )


class FindingsSerializer(StrictSerializer):
    findings = _findings()


class OpenSerializer(FindingsSerializer):
    connection = serializers.UUIDField(
        required=False, help_text="Without one, and without a route: the built-in board."
    )
    route = serializers.UUIDField(required=False, help_text="Says where, and how it is mapped.")
    project = _text(255)
    title = _text(255, "Left out, it follows the findings.")
    note = _text(LONGEST_TEXT)
    team = serializers.CharField(
        max_length=128, required=False, help_text="Left out: the owner of all the findings."
    )


class EditSerializer(StrictSerializer):
    title = _text(255, "Empty: it follows the findings again.")
    note = _text(LONGEST_TEXT)
    team = serializers.CharField(max_length=128, required=False, allow_null=True)
    assignee = _text(255, "Where Cairn does not synchronize the tracker itself.")


class BodySerializer(StrictSerializer):
    body = serializers.CharField(max_length=LONGEST_TEXT, help_text="Markdown.")


class TicketMoveSerializer(StrictSerializer):
    status = serializers.ChoiceField(choices=TicketStatus.choices)
    wont_do = serializers.BooleanField(
        default=False, help_text="Done, in that it will not be: asks for a suppression."
    )
    reason = _text(LONGEST_TEXT, "Needed with wont_do.")


class MoveOfTicketSerializer(TicketMoveSerializer):
    ticket = serializers.UUIDField()
    etag = serializers.CharField(
        max_length=64, help_text="The ETag of the detail that the move was decided on, or *."
    )


class ReturnSerializer(StrictSerializer):
    note = _text(LONGEST_TEXT)


class ResolveSerializer(StrictSerializer):
    side = serializers.ChoiceField(
        choices=[side.value for side in Side],
        help_text="Put ours there once more, or let theirs stand.",
    )


class SaidSerializer(StrictSerializer):
    """A status in a tracker. Done is a claim, won't do asks for a suppression."""

    status = serializers.ChoiceField(choices=TicketStatus.choices)
    wont_do = serializers.BooleanField(default=False)
    name = _text(255, "In the tracker's words.")
    who = _text(255)
    reason = _text(LONGEST_TEXT)
    at = serializers.DateTimeField(
        required=False, help_text="By the tracker's clock: what is older than known is dropped."
    )


class SaidCommentSerializer(StrictSerializer):
    external_id = serializers.CharField(max_length=255)
    body = serializers.CharField()
    author = _text(255)
    at = serializers.DateTimeField(required=False)


class LinkSerializer(StrictSerializer):
    external_id = serializers.CharField(max_length=255, help_text="The tracker's own id of it.")
    key = _text(255, "What people call it.")
    url = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, validators=[_web_address]
    )


class ReportSerializer(LinkSerializer):
    """An issue as its tracker has it; what is left out stays as it is known."""

    external_id = _text(255, "The tracker's own id of it.")
    status = SaidSerializer(required=False)
    assignee = _text(255)
    comments = serializers.ListField(child=SaidCommentSerializer(), required=False, max_length=500)


class UpsertSerializer(ReportSerializer):
    connection = serializers.UUIDField(help_text="Of a tracker that Cairn does not speak to.")
    external_id = serializers.CharField(max_length=255, help_text="The tracker's own id of it.")
    ticket = serializers.UUIDField(
        required=False, help_text="For which the issue was made, if Cairn does not know it yet."
    )
    findings = _findings(required=False)
    project = _text(255)
    title = _text(255)
    note = _text(LONGEST_TEXT)


def report_of(given: Mapping[str, Any]) -> Report:
    status = given.get("status")
    return Report(
        external_id=given.get("external_id", ""),
        key=given.get("key", ""),
        url=given.get("url", ""),
        status=_said(status) if status else None,
        assignee=given.get("assignee"),
        comments=[ReportedComment(**one) for one in given.get("comments", ())],
    )


def _said(given: Mapping[str, Any]) -> SaidMove:
    return SaidMove(**{**given, "status": TicketStatus(given["status"])})


def findings_named(user: User, uids: list[Any]) -> list[Finding]:
    """The findings of a body, all of which the caller has to see; each once, in its order."""
    related = ("organization", "account__ou", "account__owner_team")
    seen = Finding.objects.visible_to(user).filter(uid__in=uids).select_related(*related)
    found = {finding.uid: finding for finding in seen}
    wanted = list(dict.fromkeys(uids))
    for uid in wanted:
        if uid not in found:
            told = f"There is no finding {uid}, or you may not see it."
            raise serializers.ValidationError({"findings": told})
    return [found[uid] for uid in wanted]


def connection_named(user: User, uid: Any) -> Connection:
    return one_seen("connection", Connection.objects.visible_to(user), uid)


def route_named(user: User, uid: Any) -> Route:
    return one_seen("route", Route.objects.visible_to(user), uid)


def team_named(organization: Organization, name: str | None) -> Team | None:
    return one_named("team", Team.objects.filter(organization=organization), name=name)
