"""When a call to a tracker is tried again (pure)."""

from __future__ import annotations

from datetime import timedelta

PLAN = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the attempt before each attempt waits; then it is a dead letter."""
JITTER = 0.1
"""At most so much of a wait is added, so that what failed together does not return together."""


def wait_before(attempt: int, *, chance: float, retry_after: timedelta | None) -> timedelta | None:
    """How long until the attempt of this number, the first being 0; None: a dead letter.

    ``chance`` is from 0 to 1, and given. What the tracker asks for is waited for, however long;
    that alone never makes a dead letter sooner.
    """
    if attempt >= len(PLAN):
        return None
    planned = PLAN[attempt] * (1 + JITTER * chance)
    return max(planned, retry_after or timedelta(0))
