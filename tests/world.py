"""What the scan of the simulated organization says otherwise than its answer key.

``python -m tests.world`` compares every check on each of the days and a month later;
``python -m tests.world CHECK ...`` only those named. Exit code 1 when anything differs.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from findings.checks.base import built_in
from simulator.answers import Key, Subject, key, not_collected
from simulator.world import World
from tests.direct import serve_directly
from tests.workers.collectors.simulated import Scanner

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = ((1, 0), (1, 30), (2, 0), (3, 0))
"""Days of the world, and by how many days the clock is ahead of it."""

LONG_SCAN = timedelta(minutes=30)


class Difference(NamedTuple):
    """A subject, and what key and scan say of it; None where one says nothing."""

    subject: Subject
    expected: str | None
    said: str | None


def differences(world: World, checks: Sequence[str]) -> Iterator[Difference]:
    """Of what can be collected: denied operations and accounts excuse an unknown.

    All is judged at the end of a scan that has taken its time.
    """
    with serve_directly(world) as url:
        scanner = Scanner(world, url)
        evidence = scanner.gather(checks)
        world.set_clock(world.clock() + LONG_SCAN)
        results = scanner.judge_gathered(evidence, checks, world.clock())
    denied = {(gap.account, gap.operation) for gap in not_collected(world) if gap.operation}
    answers = {s: a.at(world.clock()) for s, a in key(world).items() if s.check in checks}
    for subject in sorted(answers.keys() | results.keys()):
        result = results.get(subject)
        if result and any((subject.account, gap.operation) in denied for gap in result.gaps):
            continue
        said = str(result.status) if result else None
        if said != answers.get(subject):
            yield Difference(subject, answers.get(subject), said)


def missing_statuses(answers: Key, checks: Sequence[str]) -> Iterator[str]:
    """Checks that nowhere pass or nowhere fail."""
    found = {(subject.check, answer.status) for subject, answer in answers.items()}
    for check in checks:
        for status in ("pass", "fail"):
            if (check, status) not in found:
                yield f"{check}: no {status}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.world", description=__doc__)
    parser.add_argument("checks", nargs="*", help="ids of checks; all when none is named")
    checks = parser.parse_args(arguments).checks or list(built_in())
    if unknown := set(checks) - set(built_in()):
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    found = 0
    for day, later in TIMES:
        world = World(epoch=EPOCH, day=day)
        world.set_clock(EPOCH + timedelta(days=later))
        for difference in differences(world, checks):
            found += 1
            print(f"day {day} + {later}", *difference)
    told = list(missing_statuses(key(World(epoch=EPOCH)), checks))
    print(*told, f"{len(checks)} checks, {found} differences", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    sys.exit(main(sys.argv[1:]))
