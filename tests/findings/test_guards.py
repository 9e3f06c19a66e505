import datetime as dt

import pytest

from findings.guards import NOT_LOOKED, GuardSeen, Look, Verdict, guard_seen
from findings.incident_times import IncidentState, IncidentTimes

CLAIM = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TICK, HOUR = dt.timedelta(microseconds=1), dt.timedelta(hours=1)


def look(passed=1, oldest=CLAIM + TICK, newest=CLAIM + HOUR, **counts):
    return Look(passed=passed, oldest=oldest, newest=newest, **counts)


@pytest.mark.parametrize(
    ("looks", "seen"),
    [
        ([], NOT_LOOKED),
        ([look()], GuardSeen(Verdict.HOLDS, CLAIM + HOUR)),
        ([look(), look(newest=CLAIM + 2 * HOUR)], GuardSeen(Verdict.HOLDS, CLAIM + 2 * HOUR)),
        ([look(oldest=CLAIM)], NOT_LOOKED),
        ([look(), look(oldest=CLAIM)], NOT_LOOKED),
        ([look(), Look()], NOT_LOOKED),
        ([look(), look(oldest=None)], NOT_LOOKED),
        ([look(), look(unknown=1)], NOT_LOOKED),
        ([look(), look(passed=0)], NOT_LOOKED),
        ([look(), look(failed=1)], GuardSeen(Verdict.FAILS, CLAIM + HOUR)),
        ([look(failed=1), Look()], GuardSeen(Verdict.FAILS, CLAIM + HOUR)),
        ([look(failed=1, unknown=1)], GuardSeen(Verdict.FAILS, CLAIM + HOUR)),
        ([look(failed=1, oldest=CLAIM)], NOT_LOOKED),
        ([look(failed=1, oldest=CLAIM), look()], NOT_LOOKED),
    ],
)
def test_a_guard_holds_only_where_all_was_looked_at_after_the_claim(looks, seen):
    assert guard_seen(looks, after=CLAIM) == seen


def test_how_long_the_stages_took():
    times = IncidentTimes(
        started_at=CLAIM,
        detected_at=CLAIM + HOUR,
        acknowledged_at=CLAIM + 3 * HOUR,
        mitigated_at=CLAIM + 4 * HOUR,
    )
    assert times.to_detect == HOUR
    assert times.to_acknowledge == 2 * HOUR
    assert times.to_mitigate == 4 * HOUR
    assert times.to_resolve is None
    assert times.state is IncidentState.MITIGATED
    assert IncidentTimes(started_at=CLAIM).state is IncidentState.ONGOING
    assert IncidentTimes(started_at=CLAIM).to_acknowledge is None
    assert IncidentTimes(started_at=CLAIM, resolved_at=CLAIM).state is IncidentState.RESOLVED
