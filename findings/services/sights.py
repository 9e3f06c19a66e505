"""What a check could see of an account at an instant: whether it was there, and had its facts.

Where all that it reads was collected, it looked. Where something was missing it is run once more
over what there was: a gap that it does not need hides nothing from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account
from findings.checks.base import Definition, Registry, Result, Run, homes, run
from findings.checks.context import Horizon
from findings.checks.outcomes import Status
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    KINDS,
    Gap,
    GapReason,
    Place,
    Scope,
    is_collected_at,
    not_supplied,
)
from findings.foresight import Sight
from findings.selectors.as_of import EVER, checks_as_of, gone_before, looked_at_since
from findings.services.contexts import account_context, overrides_of
from findings.services.current import CurrentEvidence
from findings.services.declared_tools import tools_of
from findings.services.earlier import LOOKED_BACK, evidence_as_of


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check as an incident names it: maybe by a name that it no longer has, or not at all."""

    name: str
    definition: Definition | None
    names: frozenset[str]
    """All that it was called, as far as its findings go by them."""


def check_named(registry: Registry, name: str) -> NamedCheck:
    definition = registry.get(name)
    if definition is not None:
        return NamedCheck(name, definition, frozenset((name, *definition.check.aliases)))
    renamed = (one for one in registry.values() if name in one.check.aliases)
    definition = next(renamed, None)
    return NamedCheck(name, definition, frozenset((name, *([definition.id] if definition else []))))


class Sights:
    """What checks could see of accounts of one organization at an instant."""

    def __init__(self, accounts: Collection[Account], at: datetime, registry: Registry) -> None:
        self.organization = next(iter(accounts)).organization
        self.at, self.registry = at, registry
        self.looked_at = {account: looked_at_since(account, at) for account in accounts}
        self.checks = checks_as_of(self.organization, at)
        limit = gone_before("scan")
        self.is_cut = limit is not None and at - LOOKED_BACK < limit
        self._evidence: dict[tuple[Scope, int | None], CurrentEvidence] = {}

    def of(self, check: NamedCheck, account: Account) -> Sight:
        if self.checks is None:
            return Sight.CANNOT_TELL
        if check.names.isdisjoint(self.checks):
            return Sight.NO_CHECK
        if self.looked_at[account] is None:
            return Sight.NOT_COLLECTED
        definition = check.definition
        if definition is None or _is_of_another(definition, account):
            return Sight.CANNOT_TELL
        evidence = self._evidence_for(definition, account)
        places = _places(evidence, account)
        if not homes(definition, places):
            return self._without({GapReason.NOT_SUPPLIED})
        if not any(_gaps(definition, evidence, places)):
            return Sight.LOOKED
        results = list(self._run(definition, evidence, places))
        unknown = [one for one in results if one.status is Status.UNKNOWN]
        reasons = {gap.reason for one in unknown for gap in one.gaps}
        return self._without(reasons) if unknown else Sight.LOOKED

    def _without(self, reasons: Collection[GapReason]) -> Sight:
        """What is missing was not collected, unless it may only have been deleted since."""
        deleted = {GapReason.NO_LONGER_KEPT}
        if self.is_cut:
            deleted.add(GapReason.NOT_SUPPLIED)
        return Sight.CANNOT_TELL if deleted >= set(reasons) else Sight.NOT_COLLECTED

    def _evidence_for(self, definition: Definition, account: Account) -> CurrentEvidence:
        wide = Scope.ORGANIZATION in definition.needs.values()
        key = definition.stage, None if wide else account.pk
        if key not in self._evidence:
            since: dict[Account, datetime | None] = {account: self.looked_at[account]}
            if wide:
                since = {**dict.fromkeys(self.organization.accounts.all(), EVER), **self.looked_at}
            self._evidence[key] = evidence_as_of(
                organization=self.organization,
                accounts={one: instant for one, instant in since.items() if instant is not None},
                at=self.at,
                stage=definition.stage,
                registry=self.registry,
            )
        return self._evidence[key]

    def _run(
        self, definition: Definition, evidence: CurrentEvidence, places: list[Place]
    ) -> Iterator[Result]:
        ids = {place.account for place in (*evidence.places, *places)}
        named = self.organization.accounts.filter(account_id__in=ids)
        accounts = list(named.select_related("ou", "organization"))
        given = Run(
            accounts={account.account_id: account_context(account) for account in accounts},
            horizon=Horizon(self.at),
            overrides=overrides_of(self.organization, accounts, self.registry),
            tools=tools_of(self.organization, accounts, self.at),
        )
        return run([definition], evidence.load([definition], {}), places, given)


def _is_of_another(definition: Definition, account: Account) -> bool:
    """It judges the organization as a whole, and tells so at its management account alone."""
    return definition.home is Scope.ORGANIZATION and not account.is_management


def _places(evidence: CurrentEvidence, account: Account) -> list[Place]:
    """Those of an account, and where checks of all of it are at home; none if never entered."""
    own = [place for place in evidence.places if place.account == account.account_id]
    pseudo = [AWS_GLOBAL, *([AWS_ORGANIZATION] if account.is_management else [])]
    wide = [Place(account.account_id, region) for region in pseudo]
    return [*own, *(place for place in wide if place not in own)] if own else []


def _gaps(definition: Definition, evidence: CurrentEvidence, places: list[Place]) -> Iterator[Gap]:
    """Of all that a check reads from the places, or from everywhere where it reads so far."""
    for kind, scope in definition.needs.items():
        wide = evidence.places if scope is Scope.ORGANIZATION else places
        there = [place for place in wide if is_collected_at(KINDS[kind], place)]
        if not there:
            yield not_supplied(kind)
        for place in there:
            reference = evidence.references.get(place, {}).get(kind)
            yield from (reference.entry.all_gaps if reference else [not_supplied(kind)])
