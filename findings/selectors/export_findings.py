"""The rows of findings in exports: those of the findings list, with what people did about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Account
from findings.models import Episode, Finding
from findings.selectors.export_batches import Batch, Row, Source, Wanted, by_key, of_account
from findings.selectors.finding_list import FindingFilter
from findings.selectors.suppressions import with_suppressed_until

FINDING_COLUMNS = (
    "uid",
    "fingerprint",
    "check_id",
    "check_version",
    "row",
    "severity",
    "account_id",
    "account_name",
    "ou",
    "partition",
    "region",
    "resource",
    "evidence_status",
    "is_open",
    "workflow",
    "suppressed_until",
    "open_cause",
    "close_cause",
    "message",
    "opened_at",
    "closed_at",
    "changed_at",
    "facts_at",
    "unverified_since",
)
OF_FINDING = tuple(
    name for name in FINDING_COLUMNS if name in {one.name for one in Finding._meta.get_fields()}
)
OF_EPISODE = ("workflow", "open_cause", "close_cause", "closed_at")
NO_EPISODE: Row = {"workflow": "", "open_cause": "", "close_cause": "", "closed_at": None}


def findings_wanted(wanted: Wanted) -> QuerySet[Finding]:
    """Those of the findings list with the same filter, of one organization.

    Accounts are told by their ids: PostgreSQL takes a subquery for narrower than it is, and then
    reads the findings of every account again for each batch.
    """
    accounts = Account.objects.visible_to(wanted.user).filter(organization=wanted.organization)
    ids = list(accounts.values_list("pk", flat=True))
    seen = Finding.objects.filter(organization=wanted.organization, account__in=ids)
    return FindingFilter.of(wanted.filters).apply(seen, wanted.now)


def _read(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _told(wanted)):
        yield Batch(_rows(found), frozenset(finding.account_id for finding in found))


def _told(wanted: Wanted) -> QuerySet[Finding]:
    """Without accounts: many findings share one, and each would be made for each of them."""
    return with_suppressed_until(findings_wanted(wanted), wanted.now).defer("parts")


def _rows(found: list[Finding]) -> list[Row]:
    ids = {finding.account_id for finding in found}
    accounts = Account.objects.select_related("ou", "organization").in_bulk(ids)
    places = {
        pk: of_account(account) | {"partition": account.organization.partition}
        for pk, account in accounts.items()
    }
    episodes = _last_episodes(finding.pk for finding in found)
    return [
        places[finding.account_id]
        | {name: getattr(finding, name) for name in OF_FINDING}
        | {"suppressed_until": getattr(finding, "suppressed_until", None)}
        | episodes.get(finding.pk, NO_EPISODE)
        for finding in found
    ]


def _last_episodes(findings: Iterable[int]) -> dict[Any, Row]:
    """What people did about the last episode of each finding, by its (internal) id."""
    later = Episode.objects.filter(finding=OuterRef("finding"), number__gt=OuterRef("number"))
    last = Episode.objects.filter(~Exists(later), finding__in=list(findings)).order_by()
    return {row.pop("finding"): row for row in last.values("finding", *OF_EPISODE)}


FINDINGS = Source(
    columns=FINDING_COLUMNS,
    read=_read,
    number=lambda wanted: findings_wanted(wanted).count(),
)
