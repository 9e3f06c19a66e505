from celery import shared_task
from django.utils import timezone

from findings.checks.base import built_in
from findings.services.nudges import nudge
from findings.services.scan_end import account_collected
from findings.services.shards import account_claim, account_release
from findings.services.sweeping import work_left_behind
from workers.access import process_hub
from workers.scanning import scan_account_collect

BUSY_ELSEWHERE = 5
"""Seconds until an account is looked at again some of whose facts another scan was reading."""


@shared_task
def collect_account(scan_account_id: int) -> None:
    """Collect one account of a scan; what another task has or has done is left alone."""
    registry = built_in()
    found = account_claim(scan_account_id=scan_account_id, registry=registry, now=timezone.now())
    if found is None:
        return
    scan_account_collect(scan_account=found, registry=registry, hub=process_hub())
    if not account_collected(scan_account_id=scan_account_id, now=timezone.now()):
        account_release(scan_account_id=scan_account_id, now=timezone.now())
        collect_account.apply_async((scan_account_id,), countdown=BUSY_ELSEWHERE)


@shared_task
def sweep() -> None:
    """Ask again for the work that a lost message or a dead worker left behind."""
    for task, identifier in work_left_behind(registry=built_in(), now=timezone.now()):
        nudge(task, *([identifier] if identifier is not None else []))
