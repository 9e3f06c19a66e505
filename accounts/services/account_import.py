"""Accounts that are not read from AWS Organizations, from a file that a person gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import Permission, require
from accounts.account_files import FileRefused, ListedAccount, Mistake
from accounts.models import AccountEventKind, AccountSource, AccountState, Organization
from accounts.services.account_differences import (
    IMPORTED,
    difference_apply,
    organization_known,
)
from accounts.services.audit import audit_record
from accounts.services.organizations import organization_lock
from accounts.snapshot import (
    AT_ROOT,
    AccountSnapshot,
    OrganizationSnapshot,
    OuSnapshot,
    diff,
    path_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many accounts the file lists, and how many were new, changed or the same."""

    accounts: int
    joined: int
    changed: int
    changes: Mapping[AccountEventKind, int]

    @property
    def unchanged(self) -> int:
        return self.accounts - self.joined - self.changed


@transaction.atomic
def accounts_import(
    *,
    actor: User | None,
    organization: Organization,
    accounts: Sequence[ListedAccount],
    now: datetime,
) -> ImportReport:
    """Add or change the accounts of a file; what the file does not name stays as it is.

    The same file twice changes nothing. Raises :class:`FileRefused` with nothing written when the
    file names accounts that AWS Organizations already tells about.
    """
    locked = organization_lock(organization)
    require(actor, Permission.ADMINISTER, locked)
    _refuse_synced(locked, accounts)
    listed = [account.account_id for account in accounts]
    locked.accounts.filter(account_id__in=listed).update(source=AccountSource.IMPORT)
    known = organization_known(locked)
    difference = diff(known, _as_snapshot(known, accounts))
    events = difference_apply(
        organization=locked,
        difference=difference,
        source=AccountSource.IMPORT,
        actor=actor,
        now=now,
    )
    kinds = Counter(AccountEventKind(event.kind) for event in events)
    joined = kinds[AccountEventKind.JOINED]
    if difference.accounts:
        names = [entry.account.id for entry in difference.accounts]
        after = {"accounts": names, "changes": kinds}
        audit_record(
            actor=actor, action="accounts.import", target=locked, before=None, after=after, now=now
        )
    return ImportReport(
        accounts=len(accounts),
        joined=joined,
        changed=len(difference.accounts) - joined,
        changes=kinds,
    )


def _refuse_synced(organization: Organization, accounts: Sequence[ListedAccount]) -> None:
    members = organization.accounts.members().filter(source=AccountSource.ORGANIZATIONS)
    synced = set(members.values_list("account_id", flat=True))
    mistakes = [
        Mistake(
            line=account.line,
            message=f"{account.account_id} is read from AWS Organizations; leave it out.",
        )
        for account in accounts
        if account.account_id in synced
    ]
    if mistakes:
        raise FileRefused(*mistakes)


def _as_snapshot(
    known: OrganizationSnapshot, accounts: Sequence[ListedAccount]
) -> OrganizationSnapshot:
    """The file as a reading that is never complete: it says nothing of what it does not name."""
    tree = {unit.id: unit for unit in known.units}
    ids = {path_of(unit.id, tree): unit.id for unit in known.units}
    for account in accounts:
        _add_units(account.ou_path or "", tree, ids)
    before = {account.id: account for account in known.accounts}
    return OrganizationSnapshot(
        organization_id="",
        management_account_id="",
        units=tuple(tree.values()),
        accounts=tuple(_as_seen(a, before.get(a.account_id), ids) for a in accounts),
        complete=False,
    )


def _add_units(path: str, tree: dict[str, OuSnapshot], ids: dict[str, str]) -> None:
    parts = path.split("/") if path else []
    for depth, name in enumerate(parts):
        above, here = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
        if here not in ids:
            ids[here] = IMPORTED + here
            tree[ids[here]] = OuSnapshot(id=ids[here], name=name, parent_id=ids.get(above, AT_ROOT))


def _as_seen(
    listed: ListedAccount, before: AccountSnapshot | None, ids: Mapping[str, str]
) -> AccountSnapshot:
    known_email = before.email if before else ""
    return AccountSnapshot(
        id=listed.account_id,
        name=listed.name,
        email=known_email if listed.email is None else listed.email,
        state=AccountState.ACTIVE,
        parent_id=None if listed.ou_path is None else ids.get(listed.ou_path, AT_ROOT),
        tags=listed.tags,
        joined_at=None,
    )
