"""Collecting one shard: the facts of one account in one region, or the gaps in their place.

A refused listing costs its kind of fact, a refused detail one field. What was throttled is tried
again at the end. A region that an organization policy denies, that the account has not enabled, or
that no longer answers is left after a few calls, not after one per kind.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import StrEnum

from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Fact, Gap, GapReason
from workers.aws.engine.calls import Call
from workers.aws.engine.door import operation_of
from workers.aws.errors import error_code, gap_of, is_denied_by_policy, reason_of
from workers.aws.sessions import RegionSession
from workers.collectors.base import Registered
from workers.collectors.base import collectors as registered_collectors

OPERATIONS = ("cloudwatch:DescribeAlarms",)
"""The probe: an ordinary regional read that no usual region-deny policy exempts."""

SERVICES_DENIED = 3
SERVICES_DISABLED = 2
IMPORT_ATTEMPTS = 3
"""Two threads that first import the same modules can meet in a circle, which Python ends by handing
one of them a half-made module: a plug-in of botocore or an emulator in this process. Once the other
thread is through, the module is whole."""
GONE = (GapReason.TIMED_OUT, GapReason.UNREACHABLE, GapReason.CREDENTIALS)

logger = logging.getLogger(__name__)

FactsOrGap = tuple[Fact, ...] | Gap


class RegionState(StrEnum):
    """What a region is to an account, as far as the calls of a shard tell."""

    ENABLED = "enabled"
    OPTED_OUT = "opted_out"
    DENIED_BY_POLICY = "denied_by_policy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What one shard is: its facts by kind, sorted by key, or the gap for it."""

    facts: Mapping[str, FactsOrGap]
    calls: tuple[Call, ...]
    region_state: RegionState


class CollectionFailed(Exception):
    """A collector failed on something that no policy or outage explains: a bug to be shown."""

    def __init__(self, kind: str, error: Exception) -> None:
        self.kind = kind
        operation = operation_of(error)
        after = f" by {operation}" if operation else ""
        super().__init__(f"{kind} could not be collected{after}: {type(error).__name__}: {error}")


class DuplicateFacts(Exception):
    """Two different things of one kind have the same key: the fact's identity is wrong."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"two different facts of kind {kind} have the key {key!r}")


def collect(
    session: RegionSession,
    kinds: Iterable[str],
    collectors: Mapping[str, Registered] | None = None,
    *,
    pool: Executor | None = None,
    denied_before: bool = False,
    keep_going: bool = False,
) -> Collection:
    """Collect kinds of facts in one place.

    ``pool`` lets the kinds be collected side by side. ``denied_before`` says that the last scan
    found the region denied by policy: one call then tells whether it still is. ``keep_going`` makes
    a bug in a collector a gap with the reason ``failed``; otherwise CollectionFailed is raised.
    """
    known = registered_collectors() if collectors is None else collectors
    wanted = sorted(set(kinds))
    if missing := [kind for kind in wanted if kind not in known]:
        raise LookupError(f"no collector collects {', '.join(missing)}")
    shard = _Shard(session, known, keep_going)
    if denied_before:
        shard.probe()
    found = shard.collect(wanted, pool)
    if again := [kind for kind in wanted if shard.was_throttled(kind, found[kind])]:
        found = {**found, **shard.collect_again(again, found, pool)}
    return Collection(
        facts=found, calls=tuple(session.calls), region_state=shard.state_after(found)
    )


@dataclass
class _Shard:
    """The collection while it runs; its kinds may run in several threads."""

    session: RegionSession
    known: Mapping[str, Registered]
    keep_going: bool
    state: RegionState = RegionState.ENABLED
    has_answered: bool = False
    is_probed: bool = False
    denied: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)

    def collect(self, kinds: list[str], pool: Executor | None) -> dict[str, FactsOrGap]:
        """One kind after another until the region has answered, then side by side in the pool."""
        waiting = self._in_turn(kinds)
        found: dict[str, FactsOrGap] = {}
        while waiting:
            kind = waiting.pop(0)
            found[kind] = self._collect_kind(kind)
            if pool is not None and not _is_about_region(found[kind]):
                break
        if pool is not None:
            running = {
                kind: pool.submit(copy_context().run, self._collect_kind, kind) for kind in waiting
            }
            found |= {kind: future.result() for kind, future in running.items()}
        return found

    def _in_turn(self, kinds: list[str]) -> list[str]:
        """One kind of each service first, those that need few operations before others."""
        by_size = sorted(kinds, key=lambda kind: (len(self.known[kind].operations), kind))
        first = {_service(self.known[kind].operations[0]): kind for kind in reversed(by_size)}
        return sorted(by_size, key=lambda kind: kind not in first.values())

    def collect_again(
        self, kinds: list[str], before: Mapping[str, FactsOrGap], pool: Executor | None
    ) -> dict[str, FactsOrGap]:
        """The second attempt, unless it knows less than the first."""
        self.session.throttled.clear()
        again = self.collect(kinds, pool)
        return {
            kind: before[kind] if isinstance(found, Gap) else found for kind, found in again.items()
        }

    def was_throttled(self, kind: str, found: FactsOrGap) -> bool:
        is_gap = isinstance(found, Gap) and found.reason is GapReason.THROTTLED
        return is_gap or kind in self.session.throttled

    def _collect_kind(self, kind: str) -> FactsOrGap:
        if self.state is RegionState.DENIED_BY_POLICY:
            return Gap(kind=kind, reason=GapReason.DENIED_BY_POLICY, operation=OPERATIONS[0])
        if self.state is RegionState.OPTED_OUT:
            return Gap(kind=kind, reason=GapReason.REGION_DISABLED)
        try:
            found = self._call_collector(kind)
        except Exception as error:
            return self._gap(kind, error)
        self.has_answered = True
        return found

    def _call_collector(self, kind: str) -> tuple[Fact, ...]:
        with self.session.collecting(kind):
            for _ in range(IMPORT_ATTEMPTS - 1):
                with suppress(ImportError):
                    return _sorted(kind, self.known[kind].function(self.session))
            return _sorted(kind, self.known[kind].function(self.session))

    def _gap(self, kind: str, error: Exception) -> Gap:
        if reason_of(error) is None:
            return self._bug(kind, error)
        gap = gap_of(kind, error)
        if self.session.region not in (AWS_GLOBAL, AWS_ORGANIZATION):
            self._learn(gap, error)
        return gap

    def _bug(self, kind: str, error: Exception) -> Gap:
        failed = CollectionFailed(kind, error)
        if not self.keep_going:
            raise failed from error
        logger.warning("%s", failed)
        logger.debug("%s", kind, exc_info=error)
        return Gap(
            kind=kind,
            reason=GapReason.FAILED,
            operation=operation_of(error),
            code=error_code(error),
        )

    def _learn(self, gap: Gap, error: Exception) -> None:
        """What a refusal says of the whole region."""
        service = _service(gap.operation)
        if is_denied_by_policy(error):
            self.denied.add(service)
            if len(self.denied) >= SERVICES_DENIED and not self.is_probed:
                self.probe()
        elif gap.reason is GapReason.REGION_DISABLED:
            self.disabled.add(service)
            if len(self.disabled) >= SERVICES_DISABLED and not self.has_answered:
                self.state = RegionState.OPTED_OUT

    def probe(self) -> None:
        """One call that tells whether an organization policy denies the region.

        One that is throttled or not answered tells nothing, and the next refusal asks again.
        """
        try:
            with self.session.collecting("probe"):
                self.session.client("cloudwatch").describe_alarms(MaxRecords=1)
            self.is_probed = True
        except Exception as error:
            reason = reason_of(error)
            if reason is None:
                raise
            self.is_probed = reason not in (GapReason.THROTTLED, *GONE)
            if is_denied_by_policy(error):
                self.state = RegionState.DENIED_BY_POLICY

    def state_after(self, found: Mapping[str, FactsOrGap]) -> RegionState:
        if self.state is not RegionState.ENABLED or not found:
            return self.state
        reasons = {gap.reason if isinstance(gap, Gap) else None for gap in found.values()}
        if reasons == {GapReason.REGION_DISABLED}:
            return RegionState.OPTED_OUT
        return RegionState.UNREACHABLE if reasons <= set(GONE) else RegionState.ENABLED


def _is_about_region(found: FactsOrGap) -> bool:
    """Whether an answer may be that of the whole region, and not of one service."""
    about = (GapReason.DENIED_BY_POLICY, GapReason.REGION_DISABLED, *GONE)
    return isinstance(found, Gap) and found.reason in about


def _service(operation: str) -> str:
    return operation.partition(":")[0]


def _sorted(kind: str, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts by key; a page that AWS lists twice while it changes counts once."""
    by_key: dict[str, Fact] = {}
    for fact in facts:
        if by_key.setdefault(fact.key, fact) != fact:
            raise DuplicateFacts(kind, fact.key)
    return tuple(by_key[key] for key in sorted(by_key))
