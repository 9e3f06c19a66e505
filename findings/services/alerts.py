"""Alerts about Cairn's own work: one active for each subject, until it is right again."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Organization
from findings.models import Alert


def alert_raise(
    *, organization: Organization, kind: Alert.Kind, subject: str, message: str, now: datetime
) -> None:
    """Raise it unless one about the subject is active already."""
    raised = Alert(
        organization=organization, kind=kind, subject=subject, message=message, raised_at=now
    )
    Alert.objects.bulk_create([raised], ignore_conflicts=True)


def alert_resolve(
    *, organization: Organization, kind: Alert.Kind, subject: str, now: datetime
) -> None:
    found = Alert.objects.active().filter(organization=organization, kind=kind, subject=subject)
    found.update(resolved_at=now)
