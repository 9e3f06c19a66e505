"""What every page knows: the counts of the navigation, within what the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
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


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """Counts for the navigation, read only by pages that show it."""
    return {"navigation": SimpleLazyObject(lambda: navigation_of(request.user))}


def navigation_of(user: User | AnonymousUser) -> Navigation:
    """All in one query: counts have no name, organizations no count."""
    now = timezone.now()
    with grants_remembered():
        waiting = Suppression.objects.asked(now).decidable_by(user)
        rows = [
            _counted("findings", not_suppressed_at(Finding.objects.visible_to(user).open(), now)),
            _counted("tickets", Ticket.objects.visible_to(user).live()),
            _counted("scans", Scan.objects.visible_to(user).live()),
            _counted("requests", waiting.exclude(asked_by=user.pk)),
            _counted("own", waiting.filter(asked_by=user.pk)),
        ]
        found = list(_named(Organization.objects.visible_to(user)).union(*rows, all=True))
        numbers = {of: number for of, _, number in found if of != ORGANIZATION}
        own = own_to_decide(user, now) if numbers.get("own") else 0
    return Navigation(
        organizations=tuple(sorted(name for of, name, _ in found if of == ORGANIZATION)),
        findings=numbers.get("findings", 0),
        tickets=numbers.get("tickets", 0),
        running_scans=numbers.get("scans", 0),
        suppressions=numbers.get("requests", 0) + own,
    )


def _named(organizations: QuerySet[Any]) -> QuerySet[Any]:
    organizations = organizations.order_by().values(of=_text(ORGANIZATION), number=Value(0))
    return organizations.values_list("of", "name", "number")


def _counted(of: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    rows = rows.order_by().values(of=_text(of), label=_text(""))
    rows = rows.annotate(number=Count("pk"))
    return rows.values_list("of", "label", "number")


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())
