"""Letters from notices: what each says of its subject, and where its link leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model, QuerySet

from accounts.models import Account, Organization
from accounts.states import RoleHealth
from findings.catalogue.pillar import Severity
from findings.checks.base import built_in
from findings.models import (
    ActionItem,
    Alert,
    Attestation,
    Finding,
    Incident,
    Notice,
    Scan,
    Subscriber,
    Suppression,
    SuppressionEvent,
    Ticket,
)
from findings.notifying.events import EVENTS, NotificationEvent
from findings.notifying.letters import MOST_LINES, Letter, Line, words

About = Notice.About
CHUNK = 500
SETTINGS = "/settings/notifications/"


def public_url(path: str) -> str:
    """Empty without the setting: then no message has links."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""


def settings_path(subscriber: Subscriber) -> str:
    """Where what it hears of is chosen, or unchosen."""
    return f"{SETTINGS}teams/{subscriber.team.uid}/" if subscriber.team else SETTINGS


def letter_of(
    notices: Sequence[Notice], *, organization: Organization, zone: str, path: str
) -> Letter:
    """The worst and then the oldest come first; of many, the first are told and all are counted."""
    ranks = _ranks(notices)
    ordered = sorted(notices, key=lambda told: (_rank(told, ranks), told.at, told.pk))
    first = ordered[:MOST_LINES]
    subjects = _subjects(first)
    lines = [
        _line(told, subject, zone)
        for told in first
        if (subject := subjects.get((told.about, told.about_id)))
    ]
    counts = _counts(notices, ranks)
    return Letter(
        subject=_subject(lines, counts, organization),
        counts=counts,
        lines=lines,
        total=len(notices),
        settings_url=public_url(path),
    )


def letter_of_test(*, organization: Organization, zone: str, now: datetime, path: str) -> Letter:
    """Tells of nothing, to see whether it arrives."""
    line = Line(
        heading="Test",
        text=f"Messages of Cairn about {organization} arrive here.",
        at=_time(now, zone),
        url=public_url(path),
    )
    return Letter(
        subject="Test of notifications",
        counts=(),
        lines=[line],
        total=1,
        settings_url=public_url(path),
    )


def notice_told(notice: Notice) -> dict[str, object]:
    """A notice as a webhook has it: what and where, in ids."""
    subject = _subjects([notice]).get((notice.about, notice.about_id))
    return {
        "event": notice.event,
        "at": notice.at.isoformat(),
        notice.about: str(getattr(subject, "uid", "")),
        "url": public_url(_PATHS[notice.about](subject)) if subject else "",
    }


# --- What of it is told ---

_MODELS: Mapping[str, QuerySet[Any]] = {
    About.FINDING: Finding.objects.select_related("account"),
    About.ACCOUNT: Account.objects.all(),
    About.SCAN: Scan.objects.select_related("organization"),
    About.ALERT: Alert.objects.all(),
    About.TICKET: Ticket.objects.all(),
    About.SUPPRESSION: Suppression.objects.select_related("organization", "ou", "account"),
    About.ATTESTATION: Attestation.objects.select_related("organization", "ou", "account"),
    About.INCIDENT: Incident.objects.all(),
    About.ACTION_ITEM: ActionItem.objects.select_related("incident"),
}


def _subjects(notices: Sequence[Notice]) -> dict[tuple[str, int], Model]:
    wanted: dict[str, set[int]] = {}
    for notice in notices:
        wanted.setdefault(notice.about, set()).add(notice.about_id)
    return {
        (about, pk): row
        for about, ids in wanted.items()
        for pk, row in _MODELS[about].in_bulk(ids).items()
    }


def _ranks(notices: Sequence[Notice]) -> dict[int, int]:
    """Finding -> the rank of its severity."""
    ids = sorted({told.about_id for told in notices if told.about == About.FINDING})
    found: dict[int, int] = {}
    for start in range(0, len(ids), CHUNK):
        rows = Finding.objects.filter(pk__in=ids[start : start + CHUNK])
        found |= dict(rows.values_list("pk", "severity_rank"))
    return found


def _rank(notice: Notice, ranks: Mapping[int, int]) -> int:
    return ranks.get(notice.about_id, 0) if notice.about == About.FINDING else 0


def _counts(notices: Sequence[Notice], ranks: Mapping[int, int]) -> list[str]:
    """ "480 findings opened: 12 critical, 468 high", for each event in their order."""
    number = Counter(notice.event for notice in notices)
    severities = list(Severity)
    told = []
    for event, telling in EVENTS.items():
        if not number[event]:
            continue
        text = f"1 {telling.one}" if number[event] == 1 else f"{number[event]} {telling.many}"
        of_event = [n.about_id for n in notices if n.event == event and n.about == About.FINDING]
        ranked = Counter(ranks[pk] for pk in of_event if pk in ranks)
        worst = ", ".join(f"{n} {severities[rank].value}" for rank, n in sorted(ranked.items()))
        told.append(f"{text}: {worst}" if worst else text)
    return told


def _subject(lines: Sequence[Line], counts: Sequence[str], organization: Organization) -> str:
    if len(lines) == 1 and len(counts) == 1 and counts[0].startswith("1 "):
        return f"{lines[0].heading}: {lines[0].text}"
    return f"{'; '.join(counts)} in {organization}"


def _line(notice: Notice, subject: Any, zone: str) -> Line:
    one = EVENTS[NotificationEvent(notice.event)].one
    severity = getattr(subject, "severity", "")
    heading = f"{severity.title()}: {one}" if severity else one[0].upper() + one[1:]
    return Line(
        heading=heading,
        text=words(_TEXTS[notice.about](notice, subject, zone)),
        at=_time(notice.at, zone),
        url=public_url(_PATHS[notice.about](subject)),
    )


def _time(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def _finding(notice: Notice, finding: Finding, zone: str) -> str:
    known = built_in().get(finding.check_id)
    title = known.check.title if known else finding.check_id
    place = f"{title} in {finding.account}, {finding.region}"
    return f"{place}: {finding.resource}" if finding.resource else place


def _account(notice: Notice, account: Account, zone: str) -> str:
    return f"{account}: {RoleHealth(notice.note).label.lower()}"


def _ticket(notice: Notice, ticket: Ticket, zone: str) -> str:
    why = {
        "blocked": "its tracker refuses a change",
        "dead": "its tracker could not be told; look at the dead letters",
        "detached": "its issue is gone",
    }[notice.note]
    return f"{ticket.name} {ticket.title}: {why}"


def _suppression(notice: Notice, suppression: Suppression, zone: str) -> str:
    kind = SuppressionEvent.Kind(notice.note)
    if kind in (SuppressionEvent.Kind.ENDING, SuppressionEvent.Kind.ASKED):
        return f"{suppression}, until {_time(suppression.ends_at, zone)}"
    return f"{suppression}: {kind.label.lower()}"


def _attestation(notice: Notice, attestation: Attestation, zone: str) -> str:
    return f"{attestation}, until {_time(attestation.ends_at, zone)}"


def _action(notice: Notice, item: ActionItem, zone: str) -> str:
    return f"{item.title}, due {_time(item.due_at, zone)}, after {item.incident.key}"


_TEXTS: Mapping[str, Callable[[Notice, Any, str], str]] = {
    About.FINDING: _finding,
    About.ACCOUNT: _account,
    About.SCAN: lambda notice, scan, zone: f"{scan}: {scan.get_state_display().lower()}",
    About.ALERT: lambda notice, alert, zone: alert.message,
    About.TICKET: _ticket,
    About.SUPPRESSION: _suppression,
    About.ATTESTATION: _attestation,
    About.INCIDENT: lambda notice, incident, zone: str(incident),
    About.ACTION_ITEM: _action,
}
_PATHS: Mapping[str, Callable[[Any], str]] = {
    About.FINDING: lambda finding: f"/findings/{finding.uid}/",
    About.ACCOUNT: lambda account: f"/accounts/{account.uid}/",
    About.SCAN: lambda scan: f"/scans/{scan.uid}/",
    About.ALERT: lambda alert: "/schedules/" if alert.kind == Alert.Kind.SCHEDULE_MISSED else "/",
    About.TICKET: lambda ticket: f"/tickets/{ticket.uid}/",
    About.SUPPRESSION: lambda suppression: f"/suppressions/{suppression.uid}/",
    About.ATTESTATION: lambda attestation: "/attestations/",
    About.INCIDENT: lambda incident: f"/incidents/{incident.uid}/",
    About.ACTION_ITEM: lambda item: f"/incidents/{item.incident.uid}/",
}
"""Of the pages of the portal, below its public address."""
