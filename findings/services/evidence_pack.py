"""A zip of findings with the evidence behind them, which its reader can verify by themselves.

``findings.jsonl``; ``evidence/SCAN/ACCOUNT/REGION/KIND.json`` with the facts of one kind in one
shard, without personal fields; ``manifests/SCAN/ACCOUNT/REGION.json`` with what the shard holds of
it or why not; ``calls/…`` with the API calls; ``scans.json`` with the digests of the scans; and
``SHA256SUMS`` over all of them, in the form that ``sha256sum --check`` reads.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

from accounts.models import Account
from findings.checks.base import Registry
from findings.exports.values import json_lines, of_json
from findings.models import Finding, Scan
from findings.selectors.evidence import ShardKind, kinds_behind
from findings.selectors.export_rows import FINDING_COLUMNS, Batch, Row, Wanted, findings_wanted

MOST_FINDINGS = 500
README = """Findings of Cairn with the evidence behind them.

Verify with:  sha256sum --check SHA256SUMS
Evidence is addressed by scan, account, region and kind of fact. Personal fields read "(personal)".
"""


class PackRefused(ValueError):
    """It would hold too much; the message says what to do."""


def pack_write(
    file: BinaryIO,
    batches: Iterator[Batch],
    wanted: Wanted,
    *,
    registry: Registry,
    operations: Mapping[str, Collection[str]],
    told: Callable[[], None],
) -> frozenset[int]:
    """Write the pack; the (internal) ids of the accounts that its evidence is of.

    ``told`` is called as the writing goes on. Raises PackRefused.
    """
    rows: list[Row] = []
    for batch in batches:
        rows += batch.rows
        if len(rows) > MOST_FINDINGS:
            raise PackRefused(
                f"An evidence pack holds at most {MOST_FINDINGS} findings. Narrow the filter."
            )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        pack = _Pack(archive)
        pack.add("README.txt", README.encode())
        pack.add("findings.jsonl", json_lines({n: r.get(n) for n in FINDING_COLUMNS} for r in rows))
        for row in rows:
            for kind in _behind(row["uid"], wanted, registry, operations):
                pack.add_kind(kind)
            told()
        pack.finish(wanted)
    return frozenset(
        Account.objects.filter(
            organization=wanted.organization, account_id__in=pack.accounts
        ).values_list("pk", flat=True)
    )


def _behind(
    uid: UUID, wanted: Wanted, registry: Registry, operations: Mapping[str, Collection[str]]
) -> list[ShardKind]:
    related = ("account__ou", "account__organization")
    finding = findings_wanted(wanted).select_related(*related).filter(uid=uid).first()
    definition = finding and registry.get(finding.check_id)
    if not isinstance(finding, Finding) or not definition:
        return []
    return kinds_behind(finding, definition, wanted.user, operations=operations)


class _Pack:
    """A zip in which each name is written once, with the digest of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self._digests: dict[str, str] = {}
        self._manifests: defaultdict[tuple[str, str, str], dict[str, Any]] = defaultdict(dict)
        self.accounts: set[str] = set()

    def add(self, name: str, content: bytes) -> None:
        self._zip.writestr(name, content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def add_kind(self, kind: ShardKind) -> None:
        shard, place = kind.key[:3], "/".join(kind.key[:3])
        if kind.kind in self._manifests[shard]:
            return
        self.accounts.add(kind.account)
        told: dict[str, Any] = {"collected_at": kind.collected_at, "gaps": kind.gaps}
        if kind.facts is not None:
            told["evidence"] = f"evidence/{place}/{kind.kind}.json"
            self.add(told["evidence"], _json(kind.facts))
        if kind.calls:
            told["calls"] = f"calls/{place}/{kind.kind}.jsonl"
            self.add(told["calls"], json_lines(kind.calls))
        self._manifests[shard][kind.kind] = told

    def finish(self, wanted: Wanted) -> None:
        for shard, kinds in sorted(self._manifests.items()):
            self.add(f"manifests/{'/'.join(shard)}.json", _json(kinds))
        self.add("scans.json", _json(_scans(wanted, {shard[0] for shard in self._manifests})))
        sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._digests.items()))
        self._zip.writestr("SHA256SUMS", sums)


def _scans(wanted: Wanted, uids: Collection[str]) -> list[dict[str, Any]]:
    """The digest with which each scan ended; ``manage.py verify_evidence`` computes it anew."""
    seen = Scan.objects.visible_to(wanted.user).filter(uid__in=uids).order_by("pk")
    return [
        {
            "uid": str(scan.uid),
            "finished_at": of_json(scan.finished_at or ""),
            "digest": scan.digest,
        }
        for scan in seen
    ]


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1)
