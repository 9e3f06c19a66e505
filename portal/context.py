"""What every page knows: the counts of the navigation, within what the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization
from findings.models import Finding, Scan


@dataclass(frozen=True, slots=True)
class Navigation:
    organizations: tuple[str, ...]
    findings: int
    running_scans: int


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """Counts for the navigation, read only by pages that show it."""
    return {"navigation": SimpleLazyObject(lambda: navigation_of(request.user))}


def navigation_of(user: User | AnonymousUser) -> Navigation:
    found = (
        Organization.objects.visible_to(user)
        .order_by("name")
        .values_list(
            "name",
            _number(Finding.objects.visible_to(user).open()),
            _number(Scan.objects.visible_to(user).live()),
        )
    )
    names, findings, scans = zip(*found, strict=True) if found else ((), (), ())
    return Navigation(organizations=names, findings=sum(findings), running_scans=sum(scans))


def _number(rows: QuerySet[Finding] | QuerySet[Scan]) -> Coalesce:
    of_organization = rows.filter(organization=OuterRef("pk")).order_by()
    counted = of_organization.values("organization").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)
