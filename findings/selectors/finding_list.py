"""Findings for lists: filtered, grouped by check, paged by key."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Min, Q, QuerySet

from findings.catalogue.pillar import Row, Severity
from findings.models import Finding, FindingEvent
from findings.selectors.differences import CHANGES
from findings.selectors.suppressions import not_suppressed_at, suppressed_at

_NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What a list is narrowed to; an empty text narrows nothing. Values come from a URL.

    ``scan`` and ``change`` together: the findings that a scan changed so, see ``differences``.
    """

    state: str = "open"
    severity: str = ""
    row: str = ""
    check: str = ""
    account: str = ""
    ou: str = ""
    region: str = ""
    search: str = ""
    scan: str = ""
    change: str = ""
    suppressed: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> FindingFilter:
        # PostgreSQL refuses texts with a NUL, and nothing here holds one.
        given = {f.name: values.get(f.name, "").replace("\0", "").strip() for f in fields(cls)}
        return cls(**{**given, "state": given["state"] or "open"})

    @property
    def is_narrowed(self) -> bool:
        return self != FindingFilter()

    def apply(self, findings: QuerySet[Finding], now: datetime) -> QuerySet[Finding]:
        exact = {
            "severity": self.severity,
            "row": self.row,
            "check_id": self.check,
            "account__account_id": self.account,
            "region": self.region,
        }
        found = findings.filter(**{name: value for name, value in exact.items() if value})
        found = found.filter(_STATES.get(self.state, _NOTHING))
        if self.suppressed:
            narrow = _SUPPRESSED.get(self.suppressed)
            found = narrow(found, now) if narrow else found.none()
        if self.ou:
            found = found.filter(
                Q(account__ou__path=self.ou) | Q(account__ou__path__startswith=f"{self.ou}/")
            )
        if self.search:
            found = found.filter(
                Q(resource__icontains=self.search)
                | Q(check_id__icontains=self.search)
                | Q(message__icontains=self.search)
                | Q(account__name__icontains=self.search)
                | Q(account__account_id__startswith=self.search)
            )
        return found.filter(self._changed()) if self.scan or self.change else found

    def _changed(self) -> Q:
        try:
            events = FindingEvent.objects.filter(
                CHANGES[self.change], scan__uid=uuid.UUID(self.scan)
            )
        except (KeyError, ValueError):
            return _NOTHING
        return Q(pk__in=events.values("finding"))


_STATES = {
    "open": Q(is_open=True),
    "unverified": Q(is_open=True, unverified_since__isnull=False),
    "closed": Q(is_open=False),
    "all": Q(),
}
STATES = tuple(_STATES)
_SUPPRESSED = {"yes": suppressed_at, "no": not_suppressed_at}
SUPPRESSED = tuple(_SUPPRESSED)


def findings_matching(
    user: User | AnonymousUser, wanted: FindingFilter, now: datetime
) -> QuerySet[Finding]:
    """The findings a person may see that match, worst and newest first."""
    return wanted.apply(Finding.objects.visible_to(user), now).select_related("account__ou")


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The findings of one check in a list."""

    check: str
    row: Row
    severity: Severity
    findings: int
    accounts: int
    oldest: datetime


def findings_by_check(findings: QuerySet[Finding]) -> list[CheckGroup]:
    """The groups of a filtered list, most severe and most frequent first."""
    rows = (
        findings.order_by()
        .values("check_id", "row", "severity", "severity_rank")
        .annotate(
            number=Count("pk"), accounts=Count("account", distinct=True), oldest=Min("opened_at")
        )
        .order_by("severity_rank", "-number", "check_id")
    )
    return [
        CheckGroup(
            check=row["check_id"],
            row=Row(row["row"]),
            severity=Severity(row["severity"]),
            findings=row["number"],
            accounts=row["accounts"],
            oldest=row["oldest"],
        )
        for row in rows
    ]


PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    findings: list[Finding]
    next_key: str


def page_of(findings: QuerySet[Finding], after: str = "") -> Page:
    """One page in the order of severity, opening and id, after the key of another page's end.

    Raises ValueError for a key that no page gave.
    """
    ordered = findings.order_by("severity_rank", "-opened_at", "-id")
    if after:
        rank, opened_at, number = _position(after)
        ordered = ordered.filter(
            Q(severity_rank__gt=rank)
            | Q(severity_rank=rank, opened_at__lt=opened_at)
            | Q(severity_rank=rank, opened_at=opened_at, id__lt=number)
        )
    found = list(ordered[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], _key(last) if last else "")


_KEY = re.compile(r"([0-9])_([0-9]{1,17})_([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _key(finding: Finding) -> str:
    return f"{finding.severity_rank}_{(finding.opened_at - _EPOCH) // _MICROSECOND}_{finding.pk}"


def _position(key: str) -> tuple[int, datetime, int]:
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError("This is not a place in the list. Begin again at its first page.")
    rank, microseconds, number = map(int, found.groups())
    return rank, _EPOCH + microseconds * _MICROSECOND, number
