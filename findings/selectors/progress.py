"""How far a scan is, by account and region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from accounts.models import Account
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import Scan, ScanAccount, Shard


@dataclass(frozen=True, slots=True)
class Line:
    """One account of a scan: its shards in the order of the regions, None where it has none."""

    account: Account
    reason: str
    shards: list[Shard | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a person may see of a scan. Counts are of shards."""

    regions: list[str]
    lines: list[Line]
    total: int
    done: int
    failed: int
    api_calls: int


def progress_of(scan: Scan, user: User | AnonymousUser) -> Progress:
    shards = list(Shard.objects.filter(scan=scan).visible_to(user).order_by("region"))
    places = {(shard.account_id, shard.region): shard for shard in shards}
    regions = sorted({shard.region for shard in shards}, key=_pseudo_regions_last)
    accounts = ScanAccount.objects.filter(scan=scan).visible_to(user).select_related("account")
    return Progress(
        regions=regions,
        lines=[_line(member, regions, places) for member in accounts],
        total=len(shards),
        done=sum(shard.state not in Shard.OPEN for shard in shards),
        failed=sum(shard.state in RETRIED for shard in shards),
        api_calls=sum(shard.api_calls for shard in shards),
    )


RETRIED = (Shard.State.FAILED, Shard.State.PARTIAL, Shard.State.CANCELLED)


def _line(member: ScanAccount, regions: list[str], places: Mapping[tuple[int, str], Shard]) -> Line:
    shards = [places.get((member.account_id, region)) for region in regions]
    return Line(member.account, member.error, shards)


def _pseudo_regions_last(region: str) -> tuple[int, str]:
    return [AWS_GLOBAL, AWS_ORGANIZATION].index(region) + 1 if region.startswith(
        "aws-"
    ) else 0, region
