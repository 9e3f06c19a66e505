"""Action items: people claim that they are done, scans decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts.access import Denied
from accounts.models import Account
from accounts.models.base import require_same_organization
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.checks.base import built_in
from findings.models import ActionItem, Incident, IncidentEvent, Scan
from findings.one_line import one_line
from findings.services.action_item_places import action_item_tell
from findings.services.incident_access import (
    incident_event_append,
    refuse_who_does_not_see,
    require_on_accounts,
    require_on_incident,
)
from findings.services.incidents import refuse_unknown_checks
from findings.services.learnings import learning_settle
from findings.services.rechecks import check_recheck

DUE_DAYS = {"critical": 14, "high": 30, "medium": 60, "low": 90, "informational": 180}
"""After it was added, by the severity of its incident."""
MOST_ACCOUNTS = 200
State, Kind = ActionItem.State, IncidentEvent.Kind


class ActionItemRefused(ValueError):
    """It cannot be claimed or taken back as it stands; the message says why."""


@transaction.atomic
def action_item_add(
    *, actor: User | None, item: ActionItem, accounts: Iterable[Account], now: datetime
) -> ActionItem:
    """Save a new one; without a date it is due by the severity of its incident."""
    incident, named = item.incident, list(dict.fromkeys(accounts))
    require_on_incident(actor, Permission.CONTRIBUTE, incident)
    if not named or len(named) > MOST_ACCOUNTS:
        raise ValidationError({"accounts": f"Name between 1 and {MOST_ACCOUNTS} accounts."})
    require_on_accounts(actor, Permission.VIEW, incident.organization, named)
    item.organization = incident.organization
    item.title = one_line(item.title)
    item.due_at = item.due_at or now + timedelta(days=DUE_DAYS[incident.severity])
    item.state, item.added_at, item.changed_at = State.OPEN, now, now
    _refuse_mistakes(item)
    item.save(force_insert=True)
    item.accounts.set(named)
    if item.owner:
        refuse_who_does_not_see("owner", item.owner, item)
    if item.learning:
        learning_settle(learning=item.learning, now=now)
    told = {"title": item.title, "guard": item.check_id, "due_at": item.due_at}
    _tell(item, Kind.ACTION_ADDED, actor, now, after=told, action="action_item.add")
    return item


def refuse_mistakes_of_people(item: ActionItem) -> None:
    """In what people may change of it; one of them answers for it. Raises ValidationError."""
    if (item.owner is None) == (item.owner_team is None):
        told = "Name a team or a person who answers for it"
        raise ValidationError(f"{told}." if item.owner is None else f"{told}, not both.")
    item.full_clean(exclude=["claimed_by"])
    require_same_organization(item, ("owner_team",))


def _refuse_mistakes(item: ActionItem) -> None:
    refuse_unknown_checks("check_id", [item.check_id])
    refuse_mistakes_of_people(item)
    if item.learning and item.learning.incident_id != item.incident_id:
        raise ValidationError({"learning": "It is of another incident."})


@transaction.atomic
def action_item_claim(
    *, actor: User | None, item: ActionItem, via: str = "portal", now: datetime
) -> ActionItem:
    """Say that it is done, and have a scan look at its guard; what it and later ones see decides.

    ``via`` names where it was said, such as the ticket that is done in its tracker. Raises
    ActionItemRefused.
    """
    _require_owner_or_contributor(actor, item)
    claimed = ActionItem.objects.filter(pk=item.pk, state=State.OPEN).update(
        state=State.CLAIMED,
        claimed_at=now,
        claimed_by=actor,
        passes=0,
        decided_by=None,
        changed_at=now,
    )
    item.refresh_from_db()
    if not claimed:
        raise ActionItemRefused(f"It is {item.get_state_display().lower()} already.")
    item.claim_scan = _recheck(item, now)
    item.save(update_fields=["claim_scan"])
    action_item_tell(item=item, now=now)
    after: dict[str, object] = {"via": via[:64]}
    if item.claim_scan:
        after["scan"] = item.claim_scan.uid
    _tell(item, Kind.ACTION_CLAIMED, actor, now, after=after, action="action_item.claim")
    return item


def _recheck(item: ActionItem, now: datetime) -> Scan | None:
    definition = built_in().get(item.check_id)
    if definition is None:
        return None
    return check_recheck(
        organization=item.organization,
        definition=definition,
        accounts=list(item.accounts.values_list("pk", flat=True)),
        now=now,
    )


@transaction.atomic
def action_item_take_back(*, actor: User | None, item: ActionItem, now: datetime) -> ActionItem:
    """Take a claim back. Raises ActionItemRefused where there is none, or it is verified."""
    _require_owner_or_contributor(actor, item)
    taken = ActionItem.objects.filter(pk=item.pk, state=State.CLAIMED).update(
        **_REOPENED, changed_at=now
    )
    item.refresh_from_db()
    if not taken:
        raise ActionItemRefused(f"Nothing is claimed: it is {item.get_state_display().lower()}.")
    action_item_tell(item=item, now=now)
    audit_record(
        actor=actor,
        action="action_item.take_back",
        target=item,
        before={"state": State.CLAIMED.value},
        after={"state": item.state},
        now=now,
    )
    return item


_REOPENED: dict[str, object] = {
    "state": State.OPEN,
    "claimed_at": None,
    "claimed_by": None,
    "claim_scan": None,
    "verified_at": None,
    "passes": 0,
    "decided_by": None,
}


def action_item_reject(*, item: ActionItem, now: datetime) -> bool:
    """Newer facts contradict the claim. Inside a transaction, as the two below."""
    rejected = ActionItem.objects.filter(pk=item.pk, state=State.CLAIMED).update(
        **_REOPENED, rejected_claims=F("rejected_claims") + 1, changed_at=now
    )
    if rejected:
        _tell(item, Kind.ACTION_REJECTED, None, now, after={"claimed_at": str(item.claimed_at)})
    return bool(rejected)


def action_item_pass(*, item: ActionItem, facts_until: datetime, now: datetime) -> bool:
    """A scan after the claim saw the guard hold everywhere; whether that verifies the item."""
    counted = ActionItem.objects.filter(
        pk=item.pk, state=State.CLAIMED, claimed_at=item.claimed_at, passes=item.passes
    ).update(passes=item.passes + 1, decided_by=facts_until, changed_at=now)
    if not counted or item.passes + 1 < item.needed_passes:
        return False
    ActionItem.objects.filter(pk=item.pk, state=State.CLAIMED).update(
        state=State.VERIFIED, verified_at=now, overdue_at=None
    )
    if item.learning:
        learning_settle(learning=item.learning, now=now)
    _tell(item, Kind.ACTION_VERIFIED, None, now, after={"facts_until": str(facts_until)})
    return True


def action_item_regress(*, item: ActionItem, now: datetime) -> bool:
    """The guard fails again after it was verified: the item and its learning are open again."""
    reopened = ActionItem.objects.filter(pk=item.pk, state=State.VERIFIED).update(
        **_REOPENED, regressions=F("regressions") + 1, changed_at=now
    )
    if not reopened:
        return False
    before: dict[str, object] = {"verified_at": str(item.verified_at)}
    _tell(item, Kind.ACTION_REGRESSED, None, now, before=before)
    if item.learning:
        learning_settle(learning=item.learning, has_regressed=True, now=now)
    return True


@transaction.atomic
def action_item_overdue(*, item: ActionItem, now: datetime) -> bool:
    """Tell once that it is overdue, and again if that happens after it was verified."""
    late = ActionItem.objects.overdue(now)
    if not late.filter(pk=item.pk, overdue_at=None).update(overdue_at=now):
        return False
    _tell(item, Kind.ACTION_OVERDUE, None, now, after={"due_at": item.due_at})
    return True


def _require_owner_or_contributor(actor: User | None, item: ActionItem) -> None:
    if actor is None:
        return
    mine = ActionItem.objects.visible_to(actor).of(actor)
    if mine.filter(pk=item.pk).exists():
        return
    if not ActionItem.objects.visible_to(actor).filter(pk=item.pk).exists():
        raise Denied("You may not see all the accounts of this action item.")
    require_on_incident(actor, Permission.CONTRIBUTE, Incident.objects.get(pk=item.incident_id))


def _tell(
    item: ActionItem,
    kind: IncidentEvent.Kind,
    actor: User | None,
    now: datetime,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    action: str = "",
) -> None:
    plain = {name: str(value) for name, value in (after or {}).items()}
    if action:
        audit_record(actor=actor, action=action, target=item, before=None, after=plain, now=now)
    incident_event_append(
        incident=item.incident,
        kind=kind,
        actor=actor,
        now=now,
        subject=item,
        before=before,
        after=dict(plain),
    )
