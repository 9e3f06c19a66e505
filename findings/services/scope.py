"""What is no longer looked at: its findings close under their own cause, its counts go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Account, Organization
from accounts.states import AccountState
from findings.checks.base import Registry
from findings.fingerprints import fingerprint
from findings.models import (
    CheckStatus,
    CloseCause,
    Episode,
    Evaluation,
    EvidenceStatus,
    Finding,
    FindingEvent,
    RegionState,
    Scan,
    ScanAccount,
    Shard,
)
from findings.services.events import events_append
from findings.services.finding_writer import EPISODE_FIELDS, episode_close, upsert
from findings.services.places import place_set_state, places_ensure

_BATCH = 500
State = RegionState.State


def place_leaves_scope(
    *, place: RegionState, state: RegionState.State, scan: Scan | None, now: datetime
) -> None:
    """A region that is opted out, denied by policy or excluded is neither unknown nor passing."""
    if place.state != state or place.sources:
        there = {"account": place.account_id, "region": place.region}
        findings_close(
            findings=Finding.objects.filter(**there),
            cause=CloseCause.OUT_OF_SCOPE,
            scan=scan,
            now=now,
        )
        CheckStatus.objects.filter(**there).delete()
        Evaluation.objects.filter(**there).delete()
        place.sources = {}
        place.save(update_fields=["sources"])
    place_set_state(place=place, state=state, now=now)


@transaction.atomic
def account_regions_found(
    *, scan_account: ScanAccount, regions: Iterable[str], now: datetime
) -> None:
    """Add the shards of an account by its enabled regions; its others are opted out."""
    account = scan_account.account
    found = sorted(regions)
    places_ensure(places=[(account.pk, region) for region in found], now=now)
    Shard.objects.bulk_create(
        [Shard(scan=scan_account.scan, account=account, region=region) for region in found],
        ignore_conflicts=True,
    )
    real = RegionState.objects.filter(account=account).exclude(region__startswith="aws-")
    for place in real.exclude(region__in=found).select_for_update():
        place_leaves_scope(place=place, state=State.OPTED_OUT, scan=scan_account.scan, now=now)
    scan_account.finds_regions = False
    scan_account.save(update_fields=["finds_regions"])


@transaction.atomic
def scope_apply(*, organization: Organization, registry: Registry, now: datetime) -> None:
    """Close what belongs to accounts, regions and checks that are no longer looked at.

    It follows from the rows alone, so it may run at any time, and again.
    """
    of = Account.objects.filter(organization=organization)
    unscanned = of.exclude(pk__in=of.scannable().values("pk"))
    states = set(unscanned.order_by().values_list("state", flat=True).distinct())
    leaving: list[tuple[QuerySet[Account], CloseCause]] = []
    if AccountState.LEFT in states:
        leaving.append((of.filter(state=AccountState.LEFT), CloseCause.ACCOUNT_LEFT))
    if states - {AccountState.LEFT}:
        leaving.append((unscanned.members(), CloseCause.OUT_OF_SCOPE))
    is_any_held = _hold_places(organization, [accounts for accounts, _ in leaving])
    for accounts, cause in leaving:
        _accounts_leave(accounts, cause, now)
    if is_any_held:
        _regions_leave(organization, now)
    _regions_return(organization, now)
    _checks_leave(organization, registry, now)


def _hold_places(organization: Organization, accounts: Iterable[QuerySet[Account]]) -> bool:
    """Before any event is numbered, as whoever commits a region does: else each may wait for the
    other. Whether there are any to hold.
    """
    leaving = [Q(account__in=left.values("pk")) & ~Q(sources={}) for left in accounts]
    if organization.regions:
        leaving.append(Q(pk__in=_dropped(organization).values("pk")))
    if not leaving:
        return False
    places = RegionState.objects.filter(Q(*leaving, _connector=Q.OR)).order_by("pk")
    return bool(places.select_for_update(of=("self",)).values_list("pk", flat=True))


def _accounts_leave(accounts: QuerySet[Account], cause: CloseCause, now: datetime) -> None:
    """Their regions keep no sources: what is collected after a return is looked at afresh."""
    findings_close(
        findings=Finding.objects.filter(account__in=accounts), cause=cause, scan=None, now=now
    )
    for model in (CheckStatus, Evaluation):
        model._default_manager.filter(account__in=accounts).delete()
    RegionState.objects.filter(account__in=accounts).exclude(sources={}).update(sources={})


def _regions_leave(organization: Organization, now: datetime) -> None:
    """Regions that the organization's list no longer names."""
    if organization.regions:
        for place in _dropped(organization).select_for_update():
            place_leaves_scope(place=place, state=State.EXCLUDED, scan=None, now=now)


def _regions_return(organization: Organization, now: datetime) -> None:
    """Regions that the organization's list names again."""
    named = _real(organization).filter(state=State.EXCLUDED)
    if organization.regions:
        named = named.filter(region__in=organization.regions)
    named.update(state=State.ENABLED, since=now)


def _real(organization: Organization) -> QuerySet[RegionState]:
    of = RegionState.objects.filter(account__organization=organization)
    return of.exclude(region__startswith="aws-")


def _dropped(organization: Organization) -> QuerySet[RegionState]:
    real = _real(organization)
    return real.exclude(region__in=organization.regions).exclude(state=State.EXCLUDED)


def _checks_leave(organization: Organization, registry: Registry, now: datetime) -> None:
    """Findings of checks that there are no longer; those of renamed checks are carried over."""
    aliases = {alias: id_ for id_, found in registry.items() for alias in found.check.aliases}
    gone = Finding.objects.filter(organization=organization).exclude(check_id__in=list(registry))
    renamed = gone.filter(check_id__in=list(aliases)).select_related("account")
    for finding in renamed if aliases else ():
        _carry_over(finding, aliases[finding.check_id], now)
    findings_close(findings=gone, cause=CloseCause.CHECK_CHANGED, scan=None, now=now)
    CheckStatus.objects.filter(account__organization=organization).exclude(
        check_id__in=list(registry)
    ).delete()


def _carry_over(finding: Finding, check: str, now: datetime) -> None:
    """Give a finding to the check that took its check's place, unless that has its own."""
    renamed = fingerprint(
        check=check,
        account=finding.account.account_id,
        region=finding.region,
        resource=finding.resource,
        sub_key=finding.sub_key,
    )
    if Finding.objects.filter(fingerprint=renamed).exists():
        return
    before = finding.check_id
    finding.check_id, finding.fingerprint = check, renamed
    finding.save(update_fields=["check_id", "fingerprint"])
    event = FindingEvent(
        finding=finding,
        kind=FindingEvent.Kind.CARRIED_OVER,
        at=now,
        before={"check": before},
        after={"check": check},
    )
    events_append(organization_id=finding.organization_id, events=[event])


def findings_close(
    *, findings: QuerySet[Finding], cause: CloseCause, scan: Scan | None, now: datetime
) -> None:
    """Close open findings that no evidence was asked about."""
    ids = list(findings.filter(is_open=True).order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _BATCH):
        _close_batch(ids[start : start + _BATCH], cause, scan, now)


def _close_batch(ids: Iterable[int], cause: CloseCause, scan: Scan | None, now: datetime) -> None:
    episodes = list(Episode.objects.open().filter(finding__in=list(ids)).select_related("finding"))
    events: dict[int, list[FindingEvent]] = {}
    for episode in episodes:
        episode_close(episode, cause, scan=scan, now=now)
        events.setdefault(episode.finding.organization_id, []).append(
            FindingEvent(
                finding=episode.finding,
                episode=episode,
                kind=FindingEvent.Kind.CLOSED,
                cause=cause,
                at=now,
                scan=scan,
            )
        )
    upsert(Episode, episodes, EPISODE_FIELDS)
    Finding.objects.filter(id__in=list(ids)).update(
        is_open=False,
        evidence_status=EvidenceStatus.NOT_APPLICABLE,
        unverified_since=None,
        changed_at=now,
    )
    for organization_id, told in events.items():
        events_append(organization_id=organization_id, events=told)
