"""Every collector and check against the simulated organization, which is collected once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice, product

import pytest

from findings.checks.base import Result, built_in, kinds_of
from findings.facts.base import Evidence, Gap, Place, Scope
from findings.facts.codec import encode_blob, encode_observation
from simulator.answers import Answer, Subject, key, not_collected
from simulator.world import World
from tests.direct import serve_directly
from tests.workers.collectors.simulated import Scanner
from workers.collectors.base import collectors, in_batches

Pair = tuple[str | None, str | None]
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = kinds_of(built_in().values())
OPERATIONS = sorted({name for kind in KINDS for name in collectors()[kind].operations})
UNDECISIVE = {
    "cloudformation:DescribeStackResourceDrifts",  # messages tell them; no default needs them
    "cloudfront:ListDistributions",  # one of several ways to be reached, where others show one
    "elb:DescribeLoadBalancers",
    "elbv2:DescribeLoadBalancers",
    "health:DescribeEvents",  # where the organization's events cannot be asked for
}
"""Operations whose answers may decide nothing in this world."""
OTHERWISE_NAMED = {
    "elb:DescribeLoadBalancers",  # IAM knows one action for both generations
    "s3:GetBucketPolicy",  # tells whether a bucket is a trail's; else it is not listed
}
"""Operations whose denial leaves a gap of another name."""
MOVING = {"xray_insights_resolved"}  # AWS tells of insights for 30 days only
STEADY = [
    c for c, definition in built_in().items() if not definition.reads_volatile and c not in MOVING
]
"""Checks whose facts are the same until something changes: only time turns their outcomes."""


@dataclass
class Collected:
    """The world, all that can be collected of it, and what is judged of that."""

    world: World
    scanner: Scanner
    evidence: Evidence
    now: datetime
    """An instant after all of it was collected."""

    @cached_property
    def statuses(self) -> dict[Subject, str]:
        """What every check says of all that was collected."""
        return statuses(self.scanner.judge_gathered(self.evidence, built_in(), self.now))

    def differences(self, checks: Iterable[str], now: datetime) -> dict[Subject, Pair]:
        """What is judged otherwise than the key says: (key, scan)."""
        results = self.scanner.judge_gathered(self.evidence, checks, now)
        excused = {subject for subject, result in results.items() if self._is_denied(result)}
        said, expected = statuses(results), self.expected(checks, now)
        return {
            subject: (expected.get(subject), said.get(subject))
            for subject in (expected.keys() | said.keys()) - excused
            if expected.get(subject) != said.get(subject)
        }

    def _is_denied(self, result: Result) -> bool:
        """Whether the world itself refuses an operation that the result needs."""
        return any((result.account, gap.operation) in self._refused for gap in result.gaps)

    @cached_property
    def _refused(self) -> set[tuple[str, str]]:
        return {(entry.account, entry.operation) for entry in not_collected(self.world)}

    def expected(self, checks: Iterable[str], now: datetime) -> dict[Subject, str]:
        wanted = set(checks)
        return {s: a.at(now) for s, a in self.answers.items() if s.check in wanted}

    @cached_property
    def answers(self) -> dict[Subject, Answer]:
        return key(self.world)


@pytest.fixture(scope="module")
def collected() -> Iterator[Collected]:
    world = World(epoch=EPOCH)
    with serve_directly(world) as url:
        scanner = Scanner(world, url)
        yield Collected(world, scanner, scanner.gather(built_in()), world.clock())


def test_the_world_is_judged_as_its_key_says(collected):
    assert collected.differences(built_in(), collected.now) == {}


@pytest.mark.parametrize("days", [8, 30, 100])
def test_time_alone_turns_what_the_key_says_and_nothing_else(collected, days):
    later = collected.now + timedelta(days=days)
    assert collected.differences(STEADY, later) == {}
    assert collected.expected(STEADY, later) != collected.expected(STEADY, collected.now)


def test_every_check_passes_somewhere_and_fails_somewhere(collected):
    """By the key, on one of three days, then or a month later."""
    others = [key(World(epoch=EPOCH, day=day)) for day in (2, 3)]
    expected = {
        (subject.check, answer.at(EPOCH + timedelta(days=later)))
        for answers in (collected.answers, *others)
        for subject, answer in answers.items()
        for later in (0, 30)
    }
    wanted = set(product(built_in(), ("pass", "fail")))
    assert sorted(wanted - expected) == []


def test_what_moves_by_itself_is_in_no_blob(collected):
    """A second reading a little later: the same blobs, other observations."""
    accounts = {place.account for place in list(collected.evidence.shards)[:24]}
    places = [place for place in collected.evidence.shards if place.account in accounts]
    collected.world.set_clock(EPOCH + timedelta(minutes=40))
    try:
        again = {place: collected.scanner.collect_at(place, KINDS) for place in places}
    finally:
        collected.world.set_clock(EPOCH)
    before = {place: collected.evidence.shards[place] for place in places}
    assert encoded(encode_blob, before) == encoded(encode_blob, again)
    assert encoded(encode_observation, before) != encoded(encode_observation, again)


def encoded(encode, shards):
    return {
        (place, kind): encode(KINDS[kind], facts)
        for place, found in shards.items()
        for kind, facts in found.items()
        if not isinstance(facts, Gap)
    }


def called_by(kind: str) -> set[str]:
    """What the collector of a kind reads, and by what it sees that nothing need be read."""
    return {*collectors()[kind].operations, *collectors()[kind].gates}


def test_a_denied_operation_leaves_unknown_what_reads_it_and_nothing_else(collected):
    wrong = [
        f"{name}: {told}" for name in OPERATIONS if (told := misjudged_without(name, collected))
    ]
    assert OPERATIONS
    assert not wrong, "\n".join(wrong)


def misjudged_without(operation: str, collected: Collected) -> str:
    """What a denied operation does beside its work; empty where it does that alone."""
    kinds = {k: fact for k, fact in KINDS.items() if operation in called_by(k)}
    readers = [check for check, d in built_in().items() if kinds.keys() & d.needs.keys()]
    tried = 2 if operation in UNDECISIVE else None
    changed: dict[Subject, Result] = {}
    for places in islice(in_batches(places_of(collected, kinds), 3), tried):
        evidence = refused_at(collected, operation, places, kinds)
        after = judged_again(collected, evidence, readers, {place.account for place in places})
        before = collected.statuses
        changed = {s: result for s, result in after.items() if result.status != before.get(s)}
        if changed:
            break
    if not changed and operation not in UNDECISIVE:
        return "changes nothing"
    judged = {s: str(result.status) for s, result in changed.items() if result.status != "unknown"}
    unnamed = [s for s, r in changed.items() if operation not in {gap.operation for gap in r.gaps}]
    if judged or (unnamed and operation not in OTHERWISE_NAMED):
        return f"judged {judged}, without its gap {unnamed}"
    return ""


def judged_again(
    collected: Collected, evidence: Evidence, checks: Iterable[str], accounts: set[str]
) -> dict[Subject, Result]:
    """What checks say where evidence of some accounts is another: the rest cannot differ."""
    wide = [c for c in checks if built_in()[c].stage is Scope.ORGANIZATION]
    narrow = [c for c in checks if c not in wide]
    there = [place for place in evidence.shards if place.account in accounts]
    judge = collected.scanner.judge_gathered
    return {
        **judge(evidence, wide, collected.now),
        **judge(evidence, narrow, collected.now, places=there),
    }


def statuses(results: dict[Subject, Result]) -> dict[Subject, str]:
    return {subject: str(result.status) for subject, result in results.items()}


def refused_at(collected: Collected, operation: str, places, kinds) -> Evidence:
    """The evidence as it were if some places had refused an operation.

    It is read at the time of the rest: nothing is judged as of an instant before it was read.
    """
    collected.world.set_clock(EPOCH)
    collected.world.faults.set([f"access_denied:{operation}"])
    try:
        refused = {place: collected.scanner.collect_at(place, kinds) for place in places}
    finally:
        collected.world.faults.set([])
    shards = collected.evidence.shards
    return Evidence({place: {**shards[place], **refused.get(place, {})} for place in shards})


def places_of(collected: Collected, kinds) -> list[Place]:
    """The places where the kinds are collected, those with most to read of them first."""

    def size(place: Place) -> int:
        found = collected.evidence.shards[place]
        return sum(
            len(found.get(kind, ())) for kind in kinds if not isinstance(found.get(kind), Gap)
        )

    read = [p for p in collected.evidence.shards if kinds.keys() & collected.evidence.shards[p]]
    return sorted(read, key=lambda place: (-size(place), place))
