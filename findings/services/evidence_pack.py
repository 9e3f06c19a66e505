"""A zip of findings with the evidence behind them, which its reader can verify by themselves.

``export.json`` with whose it is and how it was narrowed; ``findings.jsonl``; ``behind.jsonl`` with
what stands behind each finding, and what does not; ``evidence/SCAN/ACCOUNT/REGION/KIND.json`` with
the facts of one kind in one shard, without personal fields; ``manifests/SCAN/ACCOUNT/REGION.json``
with what the shard holds of it or why not; ``calls/…`` with the API calls; ``scans.json`` with the
digests of the scans; and ``SHA256SUMS`` over all of them, in the form that ``sha256sum --check``
reads. The same rows read at the same time make the same bytes. Evidence is held in memory for one
finding at a time.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID

import msgspec

from accounts.models import Account
from findings.checks.base import Registry
from findings.exports.values import json_lines, of_json
from findings.models import Finding, Scan
from findings.selectors.evidence import SHOWN_PLACES, ShardKind, kinds_behind
from findings.selectors.export_batches import Batch, Row, Wanted
from findings.selectors.export_findings import FINDING_COLUMNS, findings_wanted

MOST_FINDINGS = 500
WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the first that a zip can tell, and no other than the next time."""
README = f"""Findings of Cairn with the evidence behind them.

Verify with:  sha256sum --check SHA256SUMS
Evidence is addressed by scan, account, region and kind of fact. Personal fields read "(personal)".
behind.jsonl names, for each finding, the evidence that its check reads now, of at most
{SHOWN_PLACES} places, and the kinds of facts of which nothing is collected. What could not be
collected, and why, stands in manifests/ under "gaps"; "evidence": null tells of evidence that is no
longer kept.
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
        pack.add("export.json", _json(_provenance(wanted, len(rows))))
        pack.add("findings.jsonl", json_lines({n: r.get(n) for n in FINDING_COLUMNS} for r in rows))
        for row in rows:
            pack.add_finding(row, _behind(row["uid"], wanted, registry, operations), registry)
            told()
        pack.finish(wanted)
    return frozenset(
        Account.objects.filter(
            organization=wanted.organization, account_id__in=pack.accounts
        ).values_list("pk", flat=True)
    )


def _provenance(wanted: Wanted, rows: int) -> dict[str, Any]:
    organization = wanted.organization
    return {
        "organization": {"uid": str(organization.uid), "name": organization.name},
        "asked_by": wanted.user.get_username(),
        "filters": wanted.filters,
        "read_from": of_json(wanted.now),
        "findings": rows,
    }


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
        self._behind: list[dict[str, Any]] = []
        self.accounts: set[str] = set()

    def add(self, name: str, content: bytes) -> None:
        self._write(name, content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name, WRITTEN_AT)
        entry.compress_type = self._zip.compression
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, content)

    def add_finding(self, row: Row, kinds: list[ShardKind], registry: Registry) -> None:
        """What its check reads, and which kinds of it were collected nowhere."""
        for kind in kinds:
            self._add_kind(kind)
        definition = registry.get(row["check_id"])
        needed = set(definition.needs) if definition else set()
        self._behind.append(
            {
                "finding": row["uid"],
                "check": row["check_id"],
                "in_catalogue": definition is not None,
                "behind": ["/".join((*_place(kind), kind.kind)) for kind in kinds],
                "not_collected": sorted(needed - {kind.kind for kind in kinds}),
            }
        )

    def _add_kind(self, kind: ShardKind) -> None:
        shard = _place(kind)
        if kind.kind in self._manifests[shard]:
            return
        self.accounts.add(kind.account)
        name = "/".join((*shard, kind.kind))
        told: dict[str, Any] = {"collected_at": kind.collected_at, "gaps": kind.gaps}
        if kind.facts is not None:
            told["evidence"] = f"evidence/{name}.json"
            self.add(told["evidence"], _json(kind.facts))
        elif not kind.gaps:
            told["evidence"] = None
        if kind.calls:
            told["calls"] = f"calls/{name}.jsonl"
            self.add(told["calls"], json_lines(kind.calls))
        self._manifests[shard][kind.kind] = told

    def finish(self, wanted: Wanted) -> None:
        self.add("behind.jsonl", json_lines(self._behind))
        for shard, kinds in sorted(self._manifests.items()):
            self.add(f"manifests/{'/'.join(shard)}.json", _json(kinds))
        self.add("scans.json", _json(_scans(wanted, {shard[0] for shard in self._manifests})))
        sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._digests.items()))
        self._write("SHA256SUMS", sums.encode())


def _place(kind: ShardKind) -> tuple[str, str, str]:
    """Scan, account and region as parts of a path, which none of them can leave."""
    scan, account, region = (quote(part, safe="").replace("..", "%2E%2E") for part in kind.key[:3])
    return scan, account, region


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
