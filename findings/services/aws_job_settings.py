"""Which jobs of AWS are started for an organization: off until somebody switches them on."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import require
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import AwsJobSettings

FIELDS = ("detects_drift", "drift_interval_days", "scans_resources", "scan_interval_days")


@transaction.atomic
def job_settings_save(
    *, actor: User | None, settings: AwsJobSettings, now: datetime
) -> AwsJobSettings:
    """Save new or changed settings. Raises ValidationError by field."""
    require(actor, Permission.ADMINISTER, on=settings.organization)
    stored = AwsJobSettings.objects.filter(pk=settings.pk).first() if settings.pk else None
    before = fields_of(stored, FIELDS) if stored else None
    settings.full_clean()
    settings.save()
    action = "job_settings.change" if stored else "job_settings.create"
    after = fields_of(settings, FIELDS)
    audit_record(actor=actor, action=action, target=settings, before=before, after=after, now=now)
    return settings


@transaction.atomic
def job_settings_delete(*, actor: User | None, settings: AwsJobSettings, now: datetime) -> None:
    """Switch everything off: what is asked for is not started any more."""
    require(actor, Permission.ADMINISTER, on=settings.organization)
    audit_record(
        actor=actor,
        action="job_settings.delete",
        target=settings,
        before=fields_of(settings, FIELDS),
        after=None,
        now=now,
    )
    settings.delete()
