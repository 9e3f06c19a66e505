"""Exports from being asked for to the end of their file: asking, claims, cancelling, expiry.

A claim is a conditional UPDATE with a token and a lease that its owner renews with every batch.
What nobody ended by its lease is begun again, so a file is whole or it is none.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts.access import Permission, can, reach_of, require
from accounts.models import Account, Organization
from accounts.services.audit import audit_record, fields_of
from findings.models import Export
from findings.services.nudges import nudge_on_commit

WRITE = "workers.tasks.exports.write"
LEASE = timedelta(minutes=5)
"""Longer than any batch takes."""
MOST_ATTEMPTS = 3
MOST_LIVE = 5
"""How many of one person wait or run at once."""
STRAY = timedelta(days=1)
"""A file that no export names is deleted after so long; until then it may be being written."""
FIELDS = ("organization", "kind", "format", "filters", "limited_by")
State = Export.State


class ExportRefused(ValueError):
    """It cannot be made, ended or given out now; the message says why."""


@transaction.atomic
def export_request(
    *,
    actor: User,
    organization: Organization,
    kind: str,
    format: str,
    filters: Mapping[str, str],
    now: datetime,
) -> Export:
    """Queue an export of what the actor may see. Raises ValidationError, ExportRefused, Denied.

    Through a limited token it is of what this may see, whoever writes it and whenever.
    """
    require(actor, _permission(kind), on=organization)
    limit = reach_of(actor).limit
    export = Export(
        organization=organization,
        asked_by=actor,
        asked_at=now,
        limited_by_id=limit.token if limit else None,
        kind=kind,
        format=format,
        filters=dict(filters),
    )
    export.full_clean(exclude=["asked_by"])
    if filters and kind != Export.Kind.FINDINGS:
        raise ValidationError({"filters": "Only findings are narrowed by filters."})
    if Export.objects.live().filter(asked_by=actor).count() >= MOST_LIVE:
        raise ExportRefused(f"{MOST_LIVE} exports of yours are not done yet. Wait for one of them.")
    export.save(force_insert=True)
    _record(export, "export.request", actor, fields_of(export, FIELDS), now)
    nudge_on_commit(WRITE, export.pk)
    return export


def _permission(kind: str) -> Permission:
    return Permission.ADMINISTER if kind == Export.Kind.AUDIT else Permission.VIEW


def _record(
    export: Export, action: str, actor: User | None, after: Mapping[str, Any], now: datetime
) -> None:
    audit_record(actor=actor, action=action, target=export, before=None, after=after, now=now)


@transaction.atomic
def export_cancel(*, actor: User, export: Export, now: datetime) -> Export:
    """End one that is not done; its owner notices with the next batch. Raises ExportRefused."""
    ended = Export.objects.live().visible_to(actor).filter(pk=export.pk)
    if not _end(ended, State.CANCELLED, "", now):
        raise ExportRefused("It has ended already.")
    _record(export, "export.cancel", actor, {"state": State.CANCELLED.value}, now)
    export.refresh_from_db()
    return export


def _end(rows: Any, state: State, error: str, now: datetime) -> int:
    ended: int = rows.update(
        state=state, error=error, finished_at=now, token=None, lease_until=None
    )
    return ended


def exports_waiting(*, now: datetime) -> list[int]:
    """Exports whose message was lost, or whose task died; each is claimed once."""
    waiting = Export.objects.claimable(now)
    worn_out = waiting.filter(attempts__gte=MOST_ATTEMPTS)
    _end(worn_out, State.FAILED, f"It was begun {MOST_ATTEMPTS} times and never ended.", now)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def export_claim(*, export_id: int, now: datetime) -> Export | None:
    """Take an export to write; None when it has ended, or another task has it."""
    free = Export.objects.claimable(now).filter(pk=export_id, attempts__lt=MOST_ATTEMPTS)
    taken = free.update(
        state=State.RUNNING,
        token=uuid.uuid4(),
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
        started_at=now,
        rows_done=0,
        rows_expected=None,
    )
    if not taken:
        return None
    related = ("organization", "asked_by", "limited_by")
    return Export.objects.select_related(*related).get(pk=export_id)


def export_progress(*, export: Export, done: int, expected: int | None, now: datetime) -> bool:
    """Renew the lease and tell how far it is; False when it was cancelled or taken away."""
    mine = Export.objects.live().filter(pk=export.pk, token=export.token)
    return bool(mine.update(lease_until=now + LEASE, rows_done=done, rows_expected=expected))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A whole file below the directory of exports, and what is in it."""

    file: str
    size: int
    sha256: str
    rows: int
    accounts: frozenset[int]
    of_whole: bool
    manifest: Mapping[str, Any]


def export_finish(*, export: Export, written: Written, now: datetime) -> bool:
    """Give the file to the export; False when that is no longer wanted of this owner."""
    mine = Export.objects.live().filter(pk=export.pk, token=export.token)
    return bool(
        mine.update(
            state=State.DONE,
            finished_at=now,
            token=None,
            lease_until=None,
            error="",
            file=written.file,
            size=written.size,
            sha256=written.sha256,
            rows_done=written.rows,
            rows_expected=written.rows,
            accounts=sorted(written.accounts),
            of_whole=written.of_whole,
            manifest=dict(written.manifest),
        )
    )


def export_fail(*, export: Export, error: str, now: datetime) -> bool:
    mine = Export.objects.live().filter(pk=export.pk, token=export.token)
    return bool(_end(mine, State.FAILED, error, now))


@transaction.atomic
def export_open(*, actor: User, export: Export, directory: Path, now: datetime) -> Path:
    """The file for its asker, who still sees all that it tells of. Raises ExportRefused, Denied."""
    if not export.is_whole:
        raise ExportRefused(
            f"There is no file: the export is {export.get_state_display().lower()}."
        )
    require(actor, _permission(export.kind), on=export.organization)
    if not _still_sees(actor, export):
        raise ExportRefused(
            "It tells of more than you still see. Ask for a new export of what you see now."
        )
    path = directory / export.file
    if not path.is_file():
        raise ExportRefused(
            "Its file is not on this machine: CAIRN_HOME/exports is one directory for the web"
            " server and the workers, kept from restart to restart."
        )
    _record(export, "export.download", actor, {"sha256": export.sha256}, now)
    return path


def _still_sees(actor: User, export: Export) -> bool:
    if can(actor, Permission.VIEW):
        return True
    if export.of_whole and not reach_of(actor).covers_organization(export.organization):
        return False
    seen = Account.objects.visible_to(actor).filter(organization=export.organization_id)
    return set(export.accounts) <= set(seen.values_list("pk", flat=True))


def exports_expire(*, directory: Path, days: int, rows_days: int, now: datetime) -> int:
    """Delete files kept for so many days, rows kept for so many, and files that nobody names.

    0 days keep for ever. The row is changed first: a file is never offered that is gone.
    """
    gone = 0
    if days:
        old = Export.objects.filter(state=State.DONE, finished_at__lt=now - timedelta(days=days))
        for pk, file in list(old.values_list("pk", "file")):
            if old.filter(pk=pk).update(state=State.EXPIRED, file=""):
                (directory / file).unlink(missing_ok=True)
                gone += 1
    if rows_days:
        ended = Export.objects.exclude(state__in=(*Export.LIVE, State.DONE))
        ended.filter(finished_at__lt=now - timedelta(days=rows_days)).delete()
    _delete_strays(directory, now)
    return gone


def _delete_strays(directory: Path, now: datetime) -> None:
    if not directory.is_dir():
        return
    named = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for path in directory.iterdir():
        is_old = path.stat().st_mtime < (now - STRAY).timestamp()
        if path.is_file() and path.name not in named and is_old:
            path.unlink(missing_ok=True)
