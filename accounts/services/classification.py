"""Environment and owner of accounts: derived from rules, stored to be filtered by."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.environments import environment_of, parse_environment_rules
from accounts.models import Account, AccountEvent, AccountEventKind, Organization, Team
from accounts.ownership import Subject, owning_rule

Derived = tuple[str, Team | None]


@transaction.atomic
def accounts_classify(
    *,
    actor: User | None = None,
    organization: Organization,
    now: datetime,
    new: Collection[int] = (),
) -> list[AccountEvent]:
    """Derive both again for every account of the organization, and write those that changed.

    ``new`` are keys of accounts that have just joined: their first values are no change. The caller
    holds the organization's lock.
    """
    accounts = list(organization.accounts.members().select_related("ou", "owner_team"))
    derived = _derived(organization, accounts)
    changed = [a for a in accounts if derived[a.pk] != (a.environment, a.owner_team)]
    events = [
        AccountEvent(account=a, kind=kind, at=now, actor=actor, before=before, after=after)
        for a in changed
        if a.pk not in new
        for kind, before, after in _changes((a.environment, a.owner_team), derived[a.pk])
    ]
    for account in changed:
        account.environment, account.owner_team = derived[account.pk]
    Account.objects.bulk_update(changed, ["environment", "owner_team"], batch_size=500)
    return AccountEvent.objects.bulk_create(events, batch_size=500)


def _derived(organization: Organization, accounts: list[Account]) -> dict[int, Derived]:
    environments = parse_environment_rules(organization.environment_rules)
    rules = list(organization.ownership_rules.select_related("team", "ou"))
    return {
        account.pk: (
            environment_of(environments, tags=account.tags or {}, ou_path=account.ou_path),
            rule.team if (rule := owning_rule(rules, Subject(account=account))) else None,
        )
        for account in accounts
    }


def _changes(before: Derived, after: Derived) -> Iterator[tuple[AccountEventKind, str, str]]:
    if before[0] != after[0]:
        yield AccountEventKind.ENVIRONMENT_CHANGED, before[0], after[0]
    if before[1] != after[1]:
        yield AccountEventKind.OWNER_CHANGED, str(before[1] or ""), str(after[1] or "")
