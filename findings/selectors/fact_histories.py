"""What is kept of facts that tell of a stretch of time."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Mapping

from findings.facts.base import KINDS, Place
from findings.facts.codec import CodecError, decode_pasts
from findings.facts.histories import Past
from findings.models import FactHistory

logger = logging.getLogger(__name__)

Pasts = Mapping[str, Past]
"""By the key of the fact."""


def histories_of(places: Iterable[Place], kinds: Iterable[str]) -> dict[tuple[Place, str], Pasts]:
    """What is kept of these places and kinds; places without anything are left out."""
    wanted = set(places)
    accounts = sorted({place.account for place in wanted})
    found: dict[tuple[Place, str], Pasts] = {}
    for start in range(0, len(accounts), 500):
        rows = FactHistory.objects.filter(
            account__account_id__in=accounts[start : start + 500],
            region__in={place.region for place in wanted},
            kind__in=list(kinds),
        )
        for account, row in (
            (row.account.account_id, row) for row in rows.select_related("account")
        ):
            if (place := Place(account, row.region)) in wanted:
                found[place, row.kind] = pasts_in(row)
    return found


def pasts_in(row: FactHistory) -> dict[str, Past]:
    """Nothing where it has another form by now: AWS's own tale is begun with again."""
    try:
        return decode_pasts(KINDS[row.kind], zlib.decompress(bytes(row.body)))
    except CodecError as error:
        logger.warning("%s is not read: %s", row, error)
        return {}
