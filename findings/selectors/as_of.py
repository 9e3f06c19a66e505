"""What was open, claimed, suppressed and collected at an instant, from what the rows remember.

Episodes and claims are kept for good. What was collected is told by shards, which retention deletes
after a while: of an instant before the oldest that is kept it says that nothing was collected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.models import Account, Membership, OrganizationalUnit
from findings.checks.base import Definition, Registry
from findings.facts.base import KINDS, Place, is_collected_at
from findings.foresight import Judged, Opened, Span, Standing, judge, spans_of
from findings.models import (
    Episode,
    FindingEvent,
    Manifest,
    Scan,
    Shard,
    SuppressedFinding,
    Workflow,
)
from findings.packing import Entries, unpack_manifest

LOOKED_BACK = timedelta(days=45)
"""How far before the instant shards are read; what was not looked at for so long is not known."""
EVERY_REGION = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known of a check in an account; in one region, or in all where none had opened."""

    check: str
    account: Account
    ou: OrganizationalUnit | None
    region: str
    judged: Judged


def episodes_as_of(accounts: Iterable[Account], at: datetime) -> QuerySet[Episode]:
    """The episodes that were open, each from its opening until, but without, its close."""
    open_then = Q(closed_at=None) | Q(closed_at__gt=at)
    found = Episode.objects.filter(open_then, opened_at__lte=at, finding__account__in=accounts)
    return found.select_related("finding__account")


def ou_as_of(account: Account, at: datetime) -> OrganizationalUnit | None:
    """The OU in which an account was; None at the root, and where it was no member."""
    row = _memberships(account, at).select_related("ou").first()
    return row.ou if row else None


def _memberships(account: Account, at: datetime) -> QuerySet[Membership]:
    ended = Q(ended_at=None) | Q(ended_at__gt=at)
    return Membership.objects.filter(ended, account=account, started_at__lte=at)


def known_as_of(
    *,
    accounts: Collection[Account],
    checks: Collection[str],
    at: datetime,
    registry: Registry,
) -> list[Known]:
    """How each check stood at an instant in each account, by region where something was open."""
    opened = _opened(list(episodes_as_of(accounts, at).filter(finding__check_id__in=checks)))
    found: list[Known] = []
    for account in accounts:
        looks = _Looks(account, at)
        ou = ou_as_of(account, at)
        for check in checks:
            regions = opened.get((check, account.pk)) or {EVERY_REGION: []}
            checked, collected = looks.spans(registry.get(check), check)
            for region, of_place in sorted(regions.items()):
                standing = Standing(opened=of_place, checked=checked, collected=collected)
                found.append(
                    Known(
                        check=check,
                        account=account,
                        ou=ou,
                        region=region,
                        judged=judge(at, standing),
                    )
                )
    return found


def _opened(episodes: list[Episode]) -> dict[tuple[str, int], dict[str, list[Opened]]]:
    """(check, account) -> region -> what was open, with its claims and suppressions."""
    claimed = _claims([episode.pk for episode in episodes])
    covered = _suppressed([episode.pk for episode in episodes])
    found: defaultdict[tuple[str, int], dict[str, list[Opened]]] = defaultdict(dict)
    for episode in episodes:
        finding = episode.finding
        of_place = found[finding.check_id, finding.account_id].setdefault(finding.region, [])
        of_place.append(
            Opened(
                span=Span(episode.opened_at, episode.closed_at),
                claimed=claimed.get(episode.pk, ()),
                suppressed=covered.get(episode.pk, ()),
            )
        )
    return found


def _suppressed(episodes: Collection[int]) -> dict[int, list[Span]]:
    """When decisions covered the episodes."""
    found: defaultdict[int, list[Span]] = defaultdict(list)
    spans = SuppressedFinding.objects.filter(episode__in=episodes)
    for episode, start, end in spans.values_list("episode", "from_at", "until_at"):
        found[episode].append(Span(start, end))
    return found


def _claims(episodes: Collection[int]) -> dict[int, list[Span]]:
    """When a fix was claimed, from the history of the episodes."""
    turns: defaultdict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    kinds = (FindingEvent.Kind.WORKFLOW, FindingEvent.Kind.CLAIM_REJECTED)
    events = FindingEvent.objects.filter(episode__in=episodes, kind__in=kinds)
    rows = events.order_by("organization", "number").values_list("episode", "at", "after")
    for episode, at, after in rows:
        if episode is not None:
            turns[episode].append((at, after.get("workflow") == Workflow.FIX_CLAIMED))
    return {episode: spans_of(found) for episode, found in turns.items()}


class _Looks:
    """What the scans of an account had in their checks and what they collected, until an instant.

    Nothing counts while the account was no member of its organization.
    """

    def __init__(self, account: Account, at: datetime) -> None:
        self.at = at
        self.is_member = _is_member(account, at)
        shards = Shard.objects.filter(account=account, scan__requested_at__gt=at - LOOKED_BACK)
        ended = shards.exclude(state__in=(*Shard.OPEN, Shard.State.CANCELLED))
        related = ended.select_related("scan__check_set")
        until = [shard for shard in related.order_by("id") if _instant(shard) <= at]
        self.shards = sorted(until, key=_instant)
        stored = Manifest.objects.filter(pk__in={shard.manifest_id for shard in self.shards})
        self.manifests: dict[int, Entries] = {
            row.pk: unpack_manifest(bytes(row.body)) for row in stored
        }

    def spans(
        self, definition: Definition | None, check: str
    ) -> tuple[Sequence[Span], Sequence[Span]]:
        """When the check was among those that ran, and when all that it reads was collected."""
        if definition is None or not self.is_member:
            is_named = definition is not None
            return ([Span(self.at)] if is_named else []), []
        in_set = [(_instant(shard), check in shard.scan.check_set.body) for shard in self.shards]
        return spans_of(sorted(in_set)), self._collected(definition)

    def _collected(self, definition: Definition) -> Sequence[Span]:
        """One span up to the instant where the last look at each place had everything."""
        last: dict[tuple[str, str], bool] = {}
        for shard in self.shards:
            for kind in definition.needs:
                place = Place(shard.account.account_id, shard.region)
                has = self._has(shard, kind) if is_collected_at(KINDS[kind], place) else None
                if has is not None:
                    last[kind, shard.region] = has
        kinds = {kind for kind, _ in last}
        needed = {kind for kind in definition.needs if self._is_of_account(kind)}
        return [Span(self.at)] if needed <= kinds and last and all(last.values()) else []

    @staticmethod
    def _is_of_account(kind: str) -> bool:
        return KINDS[kind].scope.value != "organization"

    def _has(self, shard: Shard, kind: str) -> bool | None:
        """Whether a shard has a kind; None where it was not to look for it."""
        entry = self.manifests.get(shard.manifest_id or 0, {}).get(kind)
        if entry is not None:
            return entry.gap is None
        if shard.state == Shard.State.FAILED and shard.scan.kind == Scan.Kind.FULL:
            return False
        return None


def _instant(shard: Shard) -> datetime:
    """When it was known what a shard had; a failed one never collected anything."""
    scan = shard.scan
    return shard.collected_at or scan.finished_at or scan.requested_at


def _is_member(account: Account, at: datetime) -> bool:
    """Accounts that were imported have no history of membership: they count until they left."""
    if Membership.objects.filter(account=account).exists():
        return _memberships(account, at).exists()
    return account.left_at is None or at < account.left_at
