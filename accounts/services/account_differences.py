"""Write what a reading of AWS, or an import, changed: OUs, accounts, memberships, events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from accounts.models import (
    Account,
    AccountEvent,
    AccountSource,
    AccountState,
    Membership,
    Organization,
    OrganizationalUnit,
)
from accounts.services.classification import accounts_classify
from accounts.snapshot import (
    AT_ROOT,
    AccountDifference,
    AccountSnapshot,
    Difference,
    OrganizationSnapshot,
    OuSnapshot,
)

IMPORTED = "import:"
BATCH = 500
Units = dict[str, OrganizationalUnit]


def organization_known(organization: Organization) -> OrganizationSnapshot:
    """What the database knows, in the form in which a reading is compared with it."""
    units = organization.units.present().select_related("parent")
    accounts = organization.accounts.select_related("ou")
    return OrganizationSnapshot(
        organization_id=organization.aws_organization_id,
        management_account_id=organization.management_account_id,
        units=tuple(
            OuSnapshot(id=unit_key(u), name=u.name, parent_id=unit_key(u.parent)) for u in units
        ),
        accounts=tuple(_known_account(account) for account in accounts),
        complete=True,
    )


def unit_key(ou: OrganizationalUnit | None) -> str:
    """AWS's id of the OU, or for an imported one its path."""
    if ou is None:
        return AT_ROOT
    return ou.aws_id or f"{IMPORTED}{ou.path}"


def _known_account(account: Account) -> AccountSnapshot:
    return AccountSnapshot(
        id=account.account_id,
        name=account.name,
        email=account.email,
        state=AccountState(account.state),
        parent_id=unit_key(account.ou),
        tags=account.tags,
        joined_at=account.joined_at,
    )


def difference_apply(
    *,
    actor: User | None = None,
    organization: Organization,
    difference: Difference,
    source: AccountSource,
    now: datetime,
) -> list[AccountEvent]:
    """Write a difference and its events; the caller holds the organization's lock."""
    units = _write_units(organization, difference, now)
    rows = {account.account_id: account for account in organization.accounts.all()}
    new = [d.account.id for d in difference.accounts if d.account.id not in rows]
    rows |= {id: Account(organization=organization, account_id=id, source=source) for id in new}
    for entry in difference.accounts:
        _set_fields(rows[entry.account.id], entry.account, units, now)
    written = [rows[entry.account.id] for entry in difference.accounts]
    _write_accounts(written)
    _write_memberships(organization, written, now)
    events = [
        event
        for entry in difference.accounts
        for event in _events(rows[entry.account.id], entry, actor, now)
    ]
    events = AccountEvent.objects.bulk_create(events, batch_size=BATCH)
    joined = [rows[id].pk for id in new]
    return events + accounts_classify(organization=organization, actor=actor, now=now, new=joined)


def _write_units(organization: Organization, difference: Difference, now: datetime) -> Units:
    units = {unit_key(unit): unit for unit in organization.units.select_related("parent")}
    for snapshot in difference.units:
        aws_id = "" if snapshot.id.startswith(IMPORTED) else snapshot.id
        unit = units.get(snapshot.id) or OrganizationalUnit(
            organization=organization, aws_id=aws_id, lineage="not placed yet"
        )
        unit.name, unit.parent, unit.removed_at = snapshot.name, units.get(snapshot.parent_id), None
        unit.save()
        units[snapshot.id] = unit
    removed = organization.units.filter(aws_id__in=difference.removed_units)
    removed.update(removed_at=now)
    if difference.units:
        _place_units(units.values())
    return units


def _place_units(units: Iterable[OrganizationalUnit]) -> None:
    """Path and lineage of every OU again: an OU that moved takes with it all that is below."""
    by_pk = {unit.pk: unit for unit in units}

    def chain(unit: OrganizationalUnit) -> list[OrganizationalUnit]:
        above = chain(by_pk[unit.parent_id]) if unit.parent_id else []
        return [*above, unit]

    changed = []
    for unit in by_pk.values():
        placed = chain(unit)
        path = "/".join(above.name for above in placed)
        lineage = "".join(f"{above.pk}/" for above in placed)
        if (unit.path, unit.lineage) != (path, lineage):
            unit.path, unit.lineage = path, lineage
            changed.append(unit)
    OrganizationalUnit.objects.bulk_update(changed, ["path", "lineage"], batch_size=BATCH)


def _set_fields(account: Account, seen: AccountSnapshot, units: Units, now: datetime) -> None:
    account.name, account.email, account.state = seen.name, seen.email, seen.state.value
    account.ou = units.get(seen.parent_id or AT_ROOT)
    account.tags = None if seen.tags is None else dict(seen.tags)
    account.joined_at = seen.joined_at
    account.left_at = now if seen.state is AccountState.LEFT else None


def _write_accounts(accounts: list[Account]) -> None:
    new = [account for account in accounts if account.pk is None]
    known = [account for account in accounts if account.pk is not None]
    Account.objects.bulk_create(new, batch_size=BATCH)
    fields = ["name", "email", "state", "ou", "tags", "joined_at", "left_at"]
    Account.objects.bulk_update(known, fields, batch_size=BATCH)


def _write_memberships(organization: Organization, accounts: list[Account], now: datetime) -> None:
    open_ones = Membership.objects.filter(account__organization=organization, ended_at=None)
    current = {membership.account_id: membership for membership in open_ones}
    ended, started = [], []
    for account in accounts:
        is_member = account.state != AccountState.LEFT
        membership = current.get(account.pk)
        if membership and is_member and membership.ou_id == account.ou_id:
            continue
        if membership:
            ended.append(membership.pk)
        if is_member:
            started.append(Membership(account=account, ou=account.ou, started_at=now))
    Membership.objects.filter(pk__in=ended).update(ended_at=now)
    Membership.objects.bulk_create(started, batch_size=BATCH)


def _events(
    account: Account, entry: AccountDifference, actor: User | None, now: datetime
) -> list[AccountEvent]:
    return [
        AccountEvent(
            account=account,
            kind=change.kind,
            at=now,
            actor=actor,
            before=change.before,
            after=change.after,
        )
        for change in entry.changes
    ]
