"""What a scan changed: findings that it opened, closed, or could not confirm as fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Q

from findings.catalogue.pillar import Severity
from findings.models import CloseCause, FindingEvent, OpenCause, Scan

Kind = FindingEvent.Kind

CHANGES: Mapping[str, Q] = {
    "new": Q(kind=Kind.OPENED) & ~Q(cause=OpenCause.REGRESSED),
    "regressed": Q(kind=Kind.OPENED, cause=OpenCause.REGRESSED),
    "returned": Q(kind=Kind.RETURNED),
    "resolved": Q(kind=Kind.CLOSED, cause=CloseCause.VERIFIED),
    "closed": Q(kind=Kind.CLOSED) & ~Q(cause=CloseCause.VERIFIED),
    "claim_rejected": Q(kind=Kind.CLAIM_REJECTED),
}
"""The events that make each change. Only *resolved* is remediation."""


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change and how many findings of each severity it met."""

    name: str
    by_severity: Mapping[Severity, int]

    @property
    def total(self) -> int:
        return sum(self.by_severity.values())


def difference_of(scan: Scan, user: User | AnonymousUser) -> list[Change]:
    """The changes that a scan made to findings that a person may see, without those of none."""
    events = FindingEvent.objects.filter(scan=scan).visible_to(user).order_by()
    counts = {name: Count("finding", distinct=True, filter=q) for name, q in CHANGES.items()}
    found = events.values_list("finding__severity").annotate(**counts)
    numbers = {severity: dict(zip(CHANGES, row, strict=True)) for severity, *row in found}
    changes = [
        Change(name, {s: numbers.get(s.value, {}).get(name, 0) for s in Severity})
        for name in CHANGES
    ]
    return [change for change in changes if change.total]
