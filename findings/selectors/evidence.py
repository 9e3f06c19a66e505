"""The evidence behind a finding: the facts its check read, where they are from, and the calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from accounts.models.reach import reach_of
from findings.checks.base import Definition
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Fact,
    Gap,
    GapReason,
    Place,
    Scope,
    widest,
)
from findings.facts.codec import CodecError
from findings.facts.histories import extended
from findings.models import EvidenceBlob, Finding, RegionState, Shard
from findings.packing import Entry, unpack_calls, unpack_facts, unpack_manifest, unpack_observation
from findings.selectors.fact_histories import Pasts, histories_of

SHOWN_FACTS = 5
SHOWN_PLACES = 10
_PSEUDO_REGIONS = {Scope.ACCOUNT: AWS_GLOBAL, Scope.ORGANIZATION: AWS_ORGANIZATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEvidence:
    """One kind of fact at one place: facts as JSON text, or the gap that stands for them."""

    kind: str
    account: str
    region: str
    collected_at: datetime | None
    facts: tuple[str, ...]
    listed: int | None
    """How many of the kind the whole listing holds; None when it is no longer kept."""
    omitted: int
    gap: Gap | None
    calls: tuple[Mapping[str, Any], ...]
    told_since: datetime | None
    """Since when AWS itself tells of these facts, where what was before is from the portal's own
    history; None where all is from AWS."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind of fact is read from."""

    fact: type[Fact]
    shard: Shard
    entry: Entry


def evidence_of_finding(
    finding: Finding,
    definition: Definition,
    user: User | AnonymousUser,
    *,
    shows_personal: bool,
    operations: Mapping[str, Collection[str]],
) -> list[KindEvidence]:
    """What the check of a finding reads now, at the places that a person may see.

    Facts that tell of a stretch of time are told with what is kept of them, as they are judged.
    ``operations`` are those that collect each kind: the calls to show beside it.
    """
    sources = _sources(finding, definition, user)
    blobs = EvidenceBlob.objects.filter(sha256__in={source.entry.blob for source in sources})
    bodies = {blob.sha256: bytes(blob.body) for blob in blobs}
    own, histories = definition.check.resource, _histories(sources)
    return [
        _told(
            source,
            _judged(source, _facts(source, bodies), histories),
            finding.resource if source.fact is own else "",
            () if shows_personal else source.fact.personal,
            operations.get(source.fact.kind, ()),
        )
        for source in sources
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardKind:
    """Everything of one kind in one shard: facts without personal fields, or the gap.

    ``facts`` is None where they are no longer kept.
    """

    scan: str
    account: str
    region: str
    kind: str
    collected_at: datetime | None
    facts: tuple[Mapping[str, Any], ...] | None
    gaps: tuple[Gap, ...]
    calls: tuple[Mapping[str, Any], ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Its address: shard and kind, never a hash of its content."""
        return self.scan, self.account, self.region, self.kind


def kinds_behind(
    finding: Finding,
    definition: Definition,
    user: User | AnonymousUser,
    *,
    operations: Mapping[str, Collection[str]],
) -> list[ShardKind]:
    """What the check of a finding reads now, whole, at the places that a person may see."""
    reach, found = reach_of(user), _sources(finding, definition, user)
    sources = [source for source in found if reach.covers_account(source.shard.account)]
    blobs = EvidenceBlob.objects.filter(sha256__in={source.entry.blob for source in sources})
    bodies = {blob.sha256: bytes(blob.body) for blob in blobs}
    return [_whole(source, bodies, operations) for source in sources]


def _whole(
    source: _Source, bodies: Mapping[str, bytes], operations: Mapping[str, Collection[str]]
) -> ShardKind:
    shard, facts = source.shard, _facts(source, bodies)
    told = None if facts is None else tuple(_known(fact, source.fact.personal) for fact in facts)
    return ShardKind(
        scan=str(shard.scan.uid),
        account=shard.account.account_id,
        region=shard.region,
        kind=source.fact.kind,
        collected_at=shard.collected_at,
        facts=told,
        gaps=source.entry.all_gaps,
        calls=_calls(shard, operations.get(source.fact.kind, ())),
    )


def _sources(finding: Finding, definition: Definition, user: User | AnonymousUser) -> list[_Source]:
    """The shards that hold the facts now, the check's own kind first."""
    own = definition.check.resource
    kinds = sorted(definition.facts, key=lambda fact: fact is not own)
    pairs = list(islice(_pairs(finding, definition, kinds, user), SHOWN_PLACES))
    wanted = {pk for _, pk in pairs}
    related = ("manifest", "scan", "account__ou", "observation", "call_log")
    shards = Shard.objects.filter(manifest__isnull=False).select_related(*related).in_bulk(wanted)
    found = []
    for fact, pk in pairs:
        shard = shards.get(pk)
        if shard is not None and shard.manifest is not None:
            entry = unpack_manifest(bytes(shard.manifest.body)).get(fact.kind)
            if entry is not None:
                found.append(_Source(fact, shard, entry))
    return found


def _pairs(
    finding: Finding,
    definition: Definition,
    kinds: Collection[type[Fact]],
    user: User | AnonymousUser,
) -> Iterator[tuple[type[Fact], int]]:
    """Kinds with the shards that are their source, in the order in which they are shown."""
    of_account = list(RegionState.objects.in_scope().filter(account=finding.account_id))
    for fact in kinds:
        scope = widest(definition.needs[fact.kind], fact.scope)
        states = _elsewhere(finding, fact, user) if scope is Scope.ORGANIZATION else of_account
        for state in states:
            if _is_read(fact, scope, state, finding):
                yield from (
                    (fact, int(pk)) for pk, held in state.sources.items() if fact.kind in held
                )


def _elsewhere(finding: Finding, fact: type[Fact], user: User | AnonymousUser) -> list[RegionState]:
    """Some of the places of the whole organization that hold a kind."""
    pseudo = _PSEUDO_REGIONS.get(fact.scope)
    there = Q(region=pseudo) if pseudo else ~Q(region__startswith="aws-")
    places = RegionState.objects.in_scope().visible_to(user).filter(there)
    of_organization = places.filter(account__organization=finding.organization_id)
    return list(of_organization.order_by("account", "region")[:SHOWN_PLACES])


def _is_read(fact: type[Fact], scope: Scope, state: RegionState, finding: Finding) -> bool:
    pseudo = _PSEUDO_REGIONS.get(fact.scope)
    if pseudo:
        return state.region == pseudo
    if scope is Scope.REGION and not finding.region.startswith("aws-"):
        return state.region == finding.region
    return not state.region.startswith("aws-")


def _facts(source: _Source, bodies: Mapping[str, bytes]) -> tuple[Fact, ...] | None:
    body = bodies.get(source.entry.blob)
    if body is None:
        return None
    try:
        moving = unpack_observation(bytes(source.shard.observation.body))
    except ObjectDoesNotExist:
        moving = None
    try:
        return unpack_facts(source.fact.kind, body, moving)
    except CodecError:
        return None


def _histories(sources: Collection[_Source]) -> Mapping[tuple[Place, str], Pasts]:
    telling = [source for source in sources if source.fact.kept]
    kinds = {source.fact.kind for source in telling}
    return histories_of({_place(source) for source in telling}, kinds) if telling else {}


def _place(source: _Source) -> Place:
    return Place(source.shard.account.account_id, source.shard.region)


def _judged(
    source: _Source,
    facts: tuple[Fact, ...] | None,
    histories: Mapping[tuple[Place, str], Pasts],
) -> tuple[Fact, ...] | None:
    """The facts with what is kept of the time before AWS's own tale."""
    pasts = histories.get((_place(source), source.fact.kind), {})
    at = source.shard.collected_from
    if not facts or at is None:
        return facts
    return tuple(
        extended(fact, pasts[fact.key], at) if fact.key in pasts else fact for fact in facts
    )


def _told(
    source: _Source,
    facts: tuple[Fact, ...] | None,
    wanted: str,
    hidden: Collection[str],
    operations: Collection[str],
) -> KindEvidence:
    chosen = [fact for fact in facts or () if wanted in ("", fact.key)]
    shard = source.shard
    return KindEvidence(
        kind=source.fact.kind,
        account=shard.account.account_id,
        region=shard.region,
        collected_at=shard.collected_at,
        facts=tuple(_text(fact, hidden) for fact in chosen[:SHOWN_FACTS]),
        listed=None if facts is None else len(facts),
        omitted=max(0, len(chosen) - SHOWN_FACTS),
        gap=source.entry.gap,
        calls=_calls(shard, operations),
        told_since=max((f.told_since for f in chosen if f.told_since), default=None),
    )


def _text(fact: Fact, hidden: Collection[str]) -> str:
    shown = _known(fact, hidden)
    return msgspec.json.format(msgspec.json.encode(shown, order="sorted"), indent=2).decode()


def _known(fact: Fact, hidden: Collection[str]) -> dict[str, Any]:
    """The fields of a fact; what is personal is named and not told, a gap says why."""
    known = {name: value for name, value in fact.__dict__.items() if not name.startswith("_")}
    shown = {name: "(personal)" if name in hidden else value for name, value in known.items()}
    return shown | {name: f"({_why(gap)})" for name, gap in fact.gaps.items()}


def _why(gap: Gap) -> str:
    if gap.reason is GapReason.NOT_SUPPLIED:
        return "not asked for"
    words = ["not collected:", gap.reason.replace("_", " "), gap.operation, gap.code]
    return " ".join(word for word in words if word)


def _calls(shard: Shard, operations: Collection[str]) -> tuple[Mapping[str, Any], ...]:
    try:
        calls = unpack_calls(bytes(shard.call_log.body))
    except ObjectDoesNotExist:
        return ()
    return tuple(call for call in calls if call.get("operation") in operations)
