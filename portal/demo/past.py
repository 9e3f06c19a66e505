"""A look that lies back: what a scan of a few accounts saw, days before the demo began.

The simulated world is dated back, and everything happens in this process by the clock of then, in
one transaction: no worker sees a part of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

import workers
from accounts.models import Account, Organization
from findings.checks.base import Registry
from findings.models import Scan
from findings.planning import Selection
from findings.services.scan_end import account_assess, account_collected, organization_assess
from findings.services.scans import scan_request, scan_start
from findings.services.shards import account_claim
from portal.demo.story import FirstLook, LeftOut
from portal.demo.world import World, steer
from workers.aws.sessions import Hub
from workers.scanning import Clock, scan_account_collect
from workers.synchronizing import organization_synchronize


def look_back(
    *,
    look: FirstLook,
    world: World,
    url: str,
    organization: Organization,
    hub: Hub,
    registry: Registry,
) -> None:
    """Scan the accounts of a first look as they stood then. Raises LeftOut where one is missing."""

    def clock() -> datetime:
        return timezone.now() - look.ago

    with _dated_back(world, url, look.ago), _unheard(), transaction.atomic():
        organization_synchronize(organization=organization, hub=hub, now=clock())
        known = Account.objects.filter(organization=organization, account_id__in=look.accounts)
        missing = set(look.accounts) - set(known.values_list("account_id", flat=True))
        if missing:
            raise LeftOut(f"this world has no account {min(missing)}.")
        scan = scan_request(
            actor=None,
            organization=organization,
            selection=Selection(accounts=look.accounts),
            trigger=Scan.Trigger.COMMAND,
            now=clock(),
            registry=registry,
        )
        _carry_out(scan, registry, hub, clock)


@contextmanager
def _dated_back(world: World, url: str, ago: timedelta) -> Iterator[None]:
    epoch = datetime.fromisoformat(world.epoch)
    steer(url, epoch=(epoch - ago).isoformat())
    try:
        yield
    finally:
        steer(url, epoch=world.epoch)


@contextmanager
def _unheard() -> Iterator[None]:
    """What scans warn of is for the logs of workers; this process writes to a terminal."""
    heard = logging.getLogger(workers.__name__)
    level = heard.level
    heard.setLevel(logging.ERROR)
    try:
        yield
    finally:
        heard.setLevel(level)


def _carry_out(scan: Scan, registry: Registry, hub: Hub, clock: Clock) -> None:
    """What workers do with a scan, one account after another."""
    for pk in scan_start(scan_id=scan.pk, registry=registry, now=clock()):
        claimed = account_claim(scan_account_id=pk, registry=registry, now=clock())
        if claimed is not None:
            scan_account_collect(scan_account=claimed, registry=registry, hub=hub, clock=clock)
        account_collected(scan_account_id=pk, now=clock())
        account_assess(scan_account_id=pk, registry=registry, now=clock())
    organization_assess(scan_id=scan.pk, registry=registry, now=clock())
