from celery import shared_task
from django.utils import timezone

from findings.checks.base import built_in
from findings.services.scans import scan_start, scans_to_start
from workers.tasks.shards import collect_account


@shared_task
def start_scans() -> None:
    """Plan the scans that are queued and hand out their accounts."""
    registry = built_in()
    for scan_id in scans_to_start(registry=registry):
        for scan_account_id in scan_start(scan_id=scan_id, registry=registry, now=timezone.now()):
            collect_account.delay(scan_account_id)
