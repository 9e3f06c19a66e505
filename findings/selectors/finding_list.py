"""Findings for lists: filtered, grouped by check, paged by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Min, Q, QuerySet
from django.utils.dateparse import parse_datetime

from findings.catalogue.pillar import Row, Severity
from findings.models import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What a list is narrowed to; an empty text narrows nothing. Values come from a URL."""

    state: str = "open"
    severity: str = ""
    row: str = ""
    check: str = ""
    account: str = ""
    ou: str = ""
    region: str = ""
    search: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> FindingFilter:
        given = {f.name: values.get(f.name, "").strip() for f in fields(cls)}
        return cls(**{**given, "state": given["state"] or "open"})

    @property
    def is_narrowed(self) -> bool:
        return self != FindingFilter()

    def apply(self, findings: QuerySet[Finding]) -> QuerySet[Finding]:
        exact = {
            "severity": self.severity,
            "row": self.row,
            "check_id": self.check,
            "account__account_id": self.account,
            "region": self.region,
        }
        found = findings.filter(**{name: value for name, value in exact.items() if value})
        found = found.filter(_STATES.get(self.state, Q(pk__in=())))
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
        return found


_STATES = {
    "open": Q(is_open=True),
    "unverified": Q(is_open=True, unverified_since__isnull=False),
    "closed": Q(is_open=False),
    "all": Q(),
}
STATES = tuple(_STATES)


def findings_matching(user: User | AnonymousUser, wanted: FindingFilter) -> QuerySet[Finding]:
    """The findings a person may see that match, worst and newest first."""
    return wanted.apply(Finding.objects.visible_to(user)).select_related("account__ou")


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


def _key(finding: Finding) -> str:
    return f"{finding.severity_rank}_{finding.opened_at.isoformat()}_{finding.pk}"


def _position(key: str) -> tuple[int, str, int]:
    try:
        rank, opened_at, number = key.split("_")
        if parse_datetime(opened_at) is None:
            raise ValueError(opened_at)
        return int(rank), opened_at, int(number)
    except ValueError as error:
        raise ValueError(f"{key!r} is not a place in this list") from error
