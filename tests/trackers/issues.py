"""Issues as the tests make them in each kind of tracker, and what is read of their changes."""

import datetime as dt
import uuid

from findings.ticketing import block
from tests.workers.fake_tracker import ref_of
from workers.trackers.base import NewIssue

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
WORDS = (
    "**1 of 2 verified**\n\n- Severity: high\n- Owner: a\\_team\n\n"
    "- prod, us-east-1: `arn:aws:s3:::a_b*{x}` (open) [open in Cairn](https://cairn.example/f/1)\n\n"
    "## What to do\n\nUse `x` and \\[y\\] \\| @\u2060ops #\u20601 {z}\n\nAnd 3 more."
)
OTHER_WORDS = "**2 of 2 verified**\n\n- Severity: high"


def new_issue(**more) -> NewIssue:
    marker = block.marker_of(uuid.uuid4())
    return NewIssue(
        **{
            "marker": marker,
            "title": "Buckets are public: 2 findings",
            "description": block.put("", marker, WORDS),
            "labels": frozenset({"cairn"}),
            **more,
        }
    )


def made(lab, **more):
    issue = new_issue(**more)
    ref = lab.tracker.create(lab.target, issue)
    told = lab.tracker.get(ref.external_id)
    assert ref_of(told) == ref
    return issue, told


def moves_to(lab, external_id, category):
    options = lab.tracker.transition_options(external_id)
    return next(o for o in options if o.category is category and not o.is_wont_do)


def told_changes(lab, cursor, *, limit=40):
    told, pages = [], 0
    while pages < limit:
        changes = lab.tracker.list_changed(lab.target, cursor)
        told += changes.issues
        cursor, pages = changes.cursor, pages + 1
        if changes.is_last:
            return told, cursor, pages
    raise AssertionError("the pages have no end")
