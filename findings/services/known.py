"""What was known of checks at an instant: what of theirs was open, and what else they could see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account, OrganizationalUnit
from findings.checks.base import Registry
from findings.foresight import Foresight, Judged, Opened, Standing, judge
from findings.selectors.as_of import episodes_as_of, gone_before, opened_as_of, ou_as_of
from findings.services.sights import NamedCheck, Sights, check_named

EVERY_REGION = ""
UNTOLD = Judged(Foresight.UNKNOWN)
"""Without the events of the time, what was open cannot be told from what was claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known of a check in an account; in one region, or in all where none had opened."""

    check: str
    account: Account
    ou: OrganizationalUnit | None
    region: str
    judged: Judged


def known_as_of(
    *,
    accounts: Collection[Account],
    checks: Collection[str],
    at: datetime,
    registry: Registry,
) -> list[Known]:
    """How each check stood at an instant in each account, by region where something was open.

    The accounts are of one organization.
    """
    named = [check_named(registry, check) for check in checks]
    return list(_known(accounts, named, at, registry)) if accounts and named else []


def _known(
    accounts: Collection[Account], checks: Sequence[NamedCheck], at: datetime, registry: Registry
) -> Iterator[Known]:
    sights = Sights(accounts, at, registry)
    opened = _opened(accounts, checks, at)
    limit = gone_before("event")
    is_told = limit is None or at >= limit
    for account in accounts:
        ou = ou_as_of(account, at)
        for check in checks:
            regions = _regions(opened, account, check)
            judged = {
                region: judge(at, Standing(opened=regions[region])) if is_told else UNTOLD
                for region in sorted(regions)
            }
            if not judged:
                judged = {EVERY_REGION: judge(at, Standing(sight=sights.of(check, account)))}
            for region, one in judged.items():
                yield Known(check=check.name, account=account, ou=ou, region=region, judged=one)


def _opened(
    accounts: Iterable[Account], checks: Iterable[NamedCheck], at: datetime
) -> dict[tuple[int, str], dict[str, list[Opened]]]:
    """(account, check as its findings name it) -> region -> what was open."""
    names = {name for check in checks for name in check.names}
    episodes = list(episodes_as_of(accounts, at).filter(finding__check_id__in=names))
    told = opened_as_of(episodes)
    found: defaultdict[tuple[int, str], dict[str, list[Opened]]] = defaultdict(dict)
    for episode in episodes:
        finding = episode.finding
        of_check = found[finding.account_id, finding.check_id]
        of_check.setdefault(finding.region, []).append(told[episode.pk])
    return found


def _regions(
    opened: Mapping[tuple[int, str], Mapping[str, list[Opened]]],
    account: Account,
    check: NamedCheck,
) -> dict[str, list[Opened]]:
    found: defaultdict[str, list[Opened]] = defaultdict(list)
    for name in check.names:
        for region, of_region in opened.get((account.pk, name), {}).items():
            found[region] += of_region
    return found
