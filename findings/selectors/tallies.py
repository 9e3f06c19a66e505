"""How much of scans is done, as far as a person may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Sum

from accounts.access import reach_of
from findings.models import Scan, Shard

State = Shard.State
_NOT_COLLECTED = (State.FAILED, State.PARTIAL, State.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Numbers of shards by state, of calls to AWS, and of facts."""

    shards: Mapping[str, int] = field(default_factory=dict)
    api_calls: int = 0
    facts: int = 0

    @property
    def total(self) -> int:
        return sum(self.shards.values())

    @property
    def done(self) -> int:
        return self.total - sum(self.shards.get(state, 0) for state in Shard.OPEN)

    @property
    def not_collected(self) -> int:
        """Shards that a retry would collect again."""
        return sum(self.shards.get(state, 0) for state in _NOT_COLLECTED)


def tallies_of(scans: Sequence[Scan], user: User | AnonymousUser) -> dict[int, Tally]:
    """The tallies by the scans' internal ids.

    The one that was stored at a scan's end counts every account, so it is only for those who see
    the whole organization; for others, and while the scan is under way, the shards are counted.
    """
    reach = reach_of(user)
    stored = {
        scan.pk: _stored(scan)
        for scan in scans
        if scan.state in (Scan.State.FINISHED, Scan.State.PARTIAL, Scan.State.FAILED)
        and reach.covers_organization(scan.organization)
    }
    rest = [scan.pk for scan in scans if scan.pk not in stored]
    return stored | (_counted(rest, user) if rest else {})


def _stored(scan: Scan) -> Tally:
    shards = {
        State.COLLECTED: scan.collected_shards,
        State.PARTIAL: scan.partial_shards,
        State.FAILED: scan.failed_shards,
        State.OUT_OF_SCOPE: scan.out_of_scope_shards,
    }
    return Tally(
        shards={state.value: number for state, number in shards.items() if number},
        api_calls=scan.api_calls,
        facts=scan.facts,
    )


def _counted(scans: Sequence[int], user: User | AnonymousUser) -> dict[int, Tally]:
    shards = Shard.objects.filter(scan__in=scans).visible_to(user).order_by()
    rows = shards.values_list("scan_id", "state").annotate(
        Count("pk"), Sum("api_calls"), Sum("facts")
    )
    tallies = {scan: Tally() for scan in scans}
    for scan, state, number, calls, facts in rows:
        before = tallies[scan]
        tallies[scan] = Tally(
            shards={**before.shards, state: number},
            api_calls=before.api_calls + calls,
            facts=before.facts + facts,
        )
    return tallies
