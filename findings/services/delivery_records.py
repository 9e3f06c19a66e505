"""Keeping what evidence tells of deliveries, so that it is still known when AWS has forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Account, Organization
from findings.checks.base import Definition, Registry
from findings.checks.context import Context, Horizon
from findings.checks.deliveries import deliveries_seen
from findings.delivery_history import Seen, Span, joined
from findings.facts.base import AWS_GLOBAL, Facts, Gap, Place
from findings.models import DeliveryRecord, ProductionChange, RegionState
from findings.services.assessments import scanned_accounts
from findings.services.contexts import Overrides, account_context, context_digest, overrides_of
from findings.services.current import CurrentEvidence, Reference, current_evidence

CHECK = "dora_deployment_frequency"
"""Its needs are what is read, and its parameters say what production is."""
FIELDS = ("began_at", "ended_at", "committed_at", "failed_at", "succeeded", "is_rollback")


def deliveries_record(*, organization: Organization, registry: Registry, now: datetime) -> int:
    """Bring the records of all scanned accounts up to their evidence; how many were new or changed.

    What has not changed since is not read again.
    """
    definition = registry.get(CHECK)
    if definition is None:
        return 0
    accounts = list(scanned_accounts(organization))
    overrides = overrides_of(organization, accounts, registry)
    return sum(
        account_deliveries_record(
            account=account, definition=definition, overrides=overrides, now=now
        )
        for account in accounts
    )


@transaction.atomic
def account_deliveries_record(
    *, account: Account, definition: Definition, overrides: Overrides, now: datetime
) -> bool:
    """Add what the account's evidence tells to its record; False where that is so already."""
    current = current_evidence(RegionState.objects.filter(account=account))
    references = _references(current, definition)
    if not references:
        return False
    key = _key(definition, account, overrides, references)
    found = DeliveryRecord.objects.select_for_update().filter(account=account).first()
    record = found or DeliveryRecord(account=account)
    if record.key == key:
        return False
    seen, gaps = _seen(current, definition, account, overrides, now)
    instants = {place: reference.at for place, _, reference in references}
    for source in seen:
        _extend(record, source, instants[Place(account.account_id, source.region)])
    record.key, record.gaps = key, _reasons(gaps)
    record.evidence_at = max(instants.values())
    record.save()
    _write_changes(account, seen)
    return True


@transaction.atomic
def deliveries_forget(*, before: datetime) -> int:
    """Delete changes that ended before; what was before is not known any more. How many went."""
    for record in DeliveryRecord.objects.select_for_update():
        spans = {key: Span.parse(kept) for key, kept in record.sources.items()}
        kept = {
            key: Span(max(span.since, before), span.until).to_json()
            for key, span in spans.items()
            if span.until >= before
        }
        if kept != record.sources:
            record.sources = kept
            record.save(update_fields=["sources"])
    gone, _ = ProductionChange.objects.filter(ended_at__lt=before).delete()
    return gone


def _references(
    current: CurrentEvidence, definition: Definition
) -> list[tuple[Place, str, Reference]]:
    return [
        (place, kind, reference)
        for place, found in sorted(current.references.items())
        for kind, reference in sorted(found.items())
        if kind in definition.needs
    ]


def _key(
    definition: Definition,
    account: Account,
    overrides: Overrides,
    references: Iterable[tuple[Place, str, Reference]],
) -> str:
    parts = [
        overrides.digest(definition, [account]),
        context_digest([account]),
        *(f"{place} {kind} {reference.shard}" for place, kind, reference in references),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _seen(
    current: CurrentEvidence,
    definition: Definition,
    account: Account,
    overrides: Overrides,
    now: datetime,
) -> tuple[list[Seen], list[Gap]]:
    own = account_context(account)
    context = Context(
        account=own,
        accounts={own.id: own},
        horizon=Horizon(now),
        parameters=definition.parameters(overrides(definition.id, own.id)),
    )
    evidence = current.load([definition], {})
    return deliveries_seen(Facts(evidence, Place(own.id, AWS_GLOBAL), definition.needs), context)


def _extend(record: DeliveryRecord, source: Seen, at: datetime) -> None:
    kept = record.sources.get(source.key)
    seen = Span(min(source.known_from, at), at)
    record.sources[source.key] = joined(Span.parse(kept) if kept else None, seen).to_json()


def _reasons(gaps: Iterable[Gap]) -> list[str]:
    return sorted({gap.reason.value for gap in gaps})


def _write_changes(account: Account, seen: Iterable[Seen]) -> None:
    """Those that are new, and those that AWS tells otherwise by now, as after a retry."""
    rows = [
        ProductionChange(
            account=account,
            source=source.key,
            change_id=change.id,
            began_at=change.began_at,
            ended_at=max(change.ended_at, change.began_at),
            committed_at=change.committed_at,
            failed_at=change.failed_at,
            succeeded=change.succeeded,
            is_rollback=change.id in source.rolling_back,
        )
        for source in seen
        for change in source.changes
    ]
    kept = ProductionChange.objects.filter(account=account)
    held = {(row.source, row.change_id): row for row in kept}
    changed = [row for row in rows if _differs(row, held.get((row.source, row.change_id)))]
    ProductionChange.objects.bulk_create(
        changed,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["account", "source", "change_id"],
        update_fields=FIELDS,
    )


def _differs(row: ProductionChange, held: ProductionChange | None) -> bool:
    return held is None or any(getattr(row, name) != getattr(held, name) for name in FIELDS)
