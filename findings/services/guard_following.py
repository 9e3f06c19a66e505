"""Guards follow scans: claims are verified or rejected, and what was verified may regress."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from accounts.models import Organization
from findings.checks.base import Registry
from findings.guards import Look, Verdict, guard_seen
from findings.models import ActionItem, IncidentSequence, Scan
from findings.services.action_item_places import action_item_tell
from findings.services.action_items import (
    action_item_pass,
    action_item_regress,
    action_item_reject,
)
from findings.services.guard_looks import looks_of

OVERLAP = timedelta(minutes=10)
"""Scans that end together commit in any order; looking twice changes nothing."""


def guards_due(now: datetime) -> list[int]:
    """Ids of organizations with items that scans concern, in which one has ended since."""
    watched = _watched()
    ids = watched.order_by().values_list("organization", flat=True).distinct()
    followed = dict(IncidentSequence.objects.values_list("organization", "followed_until"))
    return [pk for pk in ids if _is_due(followed.get(pk), _last_end(pk), now)]


def _watched() -> QuerySet[ActionItem]:
    """Claimed and verified items, and open ones whose tickets tell how their guards stand."""
    is_told = Q(ticket__isnull=False, ticket__closed_at=None)
    return ActionItem.objects.filter(~Q(state=ActionItem.State.OPEN) | is_told)


def _is_due(followed: datetime | None, last: datetime | None, now: datetime) -> bool:
    if last is None:
        return False
    return followed is None or last > followed or now - last < OVERLAP


def _last_end(organization_id: int) -> datetime | None:
    ended = Scan.objects.ended().filter(organization=organization_id)
    last: datetime | None = ended.aggregate(last=Max("finished_at"))["last"]
    return last


def guards_follow(*, organization: Organization, registry: Registry, now: datetime) -> None:
    """Look at each item that scans concern once; each is a transaction of its own."""
    last = _last_end(organization.pk)
    items = _watched().filter(organization=organization)
    for pk in list(items.values_list("pk", flat=True)):
        guard_follow(item_id=pk, registry=registry, now=now)
    if last is not None:
        IncidentSequence.objects.update_or_create(
            organization=organization, defaults={"followed_until": last}
        )


@transaction.atomic
def guard_follow(*, item_id: int, registry: Registry, now: datetime) -> None:
    """Let what scans saw since the claim, or since it was verified, decide an item."""
    rows = ActionItem.objects.select_for_update(of=("self",))
    related = ("learning", "incident", "organization", "ticket")
    item = rows.select_related(*related).get(pk=item_id)
    definition = registry.get(item.check_id)
    if definition is None:
        return
    accounts = item.accounts.select_related("organization").order_by("pk")
    looks = looks_of(definition, list(accounts), since=item.added_at)
    if _decide(item, looks, now):
        item.refresh_from_db()
    action_item_tell(item=item, looks=looks, now=now)


def _decide(item: ActionItem, looks: Sequence[Look], now: datetime) -> bool:
    """Whether it is another state than before."""
    after = item.decided_by or item.claimed_at
    if after is None:
        return False
    seen = guard_seen(looks, after=after)
    if seen.verdict is Verdict.FAILS:
        if item.state == ActionItem.State.VERIFIED:
            action_item_regress(item=item, now=now)
        else:
            action_item_reject(item=item, now=now)
    elif seen.facts_until is not None and item.state == ActionItem.State.CLAIMED:
        action_item_pass(item=item, facts_until=seen.facts_until, now=now)
    else:
        return False
    return True
