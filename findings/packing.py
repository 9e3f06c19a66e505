"""What a shard collected, packed for storage: blobs by content, a manifest, an observation, calls.

A manifest maps each fact kind to the hash of its blob, with the gaps inside it, or to the gap that
stands for the whole listing. Equal content gives equal bytes, so an unchanged shard gives the
manifest it had. Pure: threads may pack while another commits.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from findings.facts.base import KINDS, Fact, Gap, GapReason, Place, ShardFacts, not_supplied
from findings.facts.codec import decode_blob, encode_blob, encode_observation

Observations = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One kind in a manifest: either ``gap``, or ``blob`` and the gaps of single fields in it."""

    blob: str = ""
    gaps: tuple[Gap, ...] = ()
    gap: Gap | None = None

    @property
    def all_gaps(self) -> tuple[Gap, ...]:
        return (self.gap,) if self.gap else self.gaps


Entries = Mapping[str, Entry]


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A shard's facts and what is stored of them; bodies are compressed."""

    facts: ShardFacts
    entries: Entries
    blobs: Mapping[str, bytes]
    manifest: bytes
    manifest_sha256: str
    observation: bytes
    calls: bytes
    api_calls: int

    @property
    def fact_count(self) -> int:
        return sum(len(found) for found in self.facts.values() if not isinstance(found, Gap))

    @property
    def gap_counts(self) -> dict[str, int]:
        """Reason -> number of different gaps."""
        return Counter(gap.reason.value for e in self.entries.values() for gap in e.all_gaps)

    @property
    def is_incomplete(self) -> bool:
        """Something was refused, cut short or not asked for.

        What AWS answered without telling all is unknown to the checks that read it, but nothing
        more could be collected of it.
        """
        gaps = (gap for entry in self.entries.values() for gap in entry.all_gaps)
        return any(gap.reason is not GapReason.NOT_IN_SCHEMA for gap in gaps)

    @property
    def is_empty_handed(self) -> bool:
        """Something was asked for, and nothing was learnt."""
        return bool(self.entries) and all(entry.gap for entry in self.entries.values())


def pack(kinds: Iterable[str], found: ShardFacts, calls: Sequence[object] = ()) -> Packed:
    """Pack the facts of these kinds; one that was not returned becomes a gap."""
    facts = {kind: _ordered(found.get(kind, not_supplied(kind))) for kind in sorted(kinds)}
    blobs: dict[str, bytes] = {}
    entries = {kind: _entry(KINDS[kind], facts[kind], blobs) for kind in facts}
    manifest = msgspec.json.encode(entries, order="deterministic")
    return Packed(
        facts=facts,
        entries=entries,
        blobs=blobs,
        manifest=zlib.compress(manifest),
        manifest_sha256=sha256_of(manifest),
        observation=_observation(facts),
        calls=zlib.compress(msgspec.json.encode(calls)) if calls else b"",
        api_calls=len(calls),
    )


def unpack_manifest(body: bytes) -> Entries:
    return msgspec.json.decode(zlib.decompress(body), type=dict[str, Entry])


def unpack_observation(body: bytes) -> Observations:
    found: Observations = msgspec.json.decode(zlib.decompress(body))
    return found


def unpack_calls(body: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(zlib.decompress(body))
    return found


def unpack_facts(
    kind: str, body: bytes, observations: Observations | None = None
) -> tuple[Fact, ...]:
    """The facts of a compressed blob; without observations volatile fields are no longer kept."""
    moving = None if observations is None else observations.get(kind)
    return decode_blob(KINDS[kind], zlib.decompress(body), moving)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def scan_digest(manifests: Iterable[tuple[Place, str]]) -> str:
    """The digest of a scan: over account, region and manifest hash of its shards, in order."""
    lines = sorted(f"{place.account} {place.region} {sha256}\n" for place, sha256 in manifests)
    return sha256_of("".join(lines).encode())


def _ordered(found: tuple[Fact, ...] | Gap) -> tuple[Fact, ...] | Gap:
    """By identity, so that collected and stored facts are judged in one order."""
    return found if isinstance(found, Gap) else tuple(sorted(found, key=lambda fact: fact.key))


def _entry(fact: type[Fact], found: tuple[Fact, ...] | Gap, blobs: dict[str, bytes]) -> Entry:
    if isinstance(found, Gap):
        return Entry(gap=found)
    content = encode_blob(fact, found)
    sha256 = sha256_of(content)
    blobs[sha256] = zlib.compress(content)
    return Entry(blob=sha256, gaps=tuple(sorted(_refused(found))))


def _refused(found: tuple[Fact, ...]) -> set[Gap]:
    """Gaps of fields that were asked for; what no check needs of a thing is not asked at all."""
    gaps = {gap for fact in found for gap in fact.gaps.values()}
    return {gap for gap in gaps if gap.reason is not GapReason.NOT_SUPPLIED}


def _observation(facts: ShardFacts) -> bytes:
    moving = {
        kind: encode_observation(KINDS[kind], found)
        for kind, found in facts.items()
        if not isinstance(found, Gap) and KINDS[kind].volatile and found
    }
    return zlib.compress(msgspec.json.encode(moving)) if moving else b""
