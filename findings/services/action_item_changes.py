"""What people change of an action item: its words, who answers for it, and until when.

Its guard and its accounts are what was agreed to close it, so these stay as they are.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import Denied
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import ActionItem, IncidentEvent
from findings.one_line import one_line
from findings.services.action_item_places import work_of
from findings.services.action_items import refuse_mistakes_of_people
from findings.services.incident_access import (
    incident_event_append,
    refuse_who_does_not_see,
    require_on_incident,
)
from findings.services.ticket_places import ticket_tell_work

CHANGED_BY_PEOPLE = ("title", "text", "owner", "owner_team", "due_at")
OWNERS = {"owner", "owner_team"}
_OF_TICKET = {"title": "title", "text": "note", "owner_team": "team", "due_at": "due_on"}


@transaction.atomic
def action_item_change(*, actor: User | None, item: ActionItem, now: datetime) -> ActionItem:
    """Save what was changed in ``item``; its ticket follows. Raises ValidationError by field."""
    stored = ActionItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    _require(actor, stored)
    item.title = one_line(item.title)
    changed = [n for n in CHANGED_BY_PEOPLE if getattr(item, n) != getattr(stored, n)]
    if not changed:
        return item
    refuse_mistakes_of_people(item)
    if item.owner and "owner" in changed:
        refuse_who_does_not_see("owner", item.owner, item)
    item.changed_at = now
    if "due_at" in changed:
        item.overdue_at = None
    item.save(update_fields=[*changed, "changed_at", "overdue_at"])
    if item.ticket:
        told = [_OF_TICKET[name] for name in changed if name in _OF_TICKET]
        ticket_tell_work(actor=actor, ticket=item.ticket, work=work_of(item), names=told, now=now)
    _tell(actor, stored, item, changed, now)
    return item


def _require(actor: User | None, item: ActionItem) -> None:
    if actor is not None and not ActionItem.objects.visible_to(actor).filter(pk=item.pk).exists():
        raise Denied("You may not see all the accounts of this action item.")
    require_on_incident(actor, Permission.CONTRIBUTE, item.incident)


def _tell(
    actor: User | None, stored: ActionItem, item: ActionItem, changed: list[str], now: datetime
) -> None:
    before, after = fields_of(stored, changed), fields_of(item, changed)
    audit_record(
        actor=actor, action="action_item.change", target=item, before=before, after=after, now=now
    )
    incident_event_append(
        incident=item.incident,
        kind=IncidentEvent.Kind.ACTION_CHANGED,
        actor=actor,
        now=now,
        subject=item,
        after={"fields": changed},
    )
