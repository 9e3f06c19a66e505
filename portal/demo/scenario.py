"""What the demo does in the database: a user, the organization, a sync and a scan."""

import secrets
import time

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from accounts.models import Organization
from accounts.roles import Role
from accounts.services.grants import grant_give
from accounts.services.organizations import organization_create
from findings.models import Scan, Shard
from findings.planning import Selection
from findings.services.scans import scan_cancel, scan_request
from portal.demo.world import World
from workers.access import process_hub
from workers.synchronizing import organization_synchronize

USER = "demo"
POLL_SECONDS = 0.25


def demo_user() -> str:
    """Gives the user `demo` a new password and returns it."""
    user, _ = User.objects.get_or_create(
        username=USER, defaults={"is_staff": True, "is_superuser": True}
    )
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def demo_organization(world: World) -> Organization:
    """The organization of this world, made on the first day; the demo's user administers it."""
    known = Organization.objects.filter(management_account_id=world.management_account).first()
    organization = known or organization_create(
        actor=None,
        name="Demo",
        management_account_id=world.management_account,
        role_name=world.role_name,
        external_id=world.external_id,
        regions=world.regions,
    )
    grant_give(
        actor=None,
        role=Role.ADMINISTRATOR,
        organization=organization,
        user=User.objects.get(username=USER),
        now=timezone.now(),
    )
    return organization


def demo_sync(organization: Organization) -> Organization:
    """Reads the organization from its AWS."""
    organization_synchronize(organization=organization, hub=process_hub(), now=timezone.now())
    return organization


def end_scans(organization: Organization) -> None:
    """Ends what a demo that was stopped left behind: its workers are gone."""
    for scan in organization.scans.live():
        scan_cancel(actor=None, scan=scan, now=timezone.now())


def demo_scan(organization: Organization, console: Console, *, is_shown: bool = True) -> Scan:
    """Scans everything, with a progress bar, and returns the ended scan."""
    scan = scan_request(
        actor=User.objects.get(username=USER),
        organization=organization,
        selection=Selection(),
        trigger=Scan.Trigger.COMMAND,
        now=timezone.now(),
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(*columns, TimeElapsedColumn(), console=console, disable=not is_shown)
    with progress:
        bar = progress.add_task("Scanning", total=None)
        while scan.is_live:
            total, done = _shards(scan)
            progress.update(bar, total=total or None, completed=done)
            time.sleep(POLL_SECONDS)
            scan.refresh_from_db()
        total, done = _shards(scan)
        progress.update(bar, total=total, completed=done)
    return scan


def _shards(scan: Scan) -> tuple[int, int]:
    counts = Shard.objects.filter(scan=scan).aggregate(
        total=Count("pk"), done=Count("pk", filter=~Q(state__in=Shard.OPEN))
    )
    return counts["total"], counts["done"]
