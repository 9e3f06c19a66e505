"""What checks are told besides facts: an account's context, and the parameters that hold for it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Account, Organization
from findings.checks.base import Definition, Registry
from findings.checks.context import AccountContext
from findings.checks.parameters import SHARED, Parameter, ParameterError
from findings.facts.base import KINDS
from findings.facts.declared import Declared
from findings.models import ParameterOverride
from findings.models.places import reaches

logger = logging.getLogger(__name__)

Values = Mapping[str, Any]


def account_context(account: Account) -> AccountContext:
    return AccountContext(
        id=account.account_id,
        name=account.name,
        ou_path=account.ou_path,
        environment=account.environment,
        tags=dict(account.tags or {}),
        is_management=account.is_management,
    )


def context_digest(accounts: Iterable[Account]) -> str:
    """The digest of the context of accounts; equal contexts judge equal facts equally."""
    contexts = sorted(repr(account_context(account)) for account in accounts)
    return hashlib.sha256("\n".join(contexts).encode()).hexdigest()


class Overrides:
    """The parameters of checks that differ from their defaults, by account."""

    def __init__(
        self, rows: Sequence[ParameterOverride], accounts: Iterable[Account], registry: Registry
    ) -> None:
        ordered = sorted((row for row in rows if is_acceptable(row, registry)), key=_nearness)
        self._found: dict[tuple[str, str], dict[str, Any]] = {}
        for account in accounts:
            for row in ordered:
                if reaches(row, account):
                    self._set(row, account, registry)

    def __call__(self, check: str, account: str) -> Values:
        return self._found.get((check, account), {})

    def _set(self, row: ParameterOverride, account: Account, registry: Registry) -> None:
        every = [id_ for id_ in registry if parameter_of(registry, id_, row.parameter)]
        for check in [row.check_id] if row.check_id else every:
            values = self._found.setdefault((check, account.account_id), {})
            values[row.parameter] = row.value

    def digest(self, definition: Definition, accounts: Iterable[Account]) -> str:
        """Version and parameters of a check for certain accounts, short."""
        defaults = {p.name: p.default for p in definition.check.parameters}
        changed = {a.account_id: self(definition.id, a.account_id) for a in accounts}
        told = [defaults, {account: values for account, values in changed.items() if values}]
        text = json.dumps(told, sort_keys=True, default=repr)
        return f"{definition.check.version}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def overrides_of(
    organization: Organization, accounts: Sequence[Account], registry: Registry
) -> Overrides:
    rows = ParameterOverride.objects.filter(organization=organization).select_related("ou")
    return Overrides(list(rows), accounts, registry)


def tools_digest(
    definition: Definition, tools: Mapping[str, Sequence[Declared]], now: datetime
) -> str:
    """The digest of the tools that stand in for a check now, by account; "" without any."""
    standing = {
        account: sorted(
            (tool.kind.value, tool.name, tool.last_day.isoformat(), tool.is_organization_wide)
            for tool in declared
            if tool.kind in definition.check.alternatives and tool.is_active(now)
        )
        for account, declared in tools.items()
    }
    told = {account: found for account, found in standing.items() if found}
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12] if told else ""


def plans_digest(
    definitions: Iterable[Definition], tools: Mapping[str, Sequence[Declared]], now: datetime
) -> str:
    """The digest of all that is declared about checks and is not over; what is planned counts."""
    kinds = {kind for definition in definitions for kind in definition.check.alternatives}
    told = sorted(
        f"{account} {tool!r}"
        for account, declared in tools.items()
        for tool in declared
        if tool.kind in kinds and tool.ends_at > now
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest() if told else ""


def parameter_of(registry: Registry, check: str, name: str) -> Parameter | None:
    """The parameter of a check; without a check, the one that all of them share."""
    if not check:
        return SHARED.get(name)
    definition = registry.get(check)
    parameters = definition.check.parameters if definition else ()
    return next((parameter for parameter in parameters if parameter.name == name), None)


def is_acceptable(row: ParameterOverride, registry: Registry) -> bool:
    """Whether this version of the check takes the value; one that it does not is left out."""
    parameter = parameter_of(registry, row.check_id, row.parameter)
    if parameter is None:
        return False
    try:
        parameter.parse(row.value)
    except ParameterError as error:
        logger.warning("override %s is left out: %s", row.uid, error)
        return False
    return True


def _nearness(row: ParameterOverride) -> tuple[int, int, bool]:
    """The organization first, then OUs from the top down, then the account: the last one wins.

    In one scope what is for one check comes after what is for all of them.
    """
    depth = row.ou.lineage.count("/") if row.ou else 0
    return (2 if row.account_id else 1 if row.ou_id else 0), depth, bool(row.check_id)


def versions_of(registry: Registry) -> dict[str, str]:
    """What a scan pins: the versions of its checks and of the kinds of facts they read."""
    kinds = {kind for definition in registry.values() for kind in definition.needs}
    schemas = {f"fact:{kind}": str(KINDS[kind].version) for kind in kinds}
    return {id_: str(found.check.version) for id_, found in registry.items()} | schemas
