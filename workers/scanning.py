"""One account of a scan: entered once, its shards collected side by side, committed one by one.

Threads collect and pack and never touch the database; the task's own thread claims and commits. So
a kill loses at most the shards that are in flight.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from accounts.models import RoleHealth
from accounts.services.accounts import account_role_tested
from findings.checks.base import Registry
from findings.facts.base import GapReason
from findings.models import RegionState, ScanAccount, Shard
from findings.packing import pack
from findings.services.commits import Harvest, refused, shard_commit
from findings.services.scope import account_regions_found
from findings.services.shards import (
    Claim,
    shard_claim,
    shard_release,
    shards_renew,
    shards_waiting,
)
from workers.access import enter
from workers.aws.collection import collect
from workers.aws.regions import enabled_regions
from workers.aws.sessions import AccessError, AccountSession, Hub

SHARDS_IN_FLIGHT = 4
CALLS_IN_FLIGHT = 28
RENEWAL = 20.0
"""Seconds between renewals of the leases, well below their length."""

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def scan_account_collect(
    *, scan_account: ScanAccount, registry: Registry, hub: Hub, clock: Clock = timezone.now
) -> None:
    """Collect and commit the waiting shards of a claimed account; every instant is the clock's."""
    account = scan_account.account
    try:
        session = replace(enter(account, hub), clock=clock)
        if scan_account.finds_regions:
            found = enabled_regions(session)
            account_regions_found(scan_account=scan_account, regions=found, now=clock())
    except AccessError as error:
        _refuse(scan_account, registry, error, now=clock())
        return
    account_role_tested(account=account, health=RoleHealth.HEALTHY, now=clock())
    with _Collecting(scan_account, registry, session) as collecting:
        collecting.run()


def _refuse(
    scan_account: ScanAccount, registry: Registry, error: AccessError, *, now: datetime
) -> None:
    """End the shards of an account that cannot be entered as not collected, and say why."""
    health = RoleHealth(error.health.value)
    logger.warning("%s is not entered: %s", scan_account.account, error.message)
    account_role_tested(account=scan_account.account, health=health, message=error.message, now=now)
    scan_account.access, scan_account.error = health.value, error.message
    scan_account.finds_regions = False
    scan_account.save(update_fields=["access", "error", "finds_regions"])
    for shard in shards_waiting(scan_account=scan_account, now=now):
        claim = shard_claim(shard=shard, registry=registry, now=now)
        if claim:
            harvest = refused(
                claim=claim,
                reason=GapReason.CREDENTIALS,
                code=health.value,
                error=error.message,
                now=now,
            )
            shard_commit(harvest=harvest, registry=registry, now=now)


class _Collecting:
    """The shards of one account: waiting, in flight, committed."""

    def __init__(
        self, scan_account: ScanAccount, registry: Registry, session: AccountSession
    ) -> None:
        self._scan_account, self._registry, self._session = scan_account, registry, session
        self._clock = session.clock
        self._waiting: deque[Shard] = deque()
        self._in_flight: dict[Future[Harvest], Claim] = {}
        self._shard_pool = ThreadPoolExecutor(SHARDS_IN_FLIGHT, "shard")
        self._call_pool = ThreadPoolExecutor(CALLS_IN_FLIGHT, "call")
        self._renewed = time.monotonic()

    def __enter__(self) -> _Collecting:
        return self

    def __exit__(self, *_: object) -> None:
        """Never waits for threads: what they still bring is no longer wanted."""
        self._shard_pool.shutdown(wait=False, cancel_futures=True)
        self._call_pool.shutdown(wait=False, cancel_futures=True)

    def run(self) -> None:
        self._waiting.extend(shards_waiting(scan_account=self._scan_account, now=self._clock()))
        while self._waiting or self._in_flight:
            self._start_next()
            done, _ = wait(self._in_flight, timeout=RENEWAL, return_when=FIRST_COMPLETED)
            self._renew()
            for future in done:
                self._finish(self._in_flight.pop(future), future)

    def _start_next(self) -> None:
        while self._waiting and len(self._in_flight) < SHARDS_IN_FLIGHT:
            shard = self._waiting.popleft()
            claim = shard_claim(shard=shard, registry=self._registry, now=self._clock())
            if claim is not None:
                run = copy_context().run
                future = self._shard_pool.submit(
                    run, harvest, self._session, claim, self._call_pool
                )
                self._in_flight[future] = claim

    def _renew(self) -> None:
        if time.monotonic() - self._renewed < RENEWAL:
            return
        self._renewed = time.monotonic()
        shards_renew(
            scan_account_id=self._scan_account.pk,
            tokens=[claim.token for claim in self._in_flight.values()],
            now=self._clock(),
        )

    def _finish(self, claim: Claim, future: Future[Harvest]) -> None:
        now = self._clock()
        found: Harvest | None
        try:
            found = future.result()
        except Exception as error:
            logger.exception("%s %s failed", self._session.account, claim.region)
            found = self._failed(claim, error, now)
        if found is not None and not shard_commit(harvest=found, registry=self._registry, now=now):
            logger.warning("%s %s was taken over", self._session.account, claim.region)

    def _failed(self, claim: Claim, error: Exception, now: datetime) -> Harvest | None:
        """Another attempt, or after the last one a shard that says what went wrong."""
        told = f"{type(error).__name__}: {error}"
        if not claim.is_last_attempt:
            shard_release(claim=claim, error=told)
            self._waiting.append(Shard.objects.select_related("scan").get(pk=claim.shard))
            return None
        code = type(error).__name__
        return refused(claim=claim, reason=GapReason.FAILED, code=code, error=told, now=now)


def harvest(session: AccountSession, claim: Claim, pool: Executor) -> Harvest:
    """Collect and pack one shard."""
    began = session.clock()
    found = collect(
        session.region(claim.region),
        claim.kinds,
        pool=pool,
        denied_before=claim.denied_before,
        keep_going=claim.is_last_attempt,
    )
    return Harvest(
        shard=claim.shard,
        account=claim.account,
        region=claim.region,
        token=claim.token,
        packed=pack(claim.kinds, found.facts, found.calls),
        region_state=RegionState.State(found.region_state.value),
        collected_from=began,
        collected_at=session.clock(),
    )
