"""What people tell of an incident: its timeline, and what contributed to it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import (
    Analysis,
    ContributingFactor,
    Incident,
    IncidentEvent,
    TimelineEntry,
)
from findings.services.incident_access import incident_event_append, require_on_incident

Part = TimelineEntry | ContributingFactor
_TOLD = {TimelineEntry: ("at", "text", "is_starred"), ContributingFactor: ("kind", "text")}
_NAMES = {TimelineEntry: "timeline entry", ContributingFactor: "factor"}


@transaction.atomic
def timeline_add(*, actor: User | None, entry: TimelineEntry, now: datetime) -> TimelineEntry:
    require_on_incident(actor, Permission.CONTRIBUTE, entry.incident)
    if entry.is_starred:
        _refuse_published(entry.incident)
    entry.author, entry.added_at = actor, now
    entry.text = entry.text.strip()
    entry.full_clean(exclude=["author"])
    if entry.at > now:
        raise ValidationError({"at": "This lies in the future."})
    entry.save(force_insert=True)
    incident_event_append(
        incident=entry.incident,
        kind=IncidentEvent.Kind.TIMELINE,
        actor=actor,
        now=now,
        subject=entry,
    )
    return entry


@transaction.atomic
def timeline_star(
    *, actor: User | None, entry: TimelineEntry, is_starred: bool, now: datetime
) -> TimelineEntry:
    """Let it be published with the analysis, or not."""
    require_on_incident(actor, Permission.CONTRIBUTE, entry.incident)
    if entry.is_starred == is_starred:
        return entry
    _refuse_published(entry.incident)
    entry.is_starred = is_starred
    entry.save(update_fields=["is_starred"])
    audit_record(
        actor=actor,
        action="timeline_entry.star",
        target=entry.incident,
        before={"entry": str(entry), "is_starred": not is_starred},
        after={"entry": str(entry), "is_starred": is_starred},
        now=now,
    )
    return entry


@transaction.atomic
def factor_add(
    *, actor: User | None, factor: ContributingFactor, now: datetime
) -> ContributingFactor:
    require_on_incident(actor, Permission.CONTRIBUTE, factor.incident)
    _refuse_published(factor.incident)
    factor.author, factor.added_at = actor, now
    factor.text = factor.text.strip()
    factor.full_clean(exclude=["author"])
    factor.save(force_insert=True)
    incident_event_append(
        incident=factor.incident,
        kind=IncidentEvent.Kind.CHANGED,
        actor=actor,
        now=now,
        subject=factor,
        after={"factor": factor.kind},
    )
    return factor


@transaction.atomic
def part_remove(*, actor: User | None, part: Part, now: datetime) -> None:
    """Take back what was told by mistake; the audit log keeps its words.

    Raises ValidationError where it is published, and Denied.
    """
    require_on_incident(actor, Permission.CONTRIBUTE, part.incident)
    if not isinstance(part, TimelineEntry) or part.is_starred:
        _refuse_published(part.incident)
    name, told = _NAMES[type(part)], fields_of(part, (*_TOLD[type(part)], "author"))
    action = f"{name.replace(' ', '_')}.remove"
    audit_record(actor=actor, action=action, target=part.incident, before=told, after=None, now=now)
    incident_event_append(
        incident=part.incident,
        kind=IncidentEvent.Kind.CHANGED,
        actor=actor,
        now=now,
        subject=part,
        after={"removed": name},
    )
    part.delete()


def _refuse_published(incident: Incident) -> None:
    """What is told with an analysis stays as it was published."""
    published = Analysis.objects.filter(incident=incident, state=Analysis.State.PUBLISHED)
    if published.exists():
        raise ValidationError("Its analysis is published: take that back to a draft first.")
