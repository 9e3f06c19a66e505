"""Facts of pages: what called somebody in the last 30 days, and when somebody reacted."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class Page(
    Fact,
    kind="pages.page",
    identity=("id",),
    volatile=("reacted_at", "is_exact"),
):
    """An operational item or an incident; ``source`` is what made it.

    ``reacted_at`` is when somebody first reacted, if ``is_exact``; otherwise somebody had reacted
    by then. It is None as long as nobody has.
    """

    id: str
    source: str | None
    began_at: datetime
    reacted_at: datetime | None
    is_exact: bool
