"""What every page knows: the counts of the navigation, within what the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import CharField, Count, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization
from accounts.models.reach import grants_remembered
from findings.models import Finding, Scan, Suppression, Ticket
from findings.selectors.suppressions import not_suppressed_at, own_to_decide


@dataclass(frozen=True, slots=True)
class Navigation:
    organizations: tuple[str, ...]
    findings: int
    tickets: int
    """Live ones."""
    running_scans: int
    suppressions: int
    """Requests that wait for this person's decision."""


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """Counts for the navigation, read only by pages that show it."""
    return {"navigation": SimpleLazyObject(lambda: navigation_of(request.user))}


def navigation_of(user: User | AnonymousUser) -> Navigation:
    now = timezone.now()
    with grants_remembered():
        visible = Organization.objects.visible_to(user).order_by("name")
        organizations = tuple(visible.values_list("name", flat=True))
        numbers = _numbers(user, now) if organizations else {}
        own = own_to_decide(user, now) if numbers.get("own") else 0
    return Navigation(
        organizations=organizations,
        findings=numbers.get("findings", 0),
        tickets=numbers.get("tickets", 0),
        running_scans=numbers.get("scans", 0),
        suppressions=numbers.get("requests", 0) + own,
    )


def _numbers(user: User | AnonymousUser, now: datetime) -> dict[str, int]:
    """All in one query; what the person sees nothing of may be left out."""
    waiting = Suppression.objects.asked(now).decidable_by(user)
    rows: dict[str, QuerySet[Any]] = {
        "findings": not_suppressed_at(Finding.objects.visible_to(user).open(), now),
        "tickets": Ticket.objects.visible_to(user).live(),
        "scans": Scan.objects.visible_to(user).live(),
        "requests": waiting.exclude(asked_by=user.pk),
        "own": waiting.filter(asked_by=user.pk),
    }
    first, *others = (_number(name, found) for name, found in rows.items())
    return dict(first.union(*others, all=True))


def _number(name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    named = rows.order_by().values(of=Value(name, output_field=CharField()))
    return named.annotate(number=Count("pk")).values_list("of", "number")
