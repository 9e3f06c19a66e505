"""What was open, claimed, suppressed and scanned at an instant, from what the rows remember.

Everything lasts from its start until, but without, its end. Episodes and suppressions are kept for
good; events and scans are not, and :class:`RetentionMark` tells up to when they may be gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from accounts.models import Account, AccountEvent, Membership, Organization, OrganizationalUnit
from accounts.states import STATE_KINDS, AccountEventKind, AccountState
from findings.foresight import Opened, Span, spans_of
from findings.models import (
    Episode,
    FindingEvent,
    RetentionMark,
    Scan,
    SuppressedFinding,
    Workflow,
)

Kind = FindingEvent.Kind


def episodes_as_of(accounts: Iterable[Account], at: datetime) -> QuerySet[Episode]:
    """The episodes that were open, each from its opening until, but without, its close.

    One that was closed then and went on later, when it came back into scope, was not open.
    """
    open_then = Q(closed_at=None) | Q(closed_at__gt=at)
    found = Episode.objects.filter(open_then, opened_at__lte=at, finding__account__in=accounts)
    returned = found.filter(
        pk__in=FindingEvent.objects.filter(kind=Kind.RETURNED).values("episode")
    )
    told = opened_as_of(list(returned))
    away = [episode for episode, opened in told.items() if not opened.holds(at)]
    return found.exclude(pk__in=away).select_related("finding__account")


def ou_as_of(account: Account, at: datetime) -> OrganizationalUnit | None:
    """The OU in which an account was; None at the root, and where it was no member."""
    row = _memberships(account, at).select_related("ou").first()
    return row.ou if row else None


EVER = datetime.min.replace(tzinfo=UTC)


def looked_at_since(account: Account, at: datetime) -> datetime | None:
    """Since when an account was to be scanned without a break; None where it was not, just then.

    What was collected before it left, or was suspended or excluded, says nothing after its return.
    """
    since = [
        _member_since(account, at),
        _turned(account, at, STATE_KINDS, _is_active, account.state),
        _turned(account, at, _EXCLUSION, _is_included, {"excluded": account.excluded}),
    ]
    known = [instant for instant in since if instant is not None]
    return max(known) if len(known) == len(since) else None


def _member_since(account: Account, at: datetime) -> datetime | None:
    """Accounts that were imported have no history of membership: they count until they left."""
    rows = list(Membership.objects.filter(account=account, started_at__lte=at))
    if not rows and not Membership.objects.filter(account=account).exists():
        return EVER if account.left_at is None or at < account.left_at else None
    since: datetime | None = None
    until: datetime | None = None
    for row in sorted(rows, key=lambda row: row.started_at):
        since = since if since is not None and until == row.started_at else row.started_at
        until = row.ended_at
    return since if until is None or at < until else None


_EXCLUSION = (AccountEventKind.EXCLUDED, AccountEventKind.INCLUDED)


def _is_active(told: object) -> bool:
    return told in (AccountState.ACTIVE, AccountState.LEFT)  # whether it left, memberships tell


def _is_included(told: object) -> bool:
    return isinstance(told, Mapping) and not told.get("excluded")


def _turned(
    account: Account,
    at: datetime,
    kinds: Collection[AccountEventKind],
    holds: Callable[[object], bool],
    stands: object,
) -> datetime | None:
    """When the last event before an instant brought what holds; ever, where it held before any."""
    events = AccountEvent.objects.filter(account=account, kind__in=kinds).order_by("id")
    last = events.filter(at__lte=at).last()
    if last is not None:
        return last.at if holds(last.after) else None
    following = events.first()
    return EVER if holds(following.before if following else stands) else None


def _memberships(account: Account, at: datetime) -> QuerySet[Membership]:
    ended = Q(ended_at=None) | Q(ended_at__gt=at)
    return Membership.objects.filter(ended, account=account, started_at__lte=at)


def gone_before(kind: str) -> datetime | None:
    """What is older may have been deleted; None where all of the kind is kept."""
    mark = RetentionMark.objects.filter(kind=kind).first()
    return mark.before if mark else None


def checks_as_of(organization: Organization, at: datetime) -> Collection[str] | None:
    """The ids of the checks that were there at the last scan that was asked for by then.

    Empty before the first scan; None where it may have been a scan that is no longer kept.
    """
    scans = Scan.objects.filter(organization=organization)
    limit = gone_before("scan")
    if limit is not None:
        scans = scans.filter(Q(finished_at=None) | Q(finished_at__gte=limit))
    last = scans.filter(requested_at__lte=at).select_related("check_set")
    found = last.order_by("-requested_at", "-id").first()
    if found is not None:
        return frozenset(found.check_set.body)
    return frozenset() if limit is None else None


def opened_as_of(episodes: Sequence[Episode]) -> dict[int, Opened]:
    """Episode -> what it was, with its claims and suppressions."""
    if not episodes:
        return {}
    ids = [episode.pk for episode in episodes]
    events: defaultdict[int, list[FindingEvent]] = defaultdict(list)
    kinds = (Kind.WORKFLOW, Kind.CLAIM_REJECTED, Kind.CLOSED, Kind.RETURNED)
    rows = FindingEvent.objects.filter(episode__in=ids, kind__in=kinds)
    for event in rows.order_by("organization", "number"):
        if event.episode_id is not None:
            events[event.episode_id].append(event)
    covered = _suppressed(ids)
    return {
        episode.pk: Opened(
            span=Span(episode.opened_at, episode.closed_at),
            away=_away(events[episode.pk]),
            claimed=_claimed(episode, events[episode.pk]),
            suppressed=covered.get(episode.pk, ()),
        )
        for episode in episodes
    }


def _away(events: Iterable[FindingEvent]) -> list[Span]:
    """Between a close and the return into scope, after which the same episode goes on."""
    turns = [e for e in events if e.kind in (Kind.CLOSED, Kind.RETURNED)]
    return spans_of((event.at, event.kind == Kind.CLOSED) for event in turns)


def _claimed(episode: Episode, events: Iterable[FindingEvent]) -> list[Span]:
    """When a fix was claimed; what was before the first event that is kept, this event tells."""
    moves = [e for e in events if e.kind in (Kind.WORKFLOW, Kind.CLAIM_REJECTED)]
    turns = [(event.at, _is_claim(event.after)) for event in moves]
    if moves and _is_claim(moves[0].before):
        turns.insert(0, (episode.opened_at, True))
    elif not moves and episode.claimed_at is not None:
        turns = [(episode.claimed_at, True)]
    return spans_of(turns)


def _is_claim(told: Mapping[str, object]) -> bool:
    return told.get("workflow") == Workflow.FIX_CLAIMED


def _suppressed(episodes: Collection[int]) -> dict[int, list[Span]]:
    """When decisions covered the episodes."""
    found: defaultdict[int, list[Span]] = defaultdict(list)
    spans = SuppressedFinding.objects.filter(episode__in=episodes)
    for episode, start, end in spans.values_list("episode", "from_at", "until_at"):
        found[episode].append(Span(start, end))
    return found
