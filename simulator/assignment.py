"""Which variant of a facet stands where, on which day.

Most places draw by their name. Among the accounts of the default world every variant is then
given a place, so that nothing that a check can meet is missing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.days import ONE_IN, Change, Move, Slot, next_variant, planned_moves
from simulator.facets.base import Facet, Level, Variant
from simulator.organization import SimAccount
from simulator.stable import stable_choice, stable_number


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How one facet stands among the accounts of the default world."""

    first: dict[Slot, Variant]
    moves: dict[Slot, Move]


class Assignment:
    """Answers for one day. `slots` are the collected places of day 1 in the default world."""

    def __init__(
        self,
        *,
        seed: int,
        day: int,
        slots: Sequence[tuple[SimAccount, str]],
        changes: Sequence[Change] = (),
    ) -> None:
        self.seed = seed
        self.day = day
        self._slots = slots
        self._plans: dict[str, Plan] = {}
        self._changes = {
            (change.facet, change.account, change.region): change.variant
            for change in sorted(changes, key=lambda change: change.day)
            if change.day <= day
        }

    def of_region(self, facet: Facet, account: SimAccount, region: str) -> Variant:
        return self._standing(facet, account, (account.id, region))

    def of_account(self, facet: Facet, account: SimAccount) -> Variant:
        return self._standing(facet, account, (account.id, ""))

    def of_organization(self, facet: Facet) -> Variant:
        """There is one place only: the variants take it in turn, day by day."""
        changed = self._changes.get((facet.name, "", ""))
        if changed:
            return facet.variants[changed]
        known = [v for v in facet.variants.values() if v.from_day <= self.day]
        return known[(self.seed + self.day - 2) % len(known)]

    def _standing(self, facet: Facet, account: SimAccount, slot: Slot) -> Variant:
        changed = self._changes.get((facet.name, *slot))
        if changed:
            return facet.variants[changed]
        plan = self._plan(facet)
        first = plan.first.get(slot) or self._drawn(facet, account, slot)
        move = plan.moves.get(slot) or self._drawn_move(facet, first, slot)
        return move.on_day(self.day, first) if move else first

    def _plan(self, facet: Facet) -> Plan:
        if facet.name not in self._plans:
            slots = self._facet_slots(facet)
            first = {slot: self._drawn(facet, account, slot) for slot, account in slots.items()}
            _cover(facet, first, slots)
            self._plans[facet.name] = Plan(
                first=first, moves=planned_moves(facet, list(slots), first)
            )
        return self._plans[facet.name]

    def _facet_slots(self, facet: Facet) -> dict[Slot, SimAccount]:
        """The facet's slots in an order of its own."""
        is_account = facet.level is Level.ACCOUNT
        slots = {(a.id, "" if is_account else region): a for a, region in self._slots}
        return dict(
            sorted(slots.items(), key=lambda item: stable_number(self.seed, facet.name, item[0]))
        )

    def _drawn(self, facet: Facet, account: SimAccount, slot: Slot) -> Variant:
        known = [v for v in facet.variants.values() if v.from_day == 1]
        weights = {v.name: v.weights.get(account.character, 0) for v in known}
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1)
        return facet.variants[stable_choice(weights, self.seed, facet.name, *slot)]

    def _drawn_move(self, facet: Facet, first: Variant, slot: Slot) -> Move | None:
        """A move outside the plan, that is in a larger world."""
        is_planned = slot in self._plan(facet).first
        mark = stable_number(self.seed, facet.name, *slot, "move")
        is_fixed = len(facet.variants) < 2 or facet.followers or first.stays
        if is_planned or mark % ONE_IN or is_fixed:
            return None
        target = next_variant(first)
        return Move(variant=target, returns=bool(mark // ONE_IN % 2) and not target.stays)


def _cover(facet: Facet, first: dict[Slot, Variant], slots: dict[Slot, SimAccount]) -> None:
    """Gives every variant of day 1 that stands nowhere a place of one that stands often."""
    for variant in facet.variants.values():
        if variant.from_day > 1 or variant in first.values():
            continue
        counts = Counter(standing.name for standing in first.values())
        free = [slot for slot in first if counts[first[slot].name] > 1]
        fitting = [slot for slot in free if variant.weights.get(slots[slot].character)]
        for slot in (fitting or free)[:1]:
            first[slot] = variant
