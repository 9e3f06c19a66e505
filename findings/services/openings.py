"""Why a finding opens, and whose clock it inherits."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from findings.checks.base import Definition
from findings.facts.base import KINDS
from findings.models import CloseCause, Episode, Evaluation, OpenCause, Scan, ScanAccount, Shard
from findings.packing import Entries, unpack_facts, unpack_manifest
from findings.services.evidence import blob_bodies

SUCCESSION = timedelta(days=14)
BASELINE_GRACE = timedelta(days=30)
_SHARDS_BACK = 5

Key = tuple[str, int, str]
"""Check id, pk of the account, region."""


class Baselines:
    """Accounts whose first scan this is, as pks: read when something opens, which is rare."""

    def __init__(self, members: QuerySet[ScanAccount]) -> None:
        self._first = members.filter(is_baseline=True)

    @cached_property
    def _accounts(self) -> frozenset[int]:
        return frozenset(self._first.order_by().values_list("account_id", flat=True))

    def __contains__(self, account: object) -> bool:
        return account in self._accounts


@dataclass(frozen=True, kw_only=True)
class Background:
    """What was known before this evaluation, against which new failures are explained."""

    previous: Evaluation | None
    versions: Mapping[str, str]
    """Check id -> version, digest of parameters and of tools that stand in, as they are now."""
    context: str
    baselines: Container[int]
    """Pks of accounts whose first scan this is."""
    scan: Scan | None
    accounts: Mapping[int, str]
    """Pk -> AWS account id."""
    memory: dict[tuple[int, str], Past] = field(default_factory=dict)

    def rule_changes(self) -> dict[str, CloseCause]:
        """Checks that ask something else than at the last evaluation: of another version, with
        other parameters, or, over the evidence there was, of accounts that are told otherwise.
        """
        previous = self.previous
        before = previous.check_set.body if previous else {}
        is_told_otherwise = (
            self.scan is None and previous is not None and previous.context != self.context
        )
        changes = {}
        for check, now in self.versions.items():
            version, parameters, _ = _parts_of(now)
            then_version, then_parameters, _ = _parts_of(before.get(check, now))
            if version != then_version:
                changes[check] = CloseCause.CHECK_CHANGED
            elif parameters != then_parameters or is_told_otherwise:
                changes[check] = CloseCause.OUT_OF_SCOPE
        return changes

    def past(self, account: int, region: str) -> Past:
        """What earlier scans had collected at a place."""
        key = (account, region)
        if key not in self.memory:
            self.memory[key] = Past(account, region, self.scan)
        return self.memory[key]


class Past:
    """The evidence of a place before a scan; without a scan, the newest."""

    def __init__(self, account: int, region: str, scan: Scan | None) -> None:
        earlier = Shard.objects.filter(account=account, region=region).exclude(manifest=None)
        if scan is not None:
            earlier = earlier.filter(scan__lt=scan.pk)
        self._shards = earlier.select_related("manifest").order_by("-id")[:_SHARDS_BACK]

    @cached_property
    def _manifests(self) -> list[Entries]:
        return [unpack_manifest(bytes(s.manifest.body)) for s in self._shards if s.manifest]

    def keys(self, kind: str) -> set[str] | None:
        """The keys that were listed; None where the listing was not known."""
        entries = next((found[kind] for found in self._manifests if kind in found), None)
        if entries is None or entries.gap:
            return None
        body = blob_bodies([entries.blob]).get(entries.blob)
        return None if body is None else {fact.key for fact in unpack_facts(kind, body)}

    def knows(self, kinds: Iterable[str]) -> bool:
        """Whether all of these kinds that belong to the place were known."""
        return all(self.keys(kind) is not None for kind in kinds)


def open_cause(
    *, definition: Definition, account: int, region: str, resource: str, background: Background
) -> OpenCause:
    """Why a thing that has no finding fails now."""
    if account in background.baselines:
        return OpenCause.FIRST_COLLECTED
    past = background.past(account, region)
    if definition.check.resource is not None:
        keys = past.keys(definition.check.resource.kind)
        if keys is not None and resource not in keys:
            return OpenCause.NEW_RESOURCE
    previous = background.previous
    if previous is None or place_label(definition.id, region, previous) in previous.not_yet_known:
        return OpenCause.FIRST_COLLECTED
    return _cause_of_change(definition, past, previous, background)


def place_label(check: str, region: str, evaluation: Evaluation) -> str:
    """How an evaluation names a check at one of its places."""
    return check if region == evaluation.region else f"{check}@{region}"


def _cause_of_change(
    definition: Definition, past: Past, previous: Evaluation, background: Background
) -> OpenCause:
    before = previous.check_set.body.get(definition.id)
    now = background.versions[definition.id]
    if before is None:
        own = [kind for kind, scope in definition.needs.items() if KINDS[kind].scope == scope]
        return OpenCause.CHECK_CHANGED if past.knows(own) else OpenCause.FIRST_COLLECTED
    (version, parameters, tools), (new_version, new_parameters, new_tools) = map(
        _parts_of, (before, now)
    )
    if version != new_version:
        return OpenCause.CHECK_CHANGED
    if parameters != new_parameters:
        return OpenCause.PARAMETER_CHANGED
    if tools != new_tools or previous.context != background.context:
        return OpenCause.SCOPE_CHANGED
    return OpenCause.NEWLY_FAILING


def _parts_of(told: str) -> tuple[str, str, str]:
    """Version of a check, digest of its parameters, digest of tools that stand in for it."""
    version, _, rest = told.partition(":")
    parameters, _, tools = rest.partition(":")
    return version, parameters, tools


def predecessors(*, keys: Iterable[Key], now: datetime) -> dict[Key, list[Episode]]:
    """Episodes whose resource went lately and that nothing succeeded, longest clock first."""
    wanted = set(keys)
    found: dict[Key, list[Episode]] = {}
    if not wanted:
        return found
    ended = Episode.objects.filter(
        finding__check_id__in={check for check, _, _ in wanted},
        finding__account__in={account for _, account, _ in wanted},
        close_cause=CloseCause.RESOURCE_GONE,
        closed_at__gte=now - SUCCESSION,
        successors=None,
    ).select_related("finding")
    for episode in ended.order_by("clock_starts_at"):
        finding = episode.finding
        key = (finding.check_id, finding.account_id, finding.region)
        if key in wanted:
            found.setdefault(key, []).append(episode)
    return found
