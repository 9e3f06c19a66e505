"""Which tests run on SQLite and which on PostgreSQL.

The first run takes all but those marked ``postgres``. The second takes what reads or writes a
database, but of pages and endpoints, whose queries are those of services and selectors, a part;
and of services not what Python decides over rows that other tests write and read on both.
"""

from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
BROWSER_FIXTURES = {"browser", "context", "page", "new_context"}
WITHOUT_DATABASE = [
    "browser",
    "deploy",
    "emulator",
    "mutation",
    "simulator",
    "trackers",
    "findings/catalogue",
    "findings/checks",
    "findings/configuration",
    "findings/exports",
    "findings/facts",
    "findings/notifying",
    "findings/ticketing",
    "workers/aws",
    "workers/collectors",
    "workers/outgoing",
    "workers/trackers",
]
"""Directories that are not even read for PostgreSQL: no test in them has a database."""
EDGES = {
    "portal/web": ("budgets", "findings", "scorecards", "overview", "accounts"),
    "portal/api": (
        *("fuzzing", "findings", "scorecards", "dora", "pagination", "events", "rates"),
        *("audit", "changes", "idempotency", "ticket_upserts", "sync_client"),
    ),
}
"""Modules of pages and endpoints for PostgreSQL: every page with much to show, every endpoint with
anything, and what filters, counts, pages and locks."""
DECIDED_IN_PYTHON = {
    "findings/services": (
        *("action_item_scans", "evidence_pack", "export_formats", "export_incidents"),
        *("known_cases", "known_histories", "suppression_coverage"),
    ),
    "portal": ("incident_secrets",),
    "portal/demo": ("incidents", "serving", "story", "world"),
    "workers": ("action_item_tickets",),
}
"""Modules for SQLite alone: rules over the rows of services that are tested on both.

What locks, is refused by a constraint, is counted, ordered, compared as text, computed with times,
kept as JSON or written in bulk belongs elsewhere; single tests have the mark ``one_database``.
"""


def is_left_out_on_postgres(path: Path) -> bool:
    """Whether a file or directory need not be read."""
    return _is_without_database(path) or _is_module_for_sqlite(path)


@cache
def _is_without_database(path: Path) -> bool:
    return path.is_relative_to(TESTS) and any(
        path.is_relative_to(TESTS / name) for name in WITHOUT_DATABASE
    )


def _is_module_for_sqlite(path: Path) -> bool:
    place = path.parent.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    name = path.stem.removeprefix("test_")
    if name == path.stem:
        return False
    is_other_edge = place in EDGES and name not in EDGES[place]
    return is_other_edge or name in DECIDED_IN_PYTHON.get(place, ())


def runs_on_postgres(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & BROWSER_FIXTURES or item.get_closest_marker("one_database"):
        return False
    return bool(item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES)


def runs_on_sqlite(item: pytest.Item) -> bool:
    """Raises UsageError for one with a database in a directory that PostgreSQL never sees."""
    if _is_without_database(item.path) and runs_on_postgres(item):
        raise pytest.UsageError(f"never run on PostgreSQL, see WITHOUT_DATABASE: {item.nodeid}")
    return item.get_closest_marker("postgres") is None
