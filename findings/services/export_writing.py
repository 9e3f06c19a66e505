"""Writes the file of an export: batch by batch to a name of its own, then whole to its last one."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.utils import timezone

from accounts.access import Permission, can
from accounts.models import ApiToken
from accounts.models.reach import limit_reach, limits_forgotten
from findings.checks.base import Registry
from findings.exports.ocsf import CheckTold, compliance_finding
from findings.exports.spreadsheet import csv_head, csv_lines
from findings.exports.values import json_lines, of_json
from findings.models import Export, ExportFormat, Scan
from findings.selectors.export_batches import Batch, Row, Wanted
from findings.selectors.export_rows import SOURCES
from findings.services.evidence_pack import PackRefused, pack_write
from findings.services.exports import Written, export_fail, export_finish, export_progress

logger = logging.getLogger(__name__)

Operations = Mapping[str, Collection[str]]
FULL = {errno.ENOSPC, errno.EDQUOT}


class _Stopped(Exception):
    """It was cancelled, or another owner has it."""


class _Lost(Exception):
    """Who asked may see nothing of it any longer."""


@dataclass
class _Course:
    """How far the writing is: rows, and what they tell of."""

    export: Export
    clock: Callable[[], datetime]
    expected: int | None = None
    done: int = 0
    accounts: frozenset[int] = frozenset()
    of_whole: bool = False

    def follow(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Pass batches on; after each the lease is renewed, and whether it is wanted asked."""
        for batch in batches:
            yield batch
            self.done += len(batch.rows)
            self.accounts |= batch.accounts
            self.of_whole |= batch.of_whole
            self.tell()

    def tell(self) -> None:
        now = self.clock()
        expected = None if self.expected is None else max(self.expected, self.done)
        if not export_progress(export=self.export, done=self.done, expected=expected, now=now):
            raise _Stopped


def export_write(
    *,
    export: Export,
    registry: Registry,
    directory: Path,
    operations: Operations,
    clock: Callable[[], datetime] = timezone.now,
) -> bool:
    """Write a claimed export; whether it is done. What is in the way is told with the export.

    ``operations`` are those of AWS that collect each kind of fact. Nothing half written is left.
    """
    name = uuid.uuid4().hex
    part, whole = directory / f"{name}.part", directory / name
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with limits_forgotten():
            _limit_to_token(export, clock())
            written = _write(export, registry, part, operations, clock)
        os.replace(part, whole)
        _sync(directory)
        if export_finish(export=export, written=written, now=clock()):
            return True
        whole.unlink(missing_ok=True)
    except _Stopped:
        pass
    except (_Lost, PackRefused) as error:
        export_fail(export=export, error=str(error), now=clock())
    except OSError as error:
        logger.warning("export %s: %s", export.uid, error)
        export_fail(export=export, error=_told(error), now=clock())
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return False


def _limit_to_token(export: Export, now: datetime) -> None:
    """As long as it is written, who asked reaches no more than the token; raises _Lost."""
    token = export.limited_by
    if token is None:
        return
    if not ApiToken.objects.valid(now).filter(pk=token.pk).exists():
        raise _Lost("The token with which it was asked for is not valid any longer.")
    limit_reach(token.limit())


def _told(error: OSError) -> str:
    if error.errno in FULL:
        return "There is no space left for its file. Free some in CAIRN_HOME, then ask again."
    return f"Its file cannot be written below CAIRN_HOME/exports: {error.strerror or error}."


def _write(
    export: Export,
    registry: Registry,
    part: Path,
    operations: Operations,
    clock: Callable[[], datetime],
) -> Written:
    begun, source = clock(), SOURCES[export.kind]
    wanted = _wanted(export, begun)
    course = _Course(export, clock, expected=source.number(wanted))
    course.tell()
    batches = course.follow(source.read(wanted))
    with open(part, "xb", opener=_private) as file:
        if export.format == ExportFormat.EVIDENCE:
            pack = pack_write(
                file, batches, wanted, registry=registry, operations=operations, told=course.tell
            )
            course.accounts |= pack
        else:
            _write_lines(file, batches, export, registry)
        file.flush()
        os.fsync(file.fileno())
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(
        file=part.stem,
        size=part.stat().st_size,
        sha256=digest,
        rows=course.done,
        accounts=course.accounts,
        of_whole=course.of_whole,
        manifest=_manifest(export, wanted, course.done, digest, begun, clock()),
    )


def _wanted(export: Export, now: datetime) -> Wanted:
    """What the asker may see now; raises _Lost when that is nothing."""
    user = export.asked_by
    if user is None or not can(user, Permission.VIEW, on=export.organization):
        raise _Lost("Who asked for it may see nothing of the organization any longer.")
    if export.kind == Export.Kind.AUDIT and not can(
        user, Permission.ADMINISTER, on=export.organization
    ):
        raise _Lost("Who asked for it no longer administers the organization.")
    return Wanted(user=user, organization=export.organization, filters=export.filters, now=now)


def _write_lines(
    file: BinaryIO, batches: Iterator[Batch], export: Export, registry: Registry
) -> None:
    columns = SOURCES[export.kind].columns
    checks = checks_told(registry)
    is_csv = export.format in (ExportFormat.CSV, ExportFormat.CSV_WITH_MARK)
    if is_csv:
        has_mark = export.format == ExportFormat.CSV_WITH_MARK
        file.write(csv_head(columns, byte_order_mark=has_mark))
    for batch in batches:
        if is_csv:
            file.write(csv_lines(columns, batch.rows))
        elif export.format == ExportFormat.OCSF:
            file.write(json_lines(_event(row, checks) for row in batch.rows))
        else:
            file.write(json_lines({n: row.get(n) for n in columns} for row in batch.rows))


def _event(row: Row, checks: Mapping[str, CheckTold]) -> dict[str, Any]:
    return compliance_finding(row, checks.get(row["check_id"]))


def checks_told(registry: Registry) -> dict[str, CheckTold]:
    return {
        id_: CheckTold(
            title=found.check.title,
            remediation=found.check.remediation,
            best_practices=found.check.best_practices,
            version=found.check.version,
        )
        for id_, found in registry.items()
    }


def _manifest(
    export: Export, wanted: Wanted, rows: int, digest: str, begun: datetime, ended: datetime
) -> dict[str, Any]:
    """What the file is: of whom, how narrowed, when read, and after which scan."""
    scan = last_scan(wanted.user, export)
    return {
        "organization": str(export.organization.uid),
        "kind": export.kind,
        "format": export.format,
        "filters": export.filters,
        "rows": rows,
        "sha256": digest,
        "read_from": of_json(begun),
        "read_until": of_json(ended),
        "last_scan": scan and {"uid": str(scan.uid), "digest": scan.digest},
    }


def last_scan(user: User, export: Export) -> Scan | None:
    """The newest scan of the organization that has ended, if the person may see one."""
    seen = Scan.objects.visible_to(user).ended().filter(organization=export.organization)
    return seen.order_by("-finished_at").first()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(directory: Path) -> None:
    """The name in the directory outlives a loss of power, as the content does."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
