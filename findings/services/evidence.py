"""Evidence by content: stored once, referred to by every shard that saw the same."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from findings.facts.base import Place
from findings.models import CallLog, EvidenceBlob, Manifest, Observation, Scan, Shard
from findings.packing import Packed, scan_digest, sha256_of, unpack_manifest

FRESH = timedelta(days=1)
"""How long a reference to a blob is not noted again; retention waits for longer than that."""


def evidence_store(*, packed: Packed, now: datetime) -> Manifest:
    """The manifest of what was packed; nothing is written when it is there already."""
    known = Manifest.objects.filter(sha256=packed.manifest_sha256).order_by().first()
    if known:
        return known
    _store_blobs(packed.blobs, now)
    Manifest.objects.bulk_create(
        [Manifest(sha256=packed.manifest_sha256, body=packed.manifest, created_at=now)],
        ignore_conflicts=True,
    )
    return Manifest.objects.get(sha256=packed.manifest_sha256)


def _store_blobs(blobs: Mapping[str, bytes], now: datetime) -> None:
    """Inserted and locked in one order, so that two shards that share blobs cannot deadlock."""
    EvidenceBlob.objects.bulk_create(
        [
            EvidenceBlob(sha256=sha256, body=blobs[sha256], created_at=now, referred_at=now)
            for sha256 in sorted(blobs)
        ],
        ignore_conflicts=True,
    )
    stale = EvidenceBlob.objects.filter(sha256__in=blobs, referred_at__lt=now - FRESH)
    ids = list(stale.order_by("sha256").select_for_update().values_list("id", flat=True))
    if ids:
        EvidenceBlob.objects.filter(id__in=ids).update(referred_at=now)


def provenance_store(*, shard_id: int, packed: Packed, now: datetime) -> None:
    """The volatile fields and the calls of a shard, each only if there are any."""
    if packed.observation:
        Observation.objects.create(shard_id=shard_id, body=packed.observation, created_at=now)
    if packed.calls:
        CallLog.objects.create(shard_id=shard_id, body=packed.calls, created_at=now)


def blob_bodies(hashes: Iterable[str]) -> dict[str, bytes]:
    """Hash -> compressed body, for those that are kept."""
    wanted = sorted(set(hashes))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), 500):
        chunk = EvidenceBlob.objects.filter(sha256__in=wanted[start : start + 500]).order_by()
        found |= {sha256: bytes(body) for sha256, body in chunk.values_list("sha256", "body")}
    return found


def scan_digest_compute(*, scan: Scan) -> str:
    """The digest over the manifests of a scan's shards as they stand in the database."""
    shards = (
        scan.shards.exclude(manifest=None)
        .order_by()
        .values_list("account__account_id", "region", "manifest__sha256")
    )
    return scan_digest((Place(account, region), sha256) for account, region, sha256 in shards)


@dataclass(frozen=True)
class Flaw:
    """Evidence that is not what was collected."""

    what: str
    problem: str


def evidence_verify(*, scan: Scan) -> Iterator[Flaw]:
    """Everything of a scan's evidence that was altered or is missing."""
    if not scan.is_live and scan_digest_compute(scan=scan) != scan.digest:
        yield Flaw(f"scan {scan.uid}", "its shards do not give the digest that it ended with")
    seen: set[str] = set()
    manifests = Manifest.objects.filter(
        id__in=Shard.objects.filter(scan=scan).values("manifest")
    ).order_by("id")
    for manifest in manifests.iterator(chunk_size=100):
        content = zlib.decompress(bytes(manifest.body))
        if sha256_of(content) != manifest.sha256:
            yield Flaw(f"manifest {manifest.sha256}", "its content has another hash")
            continue
        wanted = {e.blob for e in unpack_manifest(bytes(manifest.body)).values() if e.blob} - seen
        seen |= wanted
        yield from _flaws_of_blobs(wanted)


def _flaws_of_blobs(wanted: set[str]) -> Iterator[Flaw]:
    bodies = blob_bodies(wanted)
    for sha256 in sorted(wanted):
        if sha256 not in bodies:
            yield Flaw(f"blob {sha256}", "is missing")
        elif sha256_of(zlib.decompress(bodies[sha256])) != sha256:
            yield Flaw(f"blob {sha256}", "its content has another hash")
