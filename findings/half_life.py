"""How much a dated statement counts as it ages; pure."""

from __future__ import annotations

from datetime import datetime, timedelta


def weight_at(
    now: datetime, *, starts_at: datetime, ends_at: datetime, half_life: timedelta
) -> float:
    """Between 0 and 1: 1 at its start, half of that after each half-life, 0 from its end on.

    Before its start it counts for nothing; nobody has to do anything for it to lapse.
    """
    if not starts_at <= now < ends_at:
        return 0.0
    return float(0.5 ** ((now - starts_at) / half_life))
