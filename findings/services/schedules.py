"""Schedules: kept by people, run by a tick each minute, watched for scans that did not finish."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import require
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.checks.base import Registry
from findings.models import Alert, Scan, Schedule
from findings.planning import Selection, SelectionError
from findings.services.alerts import alert_raise, alert_resolve
from findings.services.scans import ScanRefused, scan_request

GRACE = timedelta(minutes=10)
"""A run that is later than that is a missed one."""
FIELDS = (
    "name",
    "cron",
    "time_zone",
    "jitter_minutes",
    "catches_up",
    "selection",
    "is_active",
)
_FINISHED = (Scan.State.FINISHED, Scan.State.PARTIAL)


@transaction.atomic
def schedule_save(*, actor: User | None, schedule: Schedule, now: datetime) -> Schedule:
    """Save a new or changed schedule and set its next run.

    Raises ScheduleError, SelectionError, or ValidationError by field.
    """
    require(actor, Permission.ADMINISTER, on=schedule.organization)
    stored = Schedule.objects.filter(pk=schedule.pk).first() if schedule.pk else None
    before = fields_of(stored, FIELDS) if stored else None
    schedule.selection = Selection.parse(schedule.selection).to_json()
    if schedule.pk is None:
        schedule.created_by = actor
    schedule.clean_fields(exclude=["created_by"])
    schedule.next_run_at = _next_run(schedule, now) if schedule.is_active else None
    schedule.full_clean(exclude=["created_by"])
    schedule.save()
    action = "schedule.change" if stored else "schedule.create"
    after = fields_of(schedule, FIELDS)
    audit_record(actor=actor, action=action, target=schedule, before=before, after=after, now=now)
    return schedule


@transaction.atomic
def schedule_delete(*, actor: User | None, schedule: Schedule, now: datetime) -> None:
    require(actor, Permission.ADMINISTER, on=schedule.organization)
    before = fields_of(schedule, FIELDS)
    audit_record(
        actor=actor,
        action="schedule.delete",
        target=schedule,
        before=before,
        after=None,
        now=now,
    )
    _resolve(schedule, now)
    schedule.delete()


def schedules_run(*, now: datetime, registry: Registry | None = None) -> list[Scan]:
    """Start what is due. A doubled tick starts nothing twice."""
    due = Schedule.objects.filter(is_active=True, next_run_at__lte=now)
    started = [
        schedule_run(s, now, registry) for s in due.select_related("organization", "last_scan")
    ]
    return [scan for scan in started if scan]


@transaction.atomic
def schedule_run(schedule: Schedule, now: datetime, registry: Registry | None) -> Scan | None:
    """Start a due schedule, unless another tick has claimed this time of it."""
    due_at = schedule.next_run_at
    claimed = Schedule.objects.filter(pk=schedule.pk, next_run_at=due_at).update(
        next_run_at=_next_run(schedule, now), last_run_at=now
    )
    if not claimed or due_at is None:
        return None
    _watch(schedule, now)
    is_missed = now - due_at > GRACE
    scan = None if is_missed and not schedule.catches_up else _request(schedule, now, registry)
    Schedule.objects.filter(pk=schedule.pk).update(last_scan=scan)
    return scan


def _request(schedule: Schedule, now: datetime, registry: Registry | None) -> Scan | None:
    """A new scan, or the one under way that stands in its stead."""
    try:
        return scan_request(
            actor=None,
            organization=schedule.organization,
            selection=Selection.parse(schedule.selection),
            trigger=Scan.Trigger.SCHEDULE,
            now=now,
            registry=registry,
        )
    except (ScanRefused, SelectionError) as refusal:
        live = _live(schedule.organization)
        if live is None or schedule.selection:
            _raise_alert(schedule, f"{schedule.name} could not start a scan: {refusal}", now)
            return None
        return live


def _live(organization: Organization) -> Scan | None:
    return organization.scans.live().filter(kind=Scan.Kind.FULL).first()


def _watch(schedule: Schedule, now: datetime) -> None:
    """Whether the run before this one ended in a finished scan."""
    last_run, last_scan = schedule.last_run_at, schedule.last_scan
    if last_run is None:
        return
    if last_scan is not None and last_scan.state in _FINISHED:
        _resolve(schedule, now)
        return
    why = f"its scan is {last_scan.get_state_display().lower()}" if last_scan else "it did not run"
    _raise_alert(
        schedule,
        f"{schedule.name}, due {last_run:%Y-%m-%d %H:%M} UTC, did not end in a finished scan before"
        f" its next time: {why}. Look whether workers are running and what the scan says.",
        now,
    )


def _raise_alert(schedule: Schedule, message: str, now: datetime) -> None:
    alert_raise(
        organization=schedule.organization,
        kind=Alert.Kind.SCHEDULE_MISSED,
        subject=str(schedule.uid),
        message=message,
        now=now,
    )


def _resolve(schedule: Schedule, now: datetime) -> None:
    alert_resolve(
        organization=schedule.organization,
        kind=Alert.Kind.SCHEDULE_MISSED,
        subject=str(schedule.uid),
        now=now,
    )


def _next_run(schedule: Schedule, now: datetime) -> datetime:
    return schedule.timetable.next_run(now, seed=str(schedule.uid))
