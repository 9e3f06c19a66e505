"""What every page knows: the counts of the navigation, within what the person may see."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import CharField, Count, Expression, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization
from accounts.models.prepared import SOME_TIME, Prepared
from accounts.models.reach import Reach, grants_remembered, reach_of
from accounts.roles import Permission
from findings.models import Finding, Scan, Suppression, Ticket
from findings.selectors.suppressions import not_suppressed_at, own_to_decide

ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Navigation:
    organizations: tuple[str, ...]
    findings: int
    tickets: int
    """Live ones."""
    running_scans: int
    suppressions: int
    """Requests that wait for this person's decision."""


UNCOUNTED = Navigation(organizations=(), findings=0, tickets=0, running_scans=0, suppressions=0)
"""Of a page that only says why there is no other: it costs no more than it must."""


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """Counts for the navigation, read only by pages that show it."""
    return {"navigation": SimpleLazyObject(lambda: navigation_of(request.user))}


def navigation_of(user: User | AnonymousUser) -> Navigation:
    """All in one query: organizations have no number, and counts no label but who asked."""
    now = timezone.now()
    with grants_remembered():
        found = _found(user, now)
        numbers = Counter[str]()
        for of, label, number in found:
            numbers["own" if of == "requests" and label == str(user.pk) else of] += number
        own = own_to_decide(user, now) if numbers["own"] else 0
    return Navigation(
        organizations=tuple(sorted(name for of, name, _ in found if of == ORGANIZATION)),
        findings=numbers["findings"],
        tickets=numbers["tickets"],
        running_scans=numbers["scans"],
        suppressions=numbers["requests"] + own,
    )


def _found(user: User | AnonymousUser, now: datetime) -> list[tuple[str, str, int]]:
    """Who a person is and how far they reach decide what query it is."""
    asked = (user.pk, reach_of(user), reach_of(user, Permission.APPROVE))
    prepared = _prepared.get(asked)
    if prepared is None:
        if len(_prepared) >= MOST_PREPARED:
            _prepared.clear()
        prepared = _prepared[asked] = Prepared.of(_query_of(user))
    return [(of, label, number) for of, label, number in prepared.rows({SOME_TIME: now})]


MOST_PREPARED = 500
_prepared: dict[tuple[int | None, Reach, Reach], Prepared] = {}


def _query_of(user: User | AnonymousUser) -> QuerySet[Any]:
    findings = Finding.objects.visible_to(user).open()
    waiting = Suppression.objects.asked(SOME_TIME).decidable_by(user)
    asker = Coalesce(Cast("asked_by", CharField()), _text(""))
    rows = [
        _counted("findings", not_suppressed_at(findings, SOME_TIME)),
        _counted("tickets", Ticket.objects.visible_to(user).live()),
        _counted("scans", Scan.objects.visible_to(user).live()),
        _counted("requests", waiting, asker),
    ]
    return _named(Organization.objects.visible_to(user)).union(*rows, all=True)


def _named(organizations: QuerySet[Any]) -> QuerySet[Any]:
    organizations = organizations.order_by().values(of=_text(ORGANIZATION), number=Value(0))
    return organizations.values_list("of", "name", "number")


def _counted(of: str, rows: QuerySet[Any], label: Expression | None = None) -> QuerySet[Any]:
    rows = rows.order_by().values(of=_text(of), label=label or _text(""))
    rows = rows.annotate(number=Count("pk"))
    return rows.values_list("of", "label", "number")


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())
