"""What a check says of accounts now, and how old the facts behind it are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Sum

from accounts.models import Account
from findings.checks.base import Definition
from findings.facts.base import KINDS, Scope, is_collected_at, widest
from findings.guards import Look
from findings.models import (
    CheckStatus,
    CloseCause,
    Episode,
    EvidenceStatus,
    Finding,
    RegionState,
    Scan,
    Shard,
)
from findings.services.current import CurrentEvidence, Reference, current_evidence

JUDGED = (Scan.State.FINISHED, Scan.State.PARTIAL)
"""Only when a scan has ended so are all stages judged by what it collected."""


def looks_of(
    definition: Definition, accounts: Collection[Account], *, since: datetime
) -> list[Look]:
    """One for each account. Facts of a scan that has not ended, or was cancelled, do not count.

    Of what failed and left the scope, what left it since an instant is counted.
    """
    if not accounts:
        return []
    wide = any(scope is Scope.ORGANIZATION for scope in _scopes(definition).values())
    organizations = {account.organization_id for account in accounts}
    where = {"account__organization__in": organizations} if wide else {"account__in": accounts}
    current = current_evidence(RegionState.objects.filter(**where))
    found = {account.pk: _references(definition, account, current) for account in accounts}
    shards = {ref.shard for refs in found.values() if refs for ref in refs}
    judged = set(
        Shard.objects.filter(pk__in=shards, scan__state__in=JUDGED).values_list("pk", flat=True)
    )
    counted, left = _counted(definition, accounts), _left(definition, accounts, since)
    return [
        _look(found[pk], judged, counted.get(pk, {}), left[pk])
        for pk in (account.pk for account in accounts)
    ]


def _counted(definition: Definition, accounts: Collection[Account]) -> dict[int, dict[str, int]]:
    """Account -> how many results count, by their status."""
    rows = CheckStatus.objects.filter(account__in=accounts, check_id=definition.id)
    sums = (
        rows.order_by()
        .values_list("account")
        .annotate(Sum("passed"), Sum("failed"), Sum("unknown"))
    )
    return {
        account: {"passed": passed, "failed": failed, "unknown": unknown}
        for account, passed, failed, unknown in sums
    }


def _left(definition: Definition, accounts: Collection[Account], since: datetime) -> Counter[int]:
    """Account -> findings that closed without being remedied, and were not seen to pass later."""
    closed = Episode.objects.filter(
        finding__account__in=accounts,
        finding__check_id=definition.id,
        finding__is_open=False,
        finding__evidence_status=EvidenceStatus.NOT_APPLICABLE,
        close_cause=CloseCause.OUT_OF_SCOPE,
        closed_at__gt=since,
    )
    findings = Finding.objects.filter(pk__in=closed.values("finding"))
    return Counter(findings.order_by().values_list("account_id", flat=True))


def _scopes(definition: Definition) -> dict[str, Scope]:
    """Kind -> how wide it is read from an account."""
    needs = definition.needs.items()
    return {kind: widest(scope, KINDS[kind].scope, Scope.ACCOUNT) for kind, scope in needs}


def _references(
    definition: Definition, account: Account, current: CurrentEvidence
) -> list[Reference] | None:
    """What the check reads of an account, in all its regions; None where something is missing."""
    found: list[Reference] = []
    for kind, scope in _scopes(definition).items():
        places = [
            references
            for place, references in current.references.items()
            if (scope is Scope.ORGANIZATION or place.account == account.account_id)
            and is_collected_at(KINDS[kind], place)
        ]
        if scope is Scope.ORGANIZATION:
            places = [references for references in places if kind in references]
        if not places or any(kind not in references for references in places):
            return None
        found += [references[kind] for references in places]
    return found


def _look(
    refs: list[Reference] | None, judged: set[int], counted: Mapping[str, int], left: int
) -> Look:
    if not refs or any(ref.shard not in judged for ref in refs):
        return Look()
    instants: list[datetime] = [ref.at for ref in refs]
    return Look(**counted, left=left, oldest=min(instants), newest=max(instants))
