"""What is left when the process that writes an export is killed, and how it goes on."""

import csv
import io
import os
import pathlib
import zipfile

import pytest

from findings.models import Export
from findings.services import export_writing, exports
from findings.services.exports import (
    LEASE,
    ExportRefused,
    export_cancel,
    export_claim,
    export_open,
    exports_expire,
    exports_waiting,
)
from tests.factories.accounts import AccountFactory, GrantFactory, UserFactory
from tests.factories.findings import FindingFactory
from tests.findings.services.exporting import NOW, asked, write, written

ROWS = 3
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """SIGKILL: what follows never happens, and nobody tidies up."""


@pytest.fixture
def viewer(monkeypatch):
    monkeypatch.setattr("findings.selectors.export_batches.BATCH", 1)
    account = AccountFactory()
    FindingFactory.create_batch(ROWS, account=account)
    grant = GrantFactory(user=UserFactory(), organization=account.organization)
    return grant.user


@pytest.fixture
def ask(viewer):
    def of(format="csv"):
        return asked(viewer, viewer.grants.get().organization, format=format)

    return of


@pytest.fixture
def kill(tmp_path):
    """Write an export until a step, which is then the last."""

    def of(export, step, now=NOW):
        owner = export_claim(export_id=export.pk, now=now)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pathlib.Path, "unlink", lambda *_, **__: None)
            STEPS[step](patch)
            with pytest.raises(Killed):
                write(owner, tmp_path, clock=lambda: now)
        export.refresh_from_db()
        return owner

    return of


def die(*_, **__):
    raise Killed


def at_batch(number):
    def arrange(patch):
        progress = export_writing.export_progress

        def told(**course):
            return die() if course["done"] == number else progress(**course)

        patch.setattr(export_writing, "export_progress", told)

    return arrange


STEPS = {
    "before the first batch": at_batch(0),
    "after a batch": at_batch(1),
    "after the last batch": at_batch(ROWS),
    "written": lambda patch: patch.setattr(os, "fsync", die),
    "counted up": lambda patch: patch.setattr(os, "replace", die),
    "whole and named": lambda patch: patch.setattr(export_writing, "_sync", die),
    "whole and untold": lambda patch: patch.setattr(export_writing, "export_finish", die),
}


def is_complete(path, format):
    if format == "evidence":
        with zipfile.ZipFile(path) as pack:
            return pack.read("findings.jsonl").count(b"\n") == ROWS
    text = path.read_text(encoding="utf-8")
    return len(list(csv.DictReader(io.StringIO(text, newline="")))) == ROWS


PYTHON_WRITES = pytest.mark.one_database
"""Another format is another file, and the same row."""


@pytest.mark.parametrize("format", ["csv", pytest.param("evidence", marks=PYTHON_WRITES)])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_nothing_to_download_and_the_next_owner_begins_anew(
    ask, kill, viewer, tmp_path, step, format
):
    export = ask(format)
    kill(export, step)
    assert (export.state, export.file) == ("running", "")
    with pytest.raises(ExportRefused, match="There is no file: the export is running"):
        export_open(actor=viewer, export=export, directory=tmp_path, now=NOW)
    left = set(tmp_path.iterdir())
    assert exports_waiting(now=NOW + LEASE / 2) == []
    assert exports_waiting(now=NOW + LEASE) == [export.pk]
    done = written(export, tmp_path, now=NOW + LEASE)
    assert (done.state, done.rows_done, done.attempts) == ("done", ROWS, 2)
    path = export_open(actor=viewer, export=done, directory=tmp_path, now=NOW + LEASE)
    assert is_complete(path, format)
    assert set(tmp_path.iterdir()) == left | {path}


@pytest.mark.parametrize("step", ["after a batch", "whole and untold"])
def test_what_a_kill_leaves_on_the_disk_is_deleted_after_a_day(ask, kill, tmp_path, step):
    export = ask()
    kill(export, step)
    (orphan,) = tmp_path.iterdir()
    done = written(export, tmp_path, now=NOW + LEASE)

    def expire(age):
        os.utime(orphan, (NOW.timestamp() - age.total_seconds(),) * 2)
        exports_expire(directory=tmp_path, days=7, rows_days=30, now=NOW)
        return {path.name for path in tmp_path.iterdir()}

    assert expire(exports.STRAY / 2) == {orphan.name, done.file}
    assert expire(exports.STRAY * 2) == {done.file}


def test_an_export_that_kills_each_of_its_owners_is_given_up(ask, kill):
    export = ask()
    for attempt in range(exports.MOST_ATTEMPTS):
        kill(export, "after a batch", now=NOW + attempt * LEASE)
    assert exports_waiting(now=NOW + exports.MOST_ATTEMPTS * LEASE) == []
    export.refresh_from_db()
    assert (export.state, export.error) == ("failed", "It was begun 3 times and never ended.")


def test_an_owner_thought_dead_gives_up_when_it_comes_back_and_only_one_file_is_left(
    ask, tmp_path, monkeypatch
):
    """A machine that slept: it wakes within a batch, and the second owner has begun by then."""
    export, seconds = ask(), []
    progress = export_writing.export_progress

    def sleep(**course):
        if course["done"] == 1 and not seconds:
            seconds.append(export_claim(export_id=export.pk, now=NOW + LEASE))
        return progress(**course)

    first = export_claim(export_id=export.pk, now=NOW)
    monkeypatch.setattr(export_writing, "export_progress", sleep)
    assert write(first, tmp_path) is False
    assert list(tmp_path.iterdir()) == []
    export.refresh_from_db()
    assert (export.state, export.token) == ("running", seconds[0].token)
    assert export.rows_done == 0
    assert write(seconds[0], tmp_path, clock=lambda: NOW + LEASE)
    export.refresh_from_db()
    assert (export.state, export.rows_done) == ("done", ROWS)
    assert [path.name for path in tmp_path.iterdir()] == [export.file]


def test_one_that_was_cancelled_while_its_owner_was_dead_is_not_begun_again(
    ask, kill, viewer, tmp_path
):
    export = ask()
    late = kill(export, "after a batch")
    export_cancel(actor=viewer, export=export, now=NOW)
    assert exports_waiting(now=NOW + LEASE) == []
    assert export_claim(export_id=export.pk, now=NOW + LEASE) is None
    assert write(late, tmp_path) is False
    assert Export.objects.get().state == "cancelled"


@PYTHON_WRITES
@pytest.mark.parametrize("format", ["csv", "jsonl", "ocsf", "evidence"])
def test_a_full_disk_is_told_as_such(ask, tmp_path, monkeypatch, format):
    """The device of the kernel that is always full."""
    monkeypatch.setattr(
        export_writing, "_private", lambda path, flags: os.open("/dev/full", os.O_WRONLY)
    )
    export = written(ask(format), tmp_path)
    assert export.state == "failed"
    assert "no space left" in export.error
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_told_as_such(ask, tmp_path):
    (tmp_path / "exports").write_text("a file is in its place")
    export = written(ask(), tmp_path / "exports")
    assert (export.state, export.error) == (
        "failed",
        "Its file cannot be written below CAIRN_HOME/exports: File exists.",
    )
