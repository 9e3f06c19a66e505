"""The evidence behind a finding: the facts its check read, where they are from, and the calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from findings.checks.base import Definition
from findings.facts.base import Fact, Gap, Place, Scope, is_collected_at, widest
from findings.facts.codec import CodecError
from findings.models import CallLog, EvidenceBlob, Finding, Observation, RegionState, Shard
from findings.packing import unpack_calls, unpack_facts, unpack_manifest, unpack_observation

SHOWN_FACTS = 5
SHOWN_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEvidence:
    """One kind of fact at one place: facts as JSON text, or the gap that stands for them."""

    kind: str
    account: str
    region: str
    collected_at: datetime | None
    facts: tuple[str, ...]
    omitted: int
    gap: Gap | None
    calls: tuple[Mapping[str, Any], ...]


def evidence_of_finding(
    finding: Finding,
    definition: Definition,
    user: User | AnonymousUser,
    *,
    shows_personal: bool,
    operations: Mapping[str, Collection[str]],
) -> list[KindEvidence]:
    """What the check of a finding reads now, at the places that a person may see.

    ``operations`` are those that collect each kind: the calls to show beside it.
    """
    own = definition.check.resource
    kinds = sorted(definition.facts, key=lambda fact: fact is not own)
    found = (
        evidence
        for fact in kinds
        for evidence in _of_kind(fact, definition, finding, user, shows_personal, operations)
    )
    return list(islice(found, SHOWN_PLACES))


def _of_kind(
    fact: type[Fact],
    definition: Definition,
    finding: Finding,
    user: User | AnonymousUser,
    shows_personal: bool,
    operations: Mapping[str, Collection[str]],
) -> Iterator[KindEvidence]:
    scope = widest(definition.needs[fact.kind], fact.scope)
    wanted = finding.resource if fact is definition.check.resource else ""
    for state in _places(finding, scope, user):
        if not is_collected_at(fact, Place(state.account.account_id, state.region)):
            continue
        sources = [int(pk) for pk, kinds in state.sources.items() if fact.kind in kinds]
        shard = Shard.objects.select_related("manifest", "account").filter(pk__in=sources).first()
        if shard is not None and shard.manifest is not None:
            yield _read(fact, shard, wanted, shows_personal, operations.get(fact.kind, ()))


def _places(finding: Finding, scope: Scope, user: User | AnonymousUser) -> QuerySet[RegionState]:
    states = RegionState.objects.in_scope().select_related("account").order_by("account", "region")
    if scope is Scope.ORGANIZATION:
        organization = states.filter(account__organization=finding.organization_id)
        return organization.filter(pk__in=RegionState.objects.visible_to(user))
    own = states.filter(account=finding.account_id)
    if scope is Scope.REGION and not finding.region.startswith("aws-"):
        return own.filter(region=finding.region)
    return own


def _read(
    fact: type[Fact],
    shard: Shard,
    wanted: str,
    shows_personal: bool,
    operations: Collection[str],
) -> KindEvidence:
    entry = unpack_manifest(bytes(shard.manifest.body))[fact.kind]  # type: ignore[union-attr]
    facts = _facts(fact, shard, entry.blob) if entry.blob else ()
    chosen = [item for item in facts if wanted in ("", item.key)]
    hidden = () if shows_personal else fact.personal
    return KindEvidence(
        kind=fact.kind,
        account=shard.account.account_id,
        region=shard.region,
        collected_at=shard.collected_at,
        facts=tuple(_text(item, hidden) for item in chosen[:SHOWN_FACTS]),
        omitted=max(0, len(chosen) - SHOWN_FACTS),
        gap=entry.gap,
        calls=_calls(shard, operations),
    )


def _facts(fact: type[Fact], shard: Shard, sha256: str) -> tuple[Fact, ...]:
    blob = EvidenceBlob.objects.filter(sha256=sha256).first()
    if blob is None:
        return ()
    observed = Observation.objects.filter(shard=shard).first()
    moving = unpack_observation(bytes(observed.body)) if observed else None
    try:
        return unpack_facts(fact.kind, bytes(blob.body), moving)
    except CodecError:
        return ()


def _text(fact: Fact, hidden: Collection[str]) -> str:
    known = {name: value for name, value in fact.__dict__.items() if not name.startswith("_")}
    shown = {name: "(personal)" if name in hidden else value for name, value in known.items()}
    shown |= {
        name: f"(not collected: {gap.operation} {gap.code})" for name, gap in fact.gaps.items()
    }
    return msgspec.json.format(msgspec.json.encode(shown, order="sorted"), indent=2).decode()


def _calls(shard: Shard, operations: Collection[str]) -> tuple[Mapping[str, Any], ...]:
    log = CallLog.objects.filter(shard=shard).first()
    calls = unpack_calls(bytes(log.body)) if log else []
    return tuple(call for call in calls if call.get("operation") in operations)
