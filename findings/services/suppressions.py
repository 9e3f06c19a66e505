"""Suppressions: asked for, decided by somebody else, and ended; see the model for what they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Denied, require
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.checks.base import Registry
from findings.models import (
    Episode,
    Finding,
    Suppression,
    SuppressionCursor,
    SuppressionEvent,
)
from findings.selectors.suppressions import approvers_besides, findings_selected
from findings.services.suppression_coverage import (
    CoverageWriter,
    compensation_of,
    coverage_end,
)
from findings.services.suppression_events import cursor_lock, suppression_events_append

FIELDS = (
    "organization",
    "kind",
    "finding",
    "check_id",
    "ou",
    "account",
    "tag_key",
    "tag_value",
    "region",
    "resource",
    "reason",
    "origin",
    "starts_at",
    "ends_at",
    "maximum",
    "compensating_check",
)
LATEST_START = timedelta(days=365)
Kind, State = SuppressionEvent.Kind, Suppression.State


class SuppressionRefused(ValueError):
    """What cannot be done with a suppression as it stands; the message says why."""


@transaction.atomic
def suppression_ask(
    *, actor: User | None, suppression: Suppression, registry: Registry, now: datetime
) -> Suppression:
    """Save a request; it covers nothing until somebody else approves it.

    Raises ValidationError by field. Without a start it begins with its approval.
    """
    suppression_prepare(suppression=suppression, registry=registry, now=now)
    require(actor, Permission.CONTRIBUTE, on=suppression.target)
    cursor = cursor_lock(suppression.organization_id)
    _refuse_second(suppression, now)
    suppression.asked_by, suppression.asked_at = actor, now
    suppression.save(force_insert=True)
    _told(cursor, suppression, Kind.ASKED, actor, now)
    after = fields_of(suppression, FIELDS)
    _audit(suppression, actor, "suppression.ask", None, after, now)
    return suppression


def suppression_prepare(
    *, suppression: Suppression, registry: Registry, now: datetime
) -> Suppression:
    """Fill in what follows from the rest, and refuse what cannot be; saves nothing.

    Raises ValidationError by field. A preview shows what was prepared.
    """
    suppression.reason = suppression.reason.strip()
    suppression.starts_at = max(suppression.starts_at or now, now)
    suppression.asked_at = now
    if suppression.finding is not None:
        _narrow_to_finding(suppression, suppression.finding)
    _refuse_by_field(suppression, now)
    suppression.full_clean(exclude=["asked_by", "asked_at", "episode", "renews"])
    _refuse_unknown_checks(suppression, registry)
    _refuse_ends(suppression, registry, now)
    return suppression


def _narrow_to_finding(suppression: Suppression, finding: Finding) -> None:
    suppression.account = finding.account
    suppression.ou = suppression.maximum = None
    suppression.check_id, suppression.region = finding.check_id, finding.region
    suppression.resource = suppression.tag_key = suppression.tag_value = ""
    episode = Episode.objects.open().filter(finding=finding).first()
    if episode is None or not finding.is_open:
        raise ValidationError({"finding": "It is closed; there is nothing to suppress."})
    accepts = suppression.kind == Suppression.Kind.ACCEPTED_RISK
    suppression.episode = episode if accepts else None


def _refuse_by_field(suppression: Suppression, now: datetime) -> None:
    """What constraints refuse too, by the field that has to change."""
    wrong = {}
    if suppression.finding is None and (suppression.maximum or 0) < 1:
        wrong["maximum"] = "Say how many findings it may cover at most."
    if suppression.ends_at and suppression.ends_at <= now:
        wrong["ends_at"] = "This is over."
    elif suppression.ends_at and suppression.ends_at <= suppression.starts_at:
        wrong["ends_at"] = "It ends before it starts."
    if wrong:
        raise ValidationError(wrong)


def _refuse_unknown_checks(suppression: Suppression, registry: Registry) -> None:
    of_finding = suppression.is_of_one_finding
    wrong = {
        field: "The catalogue has no such check."
        for field in ("check_id", "compensating_check")
        if (named := getattr(suppression, field)) and named not in registry
        and not (of_finding and field == "check_id")
    }  # fmt: skip
    if wrong:
        raise ValidationError(wrong)
    if suppression.compensating_check and suppression.compensating_check == suppression.check_id:
        raise ValidationError({"compensating_check": "A check does not compensate for itself."})


def _refuse_ends(suppression: Suppression, registry: Registry, now: datetime) -> None:
    if suppression.starts_at > now + LATEST_START:
        raise ValidationError({"starts_at": "At most a year from now."})
    days = longest_days(suppression, registry)
    if suppression.ends_at - suppression.starts_at > timedelta(days=days):
        told = f"At most {days} days after the start, by the severity of what it covers."
        raise ValidationError({"ends_at": told})


def longest_days(suppression: Suppression, registry: Registry) -> int:
    """How long it may last, by the severity of its finding or check; without one, the longest.

    A selector of several severities covers each for as long as its own allows.
    """
    days: dict[str, int] = settings.SUPPRESSION_DAYS
    if suppression.finding is not None:
        return days[suppression.finding.severity]
    if definition := registry.get(suppression.check_id):
        return days[definition.check.severity.value]
    return max(days.values())


def _refuse_second(suppression: Suppression, now: datetime) -> None:
    """One request a finding waits at a time."""
    if suppression.finding_id is None:
        return
    waiting = Suppression.objects.asked(now).filter(finding=suppression.finding_id)
    if waiting.exists():
        raise ValidationError({"finding": "A suppression of this finding waits for a decision."})


@transaction.atomic
def suppression_ask_from_outside(
    *,
    actor: User | None = None,
    finding: Finding,
    reason: str,
    origin: str,
    registry: Registry,
    now: datetime,
) -> Suppression:
    """A request by a ticket's "won't fix", here or in a tracker; asked once.

    Who said so here is the asker, and cannot be the approver; of a tracker's people nobody is.

    It asks to accept the risk for as long as the finding's severity allows. One that waits or
    covers the finding already is returned instead. Raises ValidationError.
    """
    cursor_lock(finding.organization_id)
    there = Suppression.objects.filter(finding=finding, revoked_at=None, tripped_at=None)
    there = there.filter(ends_at__gt=now).exclude(is_approved=False)
    of_episode = Episode.objects.open().filter(finding=finding).first()
    for known in there.order_by("pk"):
        if known.episode is None or known.episode == of_episode:
            return known
    days = timedelta(days=settings.SUPPRESSION_DAYS[finding.severity])
    suppression = Suppression(
        organization=finding.organization,
        kind=Suppression.Kind.ACCEPTED_RISK,
        finding=finding,
        reason=reason,
        origin=origin,
        starts_at=now,
        ends_at=now + days,
    )
    return suppression_ask(actor=actor, suppression=suppression, registry=registry, now=now)


@transaction.atomic
def suppression_approve(
    *,
    actor: User | None,
    suppression: Suppression,
    note: str = "",
    registry: Registry,
    now: datetime,
) -> Suppression:
    """Let it cover what it selects. Raises Denied and SuppressionRefused.

    The approver differs from the asker, unless nobody else may approve on all of its scope.
    """
    require(actor, Permission.APPROVE, on=suppression.target)
    cursor = cursor_lock(suppression.organization_id)
    held = _held(suppression)
    _refuse_decided(held, now)
    _refuse_own(held, actor, now)
    _refuse_unfit(held, now)
    _decide(held, actor, is_approved=True, note=note, now=now)
    _told(cursor, held, Kind.APPROVED, actor, now, note)
    CoverageWriter(suppression=held, cursor=cursor, registry=registry, now=now).renew()
    _audit(held, actor, "suppression.approve", None, {"note": note}, now)
    return held


@transaction.atomic
def suppression_refuse(
    *, actor: User | None, suppression: Suppression, note: str, now: datetime
) -> Suppression:
    """Say no, and why. Raises Denied, SuppressionRefused, and ValidationError without a note."""
    require(actor, Permission.APPROVE, on=suppression.target)
    cursor = cursor_lock(suppression.organization_id)
    held = _held(suppression)
    _refuse_decided(held, now)
    if not note.strip():
        raise ValidationError({"note": "Say why, for the person who asked."})
    _decide(held, actor, is_approved=False, note=note, now=now)
    _told(cursor, held, Kind.REFUSED, actor, now, note)
    _audit(held, actor, "suppression.refuse", None, {"note": note}, now)
    return held


@transaction.atomic
def suppression_revoke(
    *, actor: User | None, suppression: Suppression, note: str = "", now: datetime
) -> Suppression:
    """Let it cover nothing from now on; who asked may take back a request that waits.

    Raises Denied and SuppressionRefused.
    """
    cursor = cursor_lock(suppression.organization_id)
    held = _held(suppression)
    state = held.state(now)
    own = state is State.ASKED and actor is not None and held.asked_by_id == actor.pk
    require(actor, Permission.CONTRIBUTE if own else Permission.APPROVE, on=held.target)
    if state not in (State.ASKED, State.APPROVED, State.ACTIVE):
        raise SuppressionRefused(f"It is {state.label.lower()} already.")
    held.revoked_at, held.revoked_by = now, actor
    held.save(update_fields=["revoked_at", "revoked_by"])
    coverage_end(held, now=now)
    _told(cursor, held, Kind.REVOKED, actor, now, note)
    before = {"ends_at": held.ends_at}
    _audit(held, actor, "suppression.revoke", before, {"revoked_at": now, "note": note}, now)
    return held


def _held(suppression: Suppression) -> Suppression:
    """The row as it stands under the lock."""
    related = ("organization", "ou", "account", "finding", "episode", "asked_by")
    return Suppression.objects.select_related(*related).get(pk=suppression.pk)


def _refuse_decided(suppression: Suppression, now: datetime) -> None:
    state = suppression.state(now)
    if state is not State.ASKED:
        raise SuppressionRefused(f"It waits for no decision: it is {state.label.lower()}.")


def _refuse_own(suppression: Suppression, actor: User | None, now: datetime) -> None:
    if actor is None or suppression.asked_by_id != actor.pk:
        return
    if approvers_besides(actor, suppression.target, now):
        raise Denied("Who asked for a suppression does not approve it: another approver does.")


def _refuse_unfit(suppression: Suppression, now: datetime) -> None:
    """What would trip at once, or cover nothing any more."""
    number = findings_selected(suppression).count()
    if suppression.is_of_one_finding and not number:
        raise SuppressionRefused("Its finding has closed; there is nothing left to suppress.")
    if suppression.maximum is not None and number > suppression.maximum:
        told = f"{number} findings match, and it may cover {suppression.maximum}."
        raise SuppressionRefused(f"{told} Ask again for more.")
    if compensation_of(suppression, now).fails:
        raise SuppressionRefused("Its compensating check fails in an account that it covers.")


def _decide(
    suppression: Suppression, actor: User | None, *, is_approved: bool, note: str, now: datetime
) -> None:
    suppression.is_approved, suppression.decision_note = is_approved, note.strip()
    suppression.decided_by, suppression.decided_at = actor, now
    suppression.save(update_fields=["is_approved", "decision_note", "decided_by", "decided_at"])


def _told(
    cursor: SuppressionCursor,
    suppression: Suppression,
    kind: SuppressionEvent.Kind,
    actor: User | None,
    now: datetime,
    note: str = "",
) -> None:
    event = SuppressionEvent(
        suppression=suppression, kind=kind, actor=actor, at=now, note=note.strip()
    )
    suppression_events_append(cursor, [event])


def _audit(
    suppression: Suppression,
    actor: User | None,
    action: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
    now: datetime,
) -> None:
    audit_record(
        actor=actor, action=action, target=suppression, before=before, after=after, now=now
    )
