"""One reading of an organization from AWS, applied to what is known of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Organization
from accounts.services.organization_sync import (
    SnapshotRefused,
    SyncReport,
    organization_sync_apply,
    organization_sync_failed,
)
from findings.checks.base import built_in
from findings.services.nudges import nudge_on_commit
from findings.services.overrides import REASSESS
from findings.services.scope import scope_apply
from workers.access import role_access
from workers.aws.organizations import read_snapshot
from workers.aws.sessions import AccessError, Hub


def organization_synchronize(*, organization: Organization, hub: Hub, now: datetime) -> SyncReport:
    """Read and apply; accounts that left or moved are judged anew.

    Raises AccessError or SnapshotRefused after noting it with the organization.
    """
    try:
        snapshot = read_snapshot(hub.organization(role_access(organization)))
        with transaction.atomic():
            report = organization_sync_apply(organization=organization, snapshot=snapshot, now=now)
            if report.changes:
                scope_apply(organization=organization, registry=built_in(), now=now)
                nudge_on_commit(REASSESS, organization.pk)
    except (AccessError, SnapshotRefused) as error:
        organization_sync_failed(organization=organization, error=str(error), now=now)
        raise
    return report
