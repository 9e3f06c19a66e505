"""What changes from day to day.

On day 2 each facet moves on to another variant in some places, and on day 3 every other of them
moves back: everything breaks somewhere, is fixed, and breaks again. Only what has happened stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.facets.base import Facet, Variant

ONE_IN = 10  # places of a facet that move
LEAST_MOVES = 4

Slot = tuple[str, str]  # account id and region; the region is "" at account level


@dataclass(frozen=True, kw_only=True)
class Change:
    """From `day` on the facet stands as `variant` in this place, whatever else is planned.

    `region` is "" for a facet of account level, and `account` too for one of the organization.
    """

    day: int
    facet: str
    variant: str
    account: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A place whose facet stands otherwise from day 2 on, or on day 2 alone."""

    variant: Variant
    returns: bool

    def on_day(self, day: int, first: Variant) -> Variant:
        is_moved = day == 2 or (day > 2 and not self.returns)
        return self.variant if is_moved else first


def planned_moves(
    facet: Facet, slots: Sequence[Slot], first: Mapping[Slot, Variant]
) -> dict[Slot, Move]:
    """The moves among `slots`, which stand as `first` on day 1.

    They are taken from each variant in turn, so that moves away from every variant occur; those
    variants that wait for day 2 are moved to before any other. What happened is continued once.
    """
    if facet.followers:
        return _continued(facet, slots, first)
    if len(facet.variants) < 2:
        return {}
    waiting = [variant for variant in facet.variants.values() if variant.from_day == 2]
    count = max(LEAST_MOVES, len(slots) // ONE_IN, len(waiting))
    moves: dict[Slot, Move] = {}
    movable = [slot for slot in _in_turn(slots, first) if not first[slot].stays]
    for index, slot in enumerate(movable[:count]):
        target = waiting[index] if index < len(waiting) else next_variant(first[slot])
        moves[slot] = Move(variant=target, returns=index % 2 == 0 and not target.stays)
    return moves


def _continued(
    facet: Facet, slots: Sequence[Slot], first: Mapping[Slot, Variant]
) -> dict[Slot, Move]:
    by_name = {first[slot].name: slot for slot in reversed(slots)}
    return {
        by_name[name]: Move(variant=follower, returns=False)
        for name, follower in facet.followers.items()
        if name in by_name
    }


def next_variant(variant: Variant) -> Variant:
    """The variant declared after this one, cyclically, that may stand on day 2."""
    known = [other for other in variant.facet.variants.values() if other.from_day <= 2]
    return known[(known.index(variant) + 1) % len(known)]


def _in_turn(slots: Sequence[Slot], first: Mapping[Slot, Variant]) -> list[Slot]:
    """The slots reordered: one of each variant, then a second one of each, and so on."""
    seen: dict[str, int] = {}
    ranked = []
    for slot in slots:
        rank = seen[first[slot].name] = seen.get(first[slot].name, -1) + 1
        ranked.append((rank, slot))
    return [slot for _, slot in sorted(ranked, key=lambda pair: pair[0])]
