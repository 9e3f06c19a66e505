"""An organization as one reading of AWS shows it, and how two readings differ. Pure: no Django.

A reading may break off half-way. What it did not see stays as it was known: nobody left, nothing
moved. ``None`` in a field says that this field was not read, which is never the same as empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from accounts.states import AccountEventKind, AccountState


@dataclass(frozen=True, slots=True, kw_only=True)
class OuSnapshot:
    """An OU; the ``parent_id`` of those at the top is the id of the root (``r-...``)."""

    id: str
    name: str
    parent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """An account; ``parent_id`` is an OU or the root, None where it was not read."""

    id: str
    name: str
    email: str
    state: AccountState
    parent_id: str | None
    tags: Mapping[str, str] | None
    joined_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationSnapshot:
    """One reading; ``complete`` only when every OU and every account was listed.

    ``error`` says in one sentence why it is not complete.
    """

    organization_id: str
    management_account_id: str
    units: tuple[OuSnapshot, ...]
    accounts: tuple[AccountSnapshot, ...]
    complete: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to an account, with plain values of before and after."""

    kind: AccountEventKind
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDifference:
    """An account as it is now known, and what happened to it since."""

    account: AccountSnapshot
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a reading changes: OUs to write from the top down, OUs that are gone, accounts."""

    units: tuple[OuSnapshot, ...] = ()
    removed_units: tuple[str, ...] = ()
    accounts: tuple[AccountDifference, ...] = ()


Tree = Mapping[str, OuSnapshot]

AT_ROOT = ""


def diff(
    known: OrganizationSnapshot, seen: OrganizationSnapshot, imported: frozenset[str] = frozenset()
) -> Difference:
    """What ``seen`` changes of what is ``known``.

    ``imported`` are ids of OUs and accounts that people brought in: a reading of AWS Organizations
    says nothing about those it does not list.
    """
    old_tree, seen_units = _tree(known), _tree(seen)
    placed = {id: unit for id, unit in seen_units.items() if _reaches_root(unit, seen_units)}
    tree = {**old_tree, **placed}
    gone = old_tree.keys() - seen_units.keys() - imported if seen.complete else set()
    return Difference(
        units=_from_the_top([u for u in placed.values() if old_tree.get(u.id) != u], tree),
        removed_units=tuple(sorted(gone)),
        accounts=tuple(_account_differences(known, seen, old_tree, tree, imported)),
    )


def path_of(parent_id: str | None, tree: Tree) -> str:
    """The names from the top, "Workloads/Prod"; "" at the root."""
    return "/".join(reversed([unit.name for unit in _chain(parent_id, tree)]))


def _tree(organization: OrganizationSnapshot) -> dict[str, OuSnapshot]:
    return {u.id: replace(u, parent_id=_parent(u.parent_id)) for u in organization.units}


P = TypeVar("P", str, str | None)


def _parent(parent_id: P) -> P:
    """AWS names the root of an organization ``r-`` and four or more letters or digits."""
    return AT_ROOT if parent_id and parent_id.startswith("r-") else parent_id


def _chain(parent_id: str | None, tree: Tree) -> Iterator[OuSnapshot]:
    visited: set[str] = set()
    unit = tree.get(parent_id or AT_ROOT)
    while unit and unit.id not in visited:
        visited.add(unit.id)
        yield unit
        unit = tree.get(unit.parent_id)


def _reaches_root(unit: OuSnapshot, seen_units: Tree) -> bool:
    """Every OU above was seen as well; a half-read tree is never grafted onto the known one."""
    return list(_chain(unit.id, seen_units))[-1].parent_id == AT_ROOT


def _from_the_top(units: Iterable[OuSnapshot], tree: Tree) -> tuple[OuSnapshot, ...]:
    return tuple(sorted(units, key=lambda unit: (len(list(_chain(unit.id, tree))), unit.id)))


def _account_differences(
    known: OrganizationSnapshot,
    seen: OrganizationSnapshot,
    old_tree: Tree,
    tree: Tree,
    imported: frozenset[str],
) -> Iterator[AccountDifference]:
    before = {a.id: replace(a, parent_id=_parent(a.parent_id)) for a in known.accounts}
    after = {
        account.id: _merged(before.get(account.id), account, tree) for account in seen.accounts
    }
    for account in before.values():
        if account.id not in after and account.state != AccountState.LEFT:
            stays = not seen.complete or account.id in imported
            after[account.id] = account if stays else replace(account, state=AccountState.LEFT)
    for account in after.values():
        changes = tuple(_changes(before.get(account.id), account, old_tree, tree))
        if changes:
            yield AccountDifference(account=account, changes=changes)


def _merged(before: AccountSnapshot | None, seen: AccountSnapshot, tree: Tree) -> AccountSnapshot:
    """What was read now, and what was known before where it was not read."""
    parent_id = _parent(seen.parent_id)
    if parent_id != AT_ROOT and parent_id not in tree:
        parent_id = None
    if before is None:
        return replace(seen, parent_id=parent_id)
    return replace(
        seen,
        parent_id=before.parent_id if parent_id is None else parent_id,
        tags=before.tags if seen.tags is None else seen.tags,
        joined_at=seen.joined_at or before.joined_at,
    )


def _changes(
    before: AccountSnapshot | None, after: AccountSnapshot, old_tree: Tree, tree: Tree
) -> Iterator[Change]:
    path = path_of(after.parent_id, tree)
    if before is None:
        joined = {"name": after.name, "state": after.state.value, "ou_path": path}
        yield Change(kind=AccountEventKind.JOINED, after=joined)
        return
    if before.state != after.state:
        kind = _state_change(before.state, after.state)
        yield Change(kind=kind, before=before.state.value, after=after.state.value)
    old_path = path_of(before.parent_id, old_tree)
    if (before.parent_id, old_path) != (after.parent_id, path):
        yield Change(kind=AccountEventKind.MOVED, before=old_path, after=path)
    if before.name != after.name:
        yield Change(kind=AccountEventKind.RENAMED, before=before.name, after=after.name)
    if before.email != after.email:  # personal: the event does not repeat it
        yield Change(kind=AccountEventKind.EMAIL_CHANGED)
    if before.tags != after.tags:
        yield Change(kind=AccountEventKind.TAGS_CHANGED, before=before.tags, after=after.tags)


def _state_change(before: AccountState, after: AccountState) -> AccountEventKind:
    if before is AccountState.LEFT:
        return AccountEventKind.REJOINED
    if before is AccountState.PENDING_ACTIVATION and after is AccountState.ACTIVE:
        return AccountEventKind.ACTIVATED
    return _KIND_OF_STATE[after]


_KIND_OF_STATE = {
    AccountState.PENDING_ACTIVATION: AccountEventKind.PENDING,
    AccountState.ACTIVE: AccountEventKind.REACTIVATED,
    AccountState.SUSPENDED: AccountEventKind.SUSPENDED,
    AccountState.PENDING_CLOSURE: AccountEventKind.CLOSING,
    AccountState.CLOSED: AccountEventKind.CLOSED,
    AccountState.LEFT: AccountEventKind.LEFT,
}
