"""What people say they do about a finding. Only evidence resolves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import require, require_on_accounts
from accounts.roles import Permission
from findings.models import Episode, Finding, FindingEvent, Scan, Workflow
from findings.services.events import events_append

_MOVES = {
    Workflow.NEW: {Workflow.TRIAGED, Workflow.IN_PROGRESS, Workflow.FIX_CLAIMED},
    Workflow.TRIAGED: {Workflow.NEW, Workflow.IN_PROGRESS, Workflow.FIX_CLAIMED},
    Workflow.IN_PROGRESS: {Workflow.TRIAGED, Workflow.FIX_CLAIMED},
    Workflow.FIX_CLAIMED: {Workflow.IN_PROGRESS},
}


def moves_from(workflow: Workflow) -> list[Workflow]:
    """Where people can move a finding to, in the order of the work."""
    return [move for move in Workflow if move in _MOVES.get(workflow, ())]


class WorkflowError(ValueError):
    """A move that people cannot make; the message says why and which they can."""


@transaction.atomic
def finding_move(
    *, actor: User | None, finding: Finding, to: Workflow, note: str = "", now: datetime
) -> Episode:
    """Move the open episode of a finding. Raises :class:`WorkflowError`."""
    require(actor, Permission.CONTRIBUTE, on=finding.account)
    episode = Episode.objects.open().select_for_update().filter(finding=finding).first()
    if episode is None:
        raise WorkflowError("The finding is closed; it opens by itself when the check fails again.")
    before = Workflow(episode.workflow)
    if to is Workflow.RESOLVED:
        raise WorkflowError("A scan resolves a finding, by evidence. Claim the fix instead.")
    if to not in _MOVES[before]:
        possible = ", ".join(sorted(move.value for move in _MOVES[before]))
        raise WorkflowError(f"A finding that is {before.value} can become {possible}.")
    event = _move(episode, to, actor, note, now)
    events_append(organization_id=finding.organization_id, events=[event])
    return episode


@transaction.atomic
def findings_move(
    *, actor: User | None, findings: Sequence[Finding], to: Workflow, note: str = "", now: datetime
) -> int:
    """Move the open episodes of findings of one organization that can make the move; how many.

    The others stay as they are.
    """
    accounts = (finding.account_id for finding in findings)
    require_on_accounts(actor, Permission.CONTRIBUTE, accounts)
    able = [before for before, possible in _MOVES.items() if to in possible]
    held = Episode.objects.open().filter(finding__in=findings, workflow__in=able)
    episodes = held.select_for_update().order_by("id")
    events = [_move(episode, to, actor, note, now) for episode in episodes]
    if events:
        events_append(organization_id=findings[0].organization_id, events=events)
    return len(events)


def _move(
    episode: Episode, to: Workflow, actor: User | None, note: str, now: datetime
) -> FindingEvent:
    before, episode.workflow = Workflow(episode.workflow), to
    episode.claimed_at = now if to is Workflow.FIX_CLAIMED else None
    episode.claim_scan = None
    episode.save(update_fields=["workflow", "claimed_at", "claim_scan"])
    event = _event(episode, FindingEvent.Kind.WORKFLOW, before, to, now)
    event.actor, event.note = actor, note
    return event


@transaction.atomic
def finding_comment(*, actor: User, finding: Finding, note: str, now: datetime) -> FindingEvent:
    """Add a remark to the history of a finding, open or not. Raises ValidationError."""
    require(actor, Permission.CONTRIBUTE, on=finding.account)
    if not note.strip():
        raise ValidationError({"note": "Write something."})
    event = FindingEvent(
        finding=finding,
        episode=Episode.objects.open().filter(finding=finding).first(),
        kind=FindingEvent.Kind.COMMENTED,
        at=now,
        actor=actor,
        note=note.strip(),
    )
    events_append(organization_id=finding.organization_id, events=[event])
    return event


def claims_reject(
    *,
    organization_id: int,
    accounts: Iterable[int],
    region: str,
    checks: set[str],
    facts_at: Callable[[str, str, str], datetime],
    scan: Scan | None,
    now: datetime,
) -> None:
    """Take back claimed fixes that newer evidence contradicts; an unverified finding is left alone.

    ``facts_at`` tells from (check, account, region) how old the evidence is. An empty region stands
    for all of them.
    """
    claimed = Episode.objects.open().filter(
        workflow=Workflow.FIX_CLAIMED,
        finding__account__in=list(accounts),
        finding__check_id__in=checks,
        finding__unverified_since=None,
        **({"finding__region": region} if region else {}),
    )
    events = []
    for episode in claimed.prefetch_related("finding__account").select_for_update(of=("self",)):
        finding = episode.finding
        collected = facts_at(finding.check_id, finding.account.account_id, finding.region)
        if episode.claimed_at is None or collected <= episode.claimed_at:
            continue
        episode.workflow, episode.claimed_at = Workflow.IN_PROGRESS, None
        episode.claim_scan = None
        episode.rejected_claims += 1
        episode.save(update_fields=["workflow", "claimed_at", "claim_scan", "rejected_claims"])
        kind = FindingEvent.Kind.CLAIM_REJECTED
        event = _event(episode, kind, Workflow.FIX_CLAIMED, Workflow.IN_PROGRESS, now)
        event.scan = scan
        events.append(event)
    events_append(organization_id=organization_id, events=events)


def _event(
    episode: Episode, kind: FindingEvent.Kind, before: Workflow, after: Workflow, now: datetime
) -> FindingEvent:
    return FindingEvent(
        finding_id=episode.finding_id,
        episode=episode,
        kind=kind,
        at=now,
        before={"workflow": before.value},
        after={"workflow": after.value},
    )
