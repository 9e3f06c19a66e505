"""The tables of the checks: a case is some facts, and what the check must say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from findings.checks.base import Definition, Registry, Result, Run, built_in, run
from findings.checks.context import AccountContext, Horizon
from findings.checks.outcomes import Status
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Evidence,
    Fact,
    Gap,
    Place,
    Scope,
    is_collected_at,
)
from findings.facts.histories import extended, past_of

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ACCOUNT, OTHER, REGION, OTHER_REGION = "111111111111", "222222222222", "eu-west-1", "us-east-1"
HERE = Place(ACCOUNT, REGION)
OWN = (HERE, Place(ACCOUNT, AWS_GLOBAL), Place(ACCOUNT, AWS_ORGANIZATION))
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Status  # in the order of the enumeration


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def remembered(fact: Fact, before: Fact) -> Fact:
    """The fact with what the portal has kept of the day before."""
    past = past_of(before, ago(days=1))
    assert past is not None
    return extended(fact, past, NOW)


def account(**fields: Any) -> AccountContext:
    """A production account, unless told otherwise."""
    given = {
        "id": ACCOUNT,
        "name": "shop",
        "ou_path": "Workloads/Prod",
        "environment": "production",
        "tags": {},
        "is_management": False,
    }
    return AccountContext(**(given | fields))


@dataclass(frozen=True)
class Case:
    """Facts at ``HERE`` (and elsewhere), and the outcome of the one result they lead to.

    ``facts`` are put where their scope belongs: region, account or organization. For a check of
    resources, the first of its kind is the one judged. ``message`` must be in the result's.
    """

    name: str
    expect: Status
    facts: Sequence[Fact] = ()
    elsewhere: Mapping[Place, Sequence[Fact]] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    account: AccountContext = field(default_factory=account)
    now: datetime = NOW
    message: str = ""


Table = Mapping[str, Sequence[Case]]


def home_of(fact: type[Fact], place: Place = HERE) -> Place:
    pseudo = _PSEUDO.get(fact.scope)
    return Place(place.account, pseudo) if pseudo else place


_PSEUDO = {Scope.ACCOUNT: AWS_GLOBAL, Scope.ORGANIZATION: AWS_ORGANIZATION}


def evidence_of(definition: Definition, case: Case) -> Evidence:
    """The evidence of a case: what is not given of a kind is an empty listing, not a gap."""
    declared = definition.facts
    shards: dict[Place, dict[str, Any]] = {
        place: {fact.kind: () for fact in declared if is_collected_at(fact, place)}
        for place in {*OWN, *case.elsewhere}
    }
    given = [(HERE, fact) for fact in case.facts]
    given += [(place, fact) for place, facts in case.elsewhere.items() for fact in facts]
    for place, fact in given:
        shard = shards.setdefault(home_of(type(fact), place), {})
        shard[fact.kind] = (*shard.get(fact.kind, ()), fact)
    for gap in case.gaps:
        kind = next(fact for fact in declared if fact.kind == gap.kind)
        shards[home_of(kind)][gap.kind] = gap
    return Evidence(shards)


def results(
    check: str, case: Case, horizon: Horizon | None = None, registry: Registry | None = None
) -> list[Result]:
    """All results of a check over a case's own account, at the places of its scope."""
    definition = (registry or built_in())[check]
    evidence = evidence_of(definition, case)
    accounts = {id_: named(id_) for id_ in {place.account for place in evidence.shards}}
    accounts[ACCOUNT] = case.account
    given = Run(
        accounts=accounts,
        horizon=horizon or Horizon(case.now),
        overrides=lambda _check, _account: case.parameters,
    )
    return list(run([definition], evidence, OWN, given))


@cache
def named(id_: str) -> AccountContext:
    return account(id=id_)


def judged(check: str, case: Case, registry: Registry | None = None) -> Result:
    """The result of a case: of the first resource given, or the only one."""
    found = results(check, case, registry=registry)
    resource = built_in()[check].check.resource
    first = next((f for f in case.facts if resource and isinstance(f, resource)), None)
    if first is not None:
        found = [result for result in found if result.resource == first.key]
    assert len(found) == 1, f"{case.name}: one result expected, not {found}"
    return found[0]


def misjudged(check: str, case: Case, *allowed: Status) -> str:
    """The outcome of a case that is none of those allowed; empty where it is one of them."""
    try:
        status = judged(check, case).status
    except AssertionError as error:
        return str(error)
    return "" if status in allowed else str(status)


def mistake(check: str, case: Case, registry: Registry | None = None) -> str:
    """What is said otherwise than the case expects; empty where nothing is."""
    try:
        result = judged(check, case, registry=registry)
    except AssertionError as error:
        return str(error)
    if result.status is not case.expect:
        return f"{case.expect} expected, not {result}"
    return "" if case.message in result.message else f"no {case.message!r} in {result.message!r}"


def assert_outcomes(table: Table) -> None:
    """Every case of the table has the outcome that it expects; those that have not are named."""
    wrong = [
        f"{check}: {case.name}: {told}"
        for check, cases in table.items()
        for case in cases
        if (told := mistake(check, case))
    ]
    assert not wrong, "\n".join(wrong)


def tables() -> Iterator[tuple[str, Case]]:
    """Every case of every table in the test modules beside this one."""
    import importlib
    import pkgutil

    import tests.findings.checks as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        table: Table = getattr(importlib.import_module(module.name), "TABLE", {})
        for check, cases in table.items():
            for case in cases:
                yield check, case
