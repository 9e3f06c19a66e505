"""Scans from their request to their plan: who asked, for what, and which accounts it visits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access import Denied, can, reach_of, require
from accounts.models import Account, Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record
from accounts.states import AccountState
from findings.checks.base import Registry, built_in
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import Scan, ScanAccount, Shard
from findings.planning import AccountPlan, Selection, SelectionError, Target, plan
from findings.services.check_sets import check_set_digest, check_set_store
from findings.services.contexts import versions_of
from findings.services.nudges import nudge_on_commit
from findings.services.places import places_ensure
from findings.services.scan_end import scan_end
from findings.services.scope import scope_apply
from findings.services.selections import accounts_selected
from findings.services.shards import PATIENCE, scan_definitions

START = "workers.tasks.scans.start_scans"


class ScanRefused(ValueError):
    """A scan that cannot be started, retried or cancelled; the message says what to do."""


@transaction.atomic
def scan_request(
    *,
    actor: User | None,
    organization: Organization,
    selection: Selection,
    trigger: Scan.Trigger,
    now: datetime,
    registry: Registry | None = None,
) -> Scan:
    """Queue a scan of an organization or of a part of it.

    Raises :class:`ScanRefused`, :class:`SelectionError`, and Denied from ``accounts.access``.
    """
    targets = accounts_selected(organization=organization, selection=selection, actor=actor)
    _require(actor, organization, selection, targets)
    if not targets:
        raise ScanRefused(
            f"There is no active account to scan in {organization}. Synchronize the organization,"
            " import accounts, or select others."
        )
    scan = _queue(
        Scan(
            organization=organization,
            kind=Scan.Kind.FULL if selection.is_everything else Scan.Kind.TARGETED,
            trigger=trigger,
            requested_by=actor,
            selection=selection.to_json(),
            requested_at=now,
        ),
        registry or built_in(),
    )
    _audit(actor, "scan.request", scan, now)
    return scan


def _require(
    actor: User | None,
    organization: Organization,
    selection: Selection,
    targets: Iterable[Account],
) -> None:
    """A selection of accounts or OUs needs the permission on these alone."""
    if actor is None or not (selection.accounts or selection.ous):
        require(actor, Permission.CONTRIBUTE, on=organization)
        return
    reach = reach_of(actor, Permission.CONTRIBUTE)
    if not all(reach.covers_account(account) for account in targets):
        raise Denied(
            "You may not contribute on every account of this selection. Select fewer, or ask an"
            " administrator for a grant."
        )


def scan_may_be_changed(*, actor: User | AnonymousUser | None, scan: Scan) -> bool:
    """By who contributes to the organization, or to every account of the scan."""
    if can(actor, Permission.CONTRIBUTE, on=scan.organization):
        return True
    members = Account.objects.filter(scan_accounts__scan=scan)
    if actor is None or not members.exists():
        return scan.requested_by == actor
    permitted = members.visible_to(actor, Permission.CONTRIBUTE)
    return not members.exclude(pk__in=permitted).exists()


def _require_change(actor: User | None, scan: Scan) -> None:
    if not scan_may_be_changed(actor=actor, scan=scan):
        require(actor, Permission.CONTRIBUTE, on=scan.organization)


def _queue(scan: Scan, registry: Registry) -> Scan:
    scan.check_set = check_set_store(versions=versions_of(registry), now=scan.requested_at)
    try:
        with transaction.atomic():
            scan.save()
    except IntegrityError:
        live = scan.organization.scans.live().filter(kind=Scan.Kind.FULL).first()
        since = f", since {live.requested_at:%Y-%m-%d %H:%M} UTC" if live else ""
        raise ScanRefused(
            f"A full scan of {scan.organization} is under way{since}. Wait for its end, cancel it,"
            " or select accounts, regions or rows for a targeted scan."
        ) from None
    nudge_on_commit(START)
    return scan


@transaction.atomic
def scan_retry(
    *, actor: User | None, scan: Scan, now: datetime, registry: Registry | None = None
) -> Scan:
    """Queue a targeted scan of what an ended scan did not collect. Raises :class:`ScanRefused`."""
    _require_change(actor, scan)
    if scan.is_live:
        raise ScanRefused("The scan is under way; what fails can be retried when it has ended.")
    if not _uncollected(scan).exists() and not _unvisited(scan).exists():
        raise ScanRefused("The scan collected everything; there is nothing to retry.")
    again = _queue(
        Scan(
            organization=scan.organization,
            kind=Scan.Kind.TARGETED,
            trigger=Scan.Trigger.RETRY,
            requested_by=actor,
            retry_of=scan,
            selection=scan.selection,
            requested_at=now,
        ),
        registry or built_in(),
    )
    _audit(actor, "scan.retry", again, now)
    return again


@transaction.atomic
def scan_cancel(*, actor: User | None, scan: Scan, now: datetime) -> Scan:
    """End a scan as it stands; what is being collected just now is thrown away."""
    _require_change(actor, scan)
    locked = Scan.objects.select_for_update().get(pk=scan.pk)
    if not locked.is_live:
        raise ScanRefused("The scan has ended already.")
    locked.shards.open().update(state=Shard.State.CANCELLED, token=None, lease_until=None)
    locked.scan_accounts.exclude(state=ScanAccount.State.ENDED).update(
        state=ScanAccount.State.CANCELLED, lease_until=None
    )
    scan_end(scan=locked, state=Scan.State.CANCELLED, now=now)
    _audit(actor, "scan.cancel", locked, now)
    scan.refresh_from_db()
    return scan


def _audit(actor: User | None, action: str, scan: Scan, now: datetime) -> None:
    if actor is not None:
        after = {"kind": scan.kind, "selection": scan.selection, "state": scan.state}
        audit_record(actor=actor, action=action, target=scan, before=None, after=after, now=now)


def scans_to_start(*, registry: Registry) -> list[int]:
    """Queued scans whose checks this program has; those of another version are left to its own."""
    versions = check_set_digest(versions_of(registry))
    queued = Scan.objects.filter(state=Scan.State.QUEUED, check_set__sha256=versions)
    return list(queued.order_by("id").values_list("id", flat=True))


@transaction.atomic
def scan_start(*, scan_id: int, registry: Registry, now: datetime) -> list[int]:
    """Plan a queued scan; the ids of its accounts, none when another task has started it."""
    started = Scan.objects.filter(pk=scan_id, state=Scan.State.QUEUED).update(
        state=Scan.State.RUNNING, started_at=now
    )
    if not started:
        return []
    scan = Scan.objects.select_related("organization", "retry_of").get(pk=scan_id)
    scope_apply(organization=scan.organization, registry=registry, now=now)
    try:
        selected = accounts_selected(
            organization=scan.organization, selection=Selection.parse(scan.selection), actor=None
        )
    except SelectionError as error:
        scan_end(scan=scan, state=Scan.State.FAILED, error=str(error), now=now)
        return []
    accounts = {account.account_id: account for account in selected}
    planned = _plan(scan, accounts, registry)
    members = _store_plan(scan, planned, accounts, now)
    if not planned:
        scan_end(scan=scan, state=Scan.State.FAILED, error="Nothing was left to scan.", now=now)
    return [member.pk for member in members if member.state == ScanAccount.State.PENDING]


def _plan(scan: Scan, accounts: dict[str, Account], registry: Registry) -> list[AccountPlan]:
    planned = plan(
        [
            Target(account=a.account_id, ou_path=a.ou_path, is_management=a.is_management)
            for a in accounts.values()
        ],
        regions=scan.organization.regions,
        selection=Selection.parse(scan.selection),
        definitions=scan_definitions(scan, registry),
    )
    return planned if scan.retry_of is None else _plan_of_retry(scan.retry_of, planned)


def _plan_of_retry(first: Scan, planned: list[AccountPlan]) -> list[AccountPlan]:
    """Only what the first scan did not collect."""
    failed: dict[str, list[str]] = {}
    for account, region in _uncollected(first).values_list("account__account_id", "region"):
        failed.setdefault(account, []).append(region)
    unvisited = set(_unvisited(first).values_list("account__account_id", flat=True))
    return [
        AccountPlan(
            account=p.account,
            regions=tuple(failed.get(p.account, ())),
            finds_regions=p.account in unvisited,
        )
        for p in planned
        if p.account in failed or p.account in unvisited
    ]


def _uncollected(scan: Scan) -> QuerySet[Shard]:
    ended = (Shard.State.COLLECTED, Shard.State.OUT_OF_SCOPE)
    return scan.shards.exclude(state__in=ended)


def _unvisited(scan: Scan) -> QuerySet[ScanAccount]:
    return scan.scan_accounts.filter(finds_regions=True)


def _store_plan(
    scan: Scan, planned: list[AccountPlan], accounts: dict[str, Account], now: datetime
) -> list[ScanAccount]:
    """The rows of its accounts, in their order; with rows of its shards and of all places."""
    scanned = _scanned_before(accounts.values())
    rows = [
        ScanAccount(
            scan=scan,
            account=accounts[p.account],
            position=position,
            finds_regions=p.finds_regions,
            is_baseline=accounts[p.account].pk not in scanned,
            lease_until=now + PATIENCE,
        )
        for position, p in enumerate(planned)
    ]
    rows += _inactive(scan, len(planned))
    ScanAccount.objects.bulk_create(rows, batch_size=500)
    shards = [(accounts[p.account], region) for p in planned for region in p.regions]
    Shard.objects.bulk_create(
        [Shard(scan=scan, account=account, region=region) for account, region in shards],
        batch_size=500,
    )
    places_ensure(places=_places(scan.organization, shards, accounts.values()), now=now)
    return rows


def _places(
    organization: Organization,
    shards: list[tuple[Account, str]],
    accounts: Iterable[Account],
) -> list[tuple[int, str]]:
    """Every place in scope, so that one that was never collected reads as unknown, not as empty."""
    places = [(account.pk, region) for account, region in shards]
    for account in accounts:
        pseudo = [AWS_GLOBAL, *([AWS_ORGANIZATION] if account.is_management else [])]
        places += [(account.pk, region) for region in (*organization.regions, *pseudo)]
    return list(dict.fromkeys(places))


def _scanned_before(accounts: Iterable[Account]) -> set[int]:
    """Accounts that a full scan has entered; for the others this one is the baseline."""
    entered = ScanAccount.objects.filter(
        account__in=[account.pk for account in accounts],
        scan__kind=Scan.Kind.FULL,
        state=ScanAccount.State.ENDED,
        access="",
    )
    return set(entered.values_list("account_id", flat=True))


def _inactive(scan: Scan, position: int) -> list[ScanAccount]:
    """Members that AWS has suspended or closed: shown in a full scan, but not entered."""
    if scan.kind != Scan.Kind.FULL:
        return []
    members = Account.objects.filter(organization=scan.organization, excluded=False).members()
    return [
        ScanAccount(
            scan=scan,
            account=account,
            position=position + number,
            state=ScanAccount.State.ENDED,
            access=AccountState(account.state).value.lower(),
        )
        for number, account in enumerate(members.exclude(state=AccountState.ACTIVE))
    ]
