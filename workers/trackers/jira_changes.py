"""What changed in a project of Jira, page by page, by Jira's own clock.

JQL knows minutes, in the time zone of the account that asks. A page goes on from the minute of the
last issue that it told, and by Jira's own pages only within one minute: what moves to the end
meanwhile pushes nothing out of sight.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workers.trackers.base import ChangedIssue, Changes
from workers.trackers.errors import Configuration
from workers.trackers.jira_calls import JiraCalls, Page, quoted
from workers.trackers.jira_issue import FIELDS, moment, version_of
from workers.trackers.statuses import About, understood

BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(minutes=5)
"""How far each poll goes back before the newest change it knows: an index may lag for long. What is
told again with the same version costs nothing.
"""
FIRST = "Etc/GMT+12"
"""The zone in which it is earliest; a time in it is too early at most."""


@dataclass(frozen=True, slots=True)
class Cursor:
    since: datetime
    after: str = ""
    newest: datetime = BEGINNING

    def __str__(self) -> str:
        return json.dumps([self.since.isoformat(), self.after, self.newest.isoformat()])


def changes_of(calls: JiraCalls, project: str, cursor: str) -> Changes:
    about = About(operation="list_changed", project=project)
    at = _cursor_of(cursor)
    if at is None:
        return _now(calls, project, about)
    zone = _zone(calls)
    jql = (
        f"project = {quoted(project)} AND updated >= {quoted(_minute(at.since, zone))} "
        "ORDER BY updated ASC, key ASC"
    )
    page = _page(calls, jql, at.after, about)
    with understood(about.operation):
        times = [moment(issue["fields"]["updated"]) for issue in page.issues]
        told = tuple(_changed(issue) for issue in page.issues)
    newest = max([at.newest, *times])
    if not page.after:
        return Changes(issues=told, cursor=str(_end(at, newest)), is_last=True)
    last = max([at.since, *times]).replace(second=0, microsecond=0)
    moves_on = last > at.since.replace(second=0, microsecond=0)
    after = Cursor(last, "", newest) if moves_on else Cursor(at.since, page.after, newest)
    return Changes(issues=told, cursor=str(after), is_last=False)


def _page(calls: JiraCalls, jql: str, after: str, about: About) -> Page:
    """The page after another one; the first again where Jira knows that other no more."""
    try:
        return calls.search(jql, FIELDS, after, about)
    except Configuration:
        if not after:
            raise
    return calls.search(jql, FIELDS, "", about)


def _end(at: Cursor, newest: datetime) -> Cursor:
    """Where the next poll begins."""
    since = max(newest - OVERLAP, BEGINNING) if newest > BEGINNING else at.since
    return Cursor(since, "", newest)


def _now(calls: JiraCalls, project: str, about: About) -> Changes:
    jql = f"project = {quoted(project)} ORDER BY updated DESC"
    page = calls.search(jql, ("updated",), "", about)
    with understood(about.operation):
        times = [moment(issue["fields"]["updated"]) for issue in page.issues]
    newest = max(times, default=BEGINNING)
    return Changes(issues=(), cursor=str(_end(Cursor(BEGINNING), newest)), is_last=True)


def _changed(issue: dict[str, Any]) -> ChangedIssue:
    return ChangedIssue(
        external_id=str(issue["id"]), key=str(issue["key"]), version=version_of(issue)
    )


def _zone(calls: JiraCalls) -> ZoneInfo:
    """The time zone of our account, in which JQL reads times; the first where it is not told.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/
    """
    try:
        me = calls.read("/myself", About(operation="list_changed"))
    except Configuration:  # a token may be limited to issues; if it is wrong, the search tells
        return ZoneInfo(FIRST)
    name = me.get("timeZone") if isinstance(me, dict) else None
    try:
        return ZoneInfo(str(name or FIRST))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(FIRST)


def _minute(moment: datetime, zone: ZoneInfo) -> str:
    """A minute as JQL writes it; the earlier one where clocks were set back."""
    local = moment.astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = (moment - timedelta(hours=2)).astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M")


def _cursor_of(text: str) -> Cursor | None:
    """None for none, and for what is no cursor of ours."""
    try:
        since, after, newest = json.loads(text)
        return Cursor(datetime.fromisoformat(since), str(after), datetime.fromisoformat(newest))
    except (ValueError, TypeError):
        return None
