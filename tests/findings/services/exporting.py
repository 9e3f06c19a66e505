"""Exports asked for and written without a worker, as their tests share it."""

import datetime as dt

from findings.checks.base import built_in
from findings.services.export_writing import export_write
from findings.services.exports import export_claim, export_request

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
OPERATIONS = {"cloudtrail.trail": ("cloudtrail:DescribeTrails",)}


def asked(actor, organization, kind="findings", format="jsonl", **filters):
    return export_request(
        actor=actor, organization=organization, kind=kind, format=format, filters=filters, now=NOW
    )


def write(export, directory, clock=lambda: NOW, registry=None):
    """Write an export that is claimed already."""
    return export_write(
        export=export,
        registry=built_in() if registry is None else registry,
        directory=directory,
        operations=OPERATIONS,
        clock=clock,
    )


def written(export, directory, now=NOW, registry=None):
    """The export after a worker took it, and ended it or not."""
    claimed = export_claim(export_id=export.pk, now=now)
    write(claimed, directory, clock=lambda: now, registry=registry)
    export.refresh_from_db()
    return export


def content(export, directory, registry=None):
    """What is in the file of an export that was asked for, once it is written."""
    done = written(export, directory, registry=registry)
    assert (done.state, done.error) == ("done", "")
    return (directory / done.file).read_bytes()
