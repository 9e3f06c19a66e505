"""What every page knows: the counts of the navigation, within what the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization
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
    open_findings = not_suppressed_at(Finding.objects.visible_to(user).open(), now)
    waiting = Suppression.objects.asked(now).decidable_by(user)
    mine = waiting.filter(asked_by=user.pk)
    found = (
        Organization.objects.visible_to(user)
        .order_by("name")
        .values_list(
            "name",
            _number(open_findings),
            _number(Ticket.objects.visible_to(user).live()),
            _number(Scan.objects.visible_to(user).live()),
            _number(waiting.exclude(pk__in=mine.values("pk"))),
            _number(mine),
        )
    )
    columns = zip(*found, strict=True) if found else ((),) * 6
    names, findings, tickets, scans, requests, own = columns
    return Navigation(
        organizations=names,
        findings=sum(findings),
        tickets=sum(tickets),
        running_scans=sum(scans),
        suppressions=sum(requests) + (own_to_decide(user, now) if any(own) else 0),
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    of_organization = rows.filter(organization=OuterRef("pk")).order_by()
    counted = of_organization.values("organization").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)
