"""How far a scan is, by account and region."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from accounts.models import Account
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import Scan, ScanAccount, Shard

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One account of a scan: its shards in the order of the regions, None where it has none.

    ``reason`` says why the account could not be entered.
    """

    account: Account
    reason: str
    shards: list[Shard | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The accounts and regions of a scan that a person may see, one page of accounts at a time."""

    regions: list[str]
    lines: list[Line]
    next_position: int | None
    """Where the next page begins; None on the last."""


def grid_of(
    scan: Scan,
    user: User | AnonymousUser,
    *,
    start: int = 0,
    only: Collection[int] | None = None,
) -> Grid:
    """Accounts from a position in the order of the scan; ``only`` limits them (internal ids)."""
    shards = Shard.objects.filter(scan=scan).visible_to(user)
    members = ScanAccount.objects.filter(scan=scan, position__gte=start).visible_to(user)
    if only is not None:
        shards, members = shards.filter(account__in=only), members.filter(account__in=only)
    regions = shards.order_by().values_list("region", flat=True).distinct()
    ordered = sorted(regions, key=lambda region: (region in _PSEUDO_REGIONS, region))
    found = list(members.select_related("account").order_by("position")[: PAGE + 1])
    page, rest = found[:PAGE], found[PAGE:]
    return Grid(
        regions=ordered,
        lines=_lines(page, ordered, shards.filter(account__in=[m.account_id for m in page])),
        next_position=rest[0].position if rest else None,
    )


_PSEUDO_REGIONS = (AWS_GLOBAL, AWS_ORGANIZATION)


def _lines(
    members: Sequence[ScanAccount], regions: Sequence[str], shards: Collection[Shard]
) -> list[Line]:
    places: Mapping[tuple[int, str], Shard] = {(s.account_id, s.region): s for s in shards}
    return [
        Line(
            account=member.account,
            reason=member.error or member.access.replace("_", " "),
            shards=[places.get((member.account_id, region)) for region in regions],
        )
        for member in members
    ]
