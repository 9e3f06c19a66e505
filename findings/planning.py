"""Which accounts and regions a scan visits, and in which order (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain, zip_longest
from typing import Any

from findings.catalogue.pillar import Row
from findings.checks.base import Definition, Registry, kinds_of, of_rows
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Fact, Place, Scope, is_collected_at

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_PSEUDO_REGIONS = (AWS_GLOBAL, AWS_ORGANIZATION)


class SelectionError(ValueError):
    """A selection that names what cannot be; the message says what to give instead."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a scan is limited to; each empty list means everything.

    ``ous`` are paths or AWS ids of OUs, with all below; ``accounts`` are 12-digit ids; ``rows``
    are those of the catalogue, such as ``O2``.
    """

    ous: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: Any) -> Selection:
        """From JSON or a form. Raises :class:`SelectionError`."""
        names = [field.name for field in fields(cls)]
        if not isinstance(value, Mapping):
            raise SelectionError(f"A selection is an object of {', '.join(names)}, not {value!r}.")
        if unknown := sorted(set(value) - set(names)):
            raise SelectionError(f"A selection has {', '.join(names)}, not {', '.join(unknown)}.")
        selection = cls(**{name: _texts(name, value.get(name)) for name in names})
        _refuse(selection.accounts, _is_account, "an AWS account id: 12 digits")
        _refuse(selection.regions, _is_region, "an AWS region, such as eu-west-1")
        _refuse(selection.rows, _is_row, f"a row of the catalogue: {', '.join(Row)}")
        return selection

    @property
    def is_everything(self) -> bool:
        return self == Selection()

    def to_json(self) -> dict[str, list[str]]:
        return {f.name: list(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)}

    def covers(self, other: Selection) -> bool:
        """Whether it visits all that another one does, as far as their words tell."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return all(not ours or (theirs and set(theirs) <= set(ours)) for ours, theirs in pairs)

    def with_all_of(self, other: Selection) -> Selection | None:
        """One that visits what both do, and of no account more than its rows in its regions.

        None where there is none: together they would visit places that neither asks for.
        """
        is_of_same_rows = (self.rows, self.regions) == (other.rows, other.regions)
        if self.ous or other.ous or not (is_of_same_rows or self.accounts == other.accounts):
            return None
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return Selection(
            **{n: tuple(sorted({*a, *b})) if a and b else () for n, (a, b) in pairs.items()}
        )

    def definitions(self, registry: Registry) -> list[Definition]:
        """The checks of the selected rows."""
        return of_rows(registry, map(Row, self.rows)) if self.rows else list(registry.values())


@dataclass(frozen=True, kw_only=True)
class Target:
    """An account that may be scanned."""

    account: str
    ou_path: str = ""
    is_management: bool = False


@dataclass(frozen=True, kw_only=True)
class AccountPlan:
    """One account of a scan and its regions, pseudo-regions last."""

    account: str
    regions: tuple[str, ...]
    finds_regions: bool
    """Every region that turns out to be enabled in the account is added."""


def plan(
    targets: Iterable[Target],
    *,
    regions: Sequence[str],
    selection: Selection,
    definitions: Iterable[Definition],
) -> list[AccountPlan]:
    """The accounts in the order of the scan, each with its shards.

    ``regions`` are those of the organization; empty stands for all that an account has enabled.
    An account without any shard is left out.
    """
    scopes = {fact.scope for fact in kinds_of(definitions).values()}
    plans = [_account_plan(t, regions, selection, scopes) for t in interleaved(targets)]
    return [planned for planned in plans if planned.regions or planned.finds_regions]


def interleaved(targets: Iterable[Target]) -> list[Target]:
    """Accounts of the OUs in turn, so that no OU waits for another; the management account last
    but one, so that a limit of the organization's own is met when most is done."""
    by_ou: dict[str, list[Target]] = {}
    management: list[Target] = []
    for target in sorted(targets, key=lambda target: (target.ou_path, target.account)):
        group = management if target.is_management else by_ou.setdefault(target.ou_path, [])
        group.append(target)
    rounds = chain.from_iterable(zip_longest(*by_ou.values()))
    ordered = [target for target in rounds if target is not None]
    return [*ordered[:-1], *management, *ordered[-1:]]


def kinds_at(definitions: Iterable[Definition], region: str) -> dict[str, type[Fact]]:
    """The kinds of facts that checks need from one region (or pseudo-region) of an account."""
    place = Place("", region)
    found = kinds_of(definitions).items()
    return {kind: fact for kind, fact in sorted(found) if is_collected_at(fact, place)}


def _account_plan(
    target: Target, regions: Sequence[str], selection: Selection, scopes: set[Scope]
) -> AccountPlan:
    pseudo = []
    if Scope.ACCOUNT in scopes:
        pseudo.append(AWS_GLOBAL)
    if Scope.ORGANIZATION in scopes and target.is_management:
        pseudo.append(AWS_ORGANIZATION)
    real = list(selection.regions or regions) if Scope.REGION in scopes else []
    chosen = set(selection.regions or (*real, *pseudo))
    wanted = [r for r in real if r not in _PSEUDO_REGIONS and (not regions or r in regions)]
    return AccountPlan(
        account=target.account,
        regions=(*wanted, *(region for region in pseudo if region in chosen)),
        finds_regions=Scope.REGION in scopes and not regions and not selection.regions,
    )


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise SelectionError(f"{name} takes a list of texts, not {value!r}.")
    items = list(value)
    if not all(isinstance(item, str) for item in items):
        raise SelectionError(f"{name} takes a list of texts, not {value!r}.")
    return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))


def _refuse(values: Iterable[str], accepts: Any, wanted: str) -> None:
    for value in values:
        if not accepts(value):
            raise SelectionError(f"{value!r} is not {wanted}.")


def _is_account(value: str) -> bool:
    return _ACCOUNT.fullmatch(value) is not None


def _is_region(value: str) -> bool:
    return value in _PSEUDO_REGIONS or _REGION.fullmatch(value) is not None


def _is_row(value: str) -> bool:
    return value in set(Row)
