"""The evidence that holds now: for each account, region and kind the newest that was collected."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet

from findings.checks.base import Definition, kinds_of
from findings.facts.base import (
    KINDS,
    Evidence,
    Fact,
    Gap,
    GapReason,
    Place,
    Scope,
    ShardFacts,
    is_collected_at,
    widest,
)
from findings.facts.codec import CodecError
from findings.facts.histories import extended
from findings.models import Manifest, Observation, RegionState, Shard
from findings.packing import (
    Entry,
    Observations,
    unpack_facts,
    unpack_manifest,
    unpack_observation,
)
from findings.selectors.fact_histories import histories_of
from findings.services.evidence import blob_bodies

ENTRIES_AT_ONCE = 500
"""What is read of the store before its facts are unpacked, and stored bodies are let go."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one kind at one place stands: the shard that collected it, when, and what."""

    shard: int
    at: datetime
    entry: Entry


class CurrentEvidence:
    """References to evidence by place and kind; facts are read when they are asked for."""

    def __init__(
        self,
        references: Mapping[Place, Mapping[str, Reference]],
        scans: Collection[int] = (),
    ) -> None:
        self.references, self.scans = references, frozenset(scans)
        self.kinds = {kind for found in references.values() for kind in found}
        self._oldest: dict[tuple[str, str, str], datetime | None] = {}

    @property
    def places(self) -> list[Place]:
        return list(self.references)

    def supplies(self, definition: Definition) -> bool:
        """Whether everything that a check reads was asked for somewhere."""
        return all(kind in self.kinds for kind in definition.needs)

    def oldest(self, definition: Definition, place: Place) -> datetime:
        """The instant of the oldest evidence that a check reads from a place."""
        least = Scope.ACCOUNT if definition.check.rollup else Scope.RESOURCE
        found = (
            self._oldest_of(KINDS[kind], widest(scope, least), place)
            for kind, scope in definition.needs.items()
        )
        return min(at for at in found if at is not None)

    def _oldest_of(self, fact: type[Fact], scope: Scope, place: Place) -> datetime | None:
        wide = widest(scope, fact.scope)
        account = "" if wide is Scope.ORGANIZATION else place.account
        region = place.region if wide in (Scope.REGION, Scope.RESOURCE) else ""
        key = (fact.kind, account, region)
        if key not in self._oldest:
            instants = (
                found[fact.kind].at
                for at, found in self.references.items()
                if fact.kind in found
                and is_collected_at(fact, at)
                and (not account or at.account == account)
                and (not region or at.region == region)
            )
            self._oldest[key] = min(instants, default=None)
        return self._oldest[key]

    def digest(self, definitions: Iterable[Definition]) -> str:
        """The digest of everything stable that checks read."""
        kinds = set(kinds_of(definitions))
        digest = hashlib.sha256()
        for place in sorted(self.references):
            found = self.references[place]
            for kind in sorted(kinds & set(found)):
                entry = found[kind].entry
                digest.update(f"{place} {kind} {entry.blob or entry.gap!r}\n".encode())
            digest.update(f"{place}\n".encode())
        return digest.hexdigest()

    def load(self, definitions: Iterable[Definition], fresh: Mapping[int, ShardFacts]) -> Evidence:
        """The facts that checks read; those of fresh shards are taken from memory."""
        return self.load_kinds(kinds_of(definitions), fresh)

    def in_turn(
        self, definitions: Iterable[Definition], fresh: Mapping[int, ShardFacts]
    ) -> Iterator[tuple[Definition, Evidence]]:
        """One check after another, each with its facts; those that the next reads, too, are kept.

        So what spans many places never has the facts of all checks in memory.
        """
        held: dict[Place, ShardFacts] = {}
        held_kinds: set[str] = set()
        for definition in sorted(definitions, key=lambda d: sorted(kinds_of([d]))):
            kinds = kinds_of([definition])
            missing = {kind: kinds[kind] for kind in kinds.keys() - held_kinds}
            held = {
                place: {kind: found for kind, found in facts.items() if kind in kinds}
                for place, facts in held.items()
            }
            loaded = self.load_kinds(missing, fresh).shards
            held = {place: {**held.get(place, {}), **facts} for place, facts in loaded.items()}
            held_kinds = set(kinds)
            yield definition, Evidence(held)

    def load_kinds(
        self, kinds: Mapping[str, type[Fact]], fresh: Mapping[int, ShardFacts]
    ) -> Evidence:
        """The facts of these kinds, each with what is kept of the time before AWS's own tale."""
        shards: dict[Place, dict[str, tuple[Fact, ...] | Gap]] = {
            place: {
                kind: fresh[ref.shard][kind]
                for kind, ref in found.items()
                if kind in kinds and ref.shard in fresh
            }
            for place, found in self.references.items()
        }
        stored = self._stored(kinds, fresh)
        while chunk := list(islice(stored, ENTRIES_AT_ONCE)):
            bodies = blob_bodies(ref.entry.blob for _, _, ref in chunk)
            observations = _observations(
                ref.shard for _, kind, ref in chunk if kinds[kind].volatile
            )
            for place, kind, ref in chunk:
                moving = observations.get(ref.shard)
                shards[place][kind] = _facts_of(kind, ref.entry, bodies, moving)
        self._extend(kinds, shards)
        return Evidence(shards)

    def _extend(
        self,
        kinds: Mapping[str, type[Fact]],
        shards: dict[Place, dict[str, tuple[Fact, ...] | Gap]],
    ) -> None:
        telling = {kind for kind, fact in kinds.items() if fact.kept}
        places = [
            place
            for place, found in shards.items()
            if any(found.get(kind) and not isinstance(found[kind], Gap) for kind in telling)
        ]
        for (place, kind), pasts in histories_of(places, telling).items() if places else ():
            found = shards[place].get(kind)
            if found and not isinstance(found, Gap):
                at = self.references[place][kind].at
                shards[place][kind] = tuple(
                    extended(fact, pasts[fact.key], at) if fact.key in pasts else fact
                    for fact in found
                )

    def _stored(
        self, kinds: Mapping[str, type[Fact]], fresh: Mapping[int, ShardFacts]
    ) -> Iterator[tuple[Place, str, Reference]]:
        for place, found in self.references.items():
            for kind, ref in found.items():
                if kind in kinds and ref.shard not in fresh:
                    yield place, kind, ref


def _observations(shards: Iterable[int]) -> dict[int, Observations]:
    wanted = set(shards)
    if not wanted:
        return {}
    rows = Observation.objects.filter(shard__in=wanted).order_by().values_list("shard", "body")
    return {shard: unpack_observation(bytes(body)) for shard, body in rows}


def _facts_of(
    kind: str, entry: Entry, bodies: Mapping[str, bytes], observations: Observations | None
) -> tuple[Fact, ...] | Gap:
    if entry.gap:
        return entry.gap
    if entry.blob not in bodies:
        return Gap(kind=kind, reason=GapReason.NO_LONGER_KEPT)
    try:
        return unpack_facts(kind, bodies[entry.blob], observations)
    except CodecError:
        return Gap(kind=kind, reason=GapReason.NOT_IN_SCHEMA)


def current_evidence(
    states: QuerySet[RegionState], kinds: Collection[str] = KINDS
) -> CurrentEvidence:
    """The newest evidence of the regions that are in scope: all of it, or that of some kinds."""
    places = states.in_scope().values_list("account__account_id", "region", "sources")  # type: ignore[attr-defined]
    sources = {Place(account, region): found for account, region, found in places}
    return _evidence_of_sources(sources, kinds, {})


def evidence_of_place(
    place: Place, row: RegionState, kinds: Collection[str], known: Mapping[int, Stored]
) -> CurrentEvidence:
    """The newest evidence of one region, if it is in scope; known shards are not read again."""
    sources = {place: row.sources} if row.state in RegionState.IN_SCOPE else {}
    return _evidence_of_sources(sources, kinds, known)


def _evidence_of_sources(
    sources: Mapping[Place, Mapping[str, Collection[str]]],
    kinds: Collection[str],
    known: Mapping[int, Stored],
) -> CurrentEvidence:
    wanted = {int(shard) for found in sources.values() for shard in found}
    shards = {**known, **_shards(wanted - known.keys())}
    return CurrentEvidence(
        {
            place: {
                kind: Reference(int(shard), shards[int(shard)].at, entry)
                for shard, collected in found.items()
                if int(shard) in shards
                for kind in collected
                if kind in kinds and (entry := shards[int(shard)].entries.get(kind))
            }
            for place, found in sources.items()
        },
        scans={shards[shard].scan for shard in wanted if shard in shards},
    )


def superseded_evidence(
    current: CurrentEvidence, shards: QuerySet[Shard]
) -> CurrentEvidence | None:
    """The evidence as these shards found it, where by now a newer one stands; None if nowhere.

    What was committed late may know what the newer could not collect.
    """
    rows = shards.exclude(manifest=None).values_list("account__account_id", "region", "id")
    own = {Place(account, region): pk for account, region, pk in rows}
    behind = {
        place: pk
        for place, pk in own.items()
        if any(ref.shard != pk for ref in current.references.get(place, {}).values())
    }
    stored = _shards(set(behind.values()))
    late = {
        place: {
            kind: ref
            for kind, ref in _references(pk, stored[pk], current.kinds).items()
            if kind in current.references[place] and ref.at < current.references[place][kind].at
        }
        for place, pk in behind.items()
    }
    if not any(late.values()):
        return None
    return CurrentEvidence(
        {place: {**found, **late.get(place, {})} for place, found in current.references.items()}
    )


def evidence_of_shards(
    shards: QuerySet[Shard], homes: Iterable[Place] = (), kinds: Collection[str] = KINDS
) -> CurrentEvidence:
    """The evidence of certain kinds that certain shards collected, whatever came later.

    ``homes`` are places that belong to it even if nothing is collected there.
    """
    rows = shards.exclude(manifest=None).values_list("id", "account__account_id", "region")
    places = {pk: Place(account, region) for pk, account, region in rows}
    stored = _shards(set(places))
    found = {place: _references(pk, stored[pk], kinds) for pk, place in places.items()}
    entered = {place.account for place in found}
    empty: dict[Place, dict[str, Reference]] = {p: {} for p in homes if p.account in entered}
    return CurrentEvidence({**empty, **found})


@dataclass(frozen=True, slots=True)
class Stored:
    """What a shard that has a manifest collected: in which scan, when, and what by kind."""

    scan: int
    at: datetime
    entries: Mapping[str, Entry]


def _references(shard: int, stored: Stored, kinds: Collection[str]) -> dict[str, Reference]:
    found = stored.entries.items()
    return {kind: Reference(shard, stored.at, entry) for kind, entry in found if kind in kinds}


def _shards(ids: set[int]) -> dict[int, Stored]:
    """Shards that have a manifest; shards of one manifest share its entries."""
    rows: list[tuple[int, int, int, datetime]] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        chunk = Shard.objects.filter(id__in=wanted[start : start + 500]).exclude(manifest=None)
        rows += chunk.order_by().values_list("id", "scan", "manifest", "collected_from")  # type: ignore[arg-type]
    manifests = manifests_unpacked({manifest for _, _, manifest, _ in rows})
    return {pk: Stored(scan, at, manifests[manifest]) for pk, scan, manifest, at in rows}


def manifests_unpacked(ids: set[int]) -> dict[int, Mapping[str, Entry]]:
    """Internal id of a manifest -> its entries by kind."""
    wanted = sorted(ids)
    found: dict[int, Mapping[str, Entry]] = {}
    for start in range(0, len(wanted), 500):
        rows = Manifest.objects.filter(id__in=wanted[start : start + 500]).order_by()
        found |= {pk: unpack_manifest(bytes(body)) for pk, body in rows.values_list("id", "body")}
    return found
