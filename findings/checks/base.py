"""Checks: pure functions from facts to outcomes, and the engine that runs them.

A check is declared where it is defined; its function's name is its id, stable for ever::

    @Check(title="…", row=Row.AUDIT, scope=Scope.ACCOUNT, needs=(Trail,), severity=…, …)
    def cloudtrail_multi_region_logging(facts: Facts, context: Context) -> Outcome: …

A check with ``resource=`` is called per fact of that kind, as ``check(resource, facts, context)``.
What a check reads and is not collected makes its outcome *unknown*; no author can forget it.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.snippets import snippet_of
from findings.catalogue.tools import Tool
from findings.checks.context import AccountContext, Context, Horizon
from findings.checks.outcomes import Outcome, Part, Status, all_of, judge, not_applicable, unknown
from findings.checks.parameters import Parameter
from findings.checks.stand_ins import stand_in
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Evidence,
    Fact,
    Facts,
    Gap,
    GapReason,
    Place,
    Scope,
    widest,
)
from findings.facts.declared import Declared

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Outcome])


@dataclass(frozen=True)
class At:
    """A need that is read wider than the check's own scope: ``At(Scope.ACCOUNT, Alarm)``."""

    scope: Scope
    fact: type[Fact]


@dataclass(frozen=True, kw_only=True)
class Check:
    """The declaration of a check. A bad one cannot be constructed.

    ``remediation`` says in words what to do, ``cli`` with which commands of the AWS CLI; what a
    person has to put in stands in capitals: ``aws logs delete-log-group --log-group-name GROUP``.
    Where a tool of one of the kinds in ``alternatives`` is declared, the check does not apply.
    """

    title: str
    row: Row
    severity: Severity
    best_practices: tuple[str, ...]
    principles: tuple[Principle, ...]
    remediation: str
    resource: type[Fact] | None = None
    scope: Scope = Scope.RESOURCE
    needs: tuple[type[Fact] | At, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    cli: tuple[str, ...] = ()
    not_applicable_when: str = ""
    alternatives: tuple[Tool, ...] = ()
    rollup: bool = False
    version: int = 1
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.resource is None) == (self.scope is Scope.RESOURCE):
            raise TypeError(f"{self.title!r}: give either resource= or a wider scope=")
        if not self.best_practices or not self.principles:
            raise TypeError(f"{self.title!r}: name its best practices and design principles")
        if self.rollup and self.scope is not Scope.REGION:
            raise TypeError(f"{self.title!r}: only a region check can roll up to its account")
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise TypeError(f"{self.title!r}: two parameters of one name")
        for parameter in self.parameters:
            parameter.parse(parameter.default)

    def __call__(self, function: Function) -> Function:
        register(Definition(id=function.__name__, check=self, function=function))
        return function


@dataclass(frozen=True)
class Definition:
    """A registered check: its id, its declaration and its function."""

    id: str
    check: Check
    function: Callable[..., Outcome]

    @cached_property
    def needs(self) -> Mapping[str, Scope]:
        """Kinds of facts that the check reads, and how wide it reads each."""
        own = self.check.resource.scope if self.check.resource else self.check.scope
        found = {self.check.resource.kind: own} if self.check.resource else {}
        for need in self.check.needs:
            at = need if isinstance(need, At) else At(own, need)
            found[at.fact.kind] = widest(at.scope, at.fact.scope)
        return MappingProxyType(found)

    @property
    def snippet(self) -> str:
        """A CloudFormation template that declares the thing as the check asks; may be empty."""
        return snippet_of(self.id)

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        needs = (need.fact if isinstance(need, At) else need for need in self.check.needs)
        return (*((self.check.resource,) if self.check.resource else ()), *needs)

    @property
    def home(self) -> Scope:
        """The scope of the places the check is evaluated at, one after another."""
        return self.check.resource.scope if self.check.resource else self.check.scope

    @property
    def stage(self) -> Scope:
        """When it can be evaluated: after a region, an account or the organization is collected."""
        rolled = (Scope.ACCOUNT,) if self.check.rollup else ()
        return widest(self.home, *rolled, *self.needs.values())

    @property
    def reads_volatile(self) -> bool:
        return any(fact.volatile for fact in self.facts)

    def parameters(self, overrides: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """The parsed values: defaults, and overrides by parameter name."""
        return {p.name: p.parse(overrides.get(p.name, p.default)) for p in self.check.parameters}


@dataclass(frozen=True, slots=True)
class Result:
    """One verdict on one thing: ``resource`` is the fact's key, or empty for wider scopes."""

    check: str
    status: Status
    account: str
    region: str
    resource: str = ""
    message: str = ""
    parts: tuple[Part, ...] = ()
    gaps: tuple[Gap, ...] = ()


Registry = Mapping[str, Definition]
_BUILT_IN: dict[str, Definition] = {}


def register(definition: Definition) -> None:
    """Add a built-in check; raises TypeError when its id is taken."""
    if definition.id in _BUILT_IN:
        raise TypeError(f"two checks are called {definition.id}")
    _BUILT_IN[definition.id] = definition


@cache
def built_in() -> Registry:
    """All checks that ship with Cairn, by id, in the order of the catalogue's rows."""
    import findings.checks as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    order = list(Row)
    rows = sorted(_BUILT_IN.values(), key=lambda d: (order.index(d.check.row), d.id))
    return MappingProxyType({definition.id: definition for definition in rows})


@dataclass
class Run:
    """What one run of checks reads besides facts."""

    accounts: Mapping[str, AccountContext]
    horizon: Horizon
    overrides: Callable[[str, str], Mapping[str, Any]] = field(
        default=lambda _check, _account: MappingProxyType({})
    )
    """(check id, account id) -> values of parameters that differ from their defaults."""
    tools: Mapping[str, Sequence[Declared]] = field(default_factory=dict)
    """Account id -> tools outside AWS that are declared for it."""


def run(
    definitions: Iterable[Definition], evidence: Evidence, places: Iterable[Place], given: Run
) -> Iterator[Result]:
    """Evaluate each check at each of the places that are of its scope."""
    at = list(places)
    for definition in definitions:
        for place in homes(definition, at):
            yield from _evaluate(definition, evidence, place, given)


def homes(definition: Definition, places: list[Place]) -> list[Place]:
    """Those of the places at which a check is evaluated."""
    if definition.check.rollup:
        return [place for place in places if place.region == AWS_GLOBAL]
    home = {AWS_GLOBAL: Scope.ACCOUNT, AWS_ORGANIZATION: Scope.ORGANIZATION}
    return [p for p in places if home.get(p.region, Scope.REGION) is definition.home]


def _evaluate(
    definition: Definition, evidence: Evidence, place: Place, given: Run
) -> Iterator[Result]:
    declared = given.tools.get(place.account, ())
    tool = stand_in(definition.check.alternatives, declared, place, given.horizon)
    if tool is not None:
        yield from _stood_in_for(definition, evidence, place, tool)
        return
    context = Context(
        account=given.accounts[place.account],
        accounts=given.accounts,
        horizon=given.horizon,
        parameters=definition.parameters(given.overrides(definition.id, place.account)),
    )
    if definition.check.rollup:
        yield _result(definition, place, _rolled_up(definition, evidence, place, context))
        return
    facts = Facts(evidence, place, definition.needs)
    if definition.check.resource is None:
        yield _result(definition, place, _judge(definition, facts, context))
        return
    listing = evidence.listing(definition.check.resource, definition.home, place)
    for resource in listing.known:
        found = _judge(definition, resource, facts, context)
        yield _result(definition, place, found, resource.key)
    if listing.gaps:
        yield _result(definition, place, unknown(*listing.gaps))


def _stood_in_for(
    definition: Definition, evidence: Evidence, place: Place, tool: Declared
) -> Iterator[Result]:
    """The same results as without the tool, all not applicable.

    What could not be listed does not apply either: its result, without a resource, is of everything
    at the place that has none of its own.
    """
    told = not_applicable(f"{tool.name} is declared to do this until {tool.last_day:%Y-%m-%d}")
    if definition.check.resource is None:
        yield _result(definition, place, told)
        return
    listing = evidence.listing(definition.check.resource, definition.home, place)
    for resource in listing.known:
        yield _result(definition, place, told, resource.key)
    if listing.gaps:
        yield _result(definition, place, told)


def _rolled_up(
    definition: Definition, evidence: Evidence, place: Place, context: Context
) -> Outcome:
    """One outcome for an account whose parts are its regions."""
    here = {name: Place(place.account, name) for name in evidence.regions(place.account)}
    outcomes = {
        name: _judge(definition, Facts(evidence, p, definition.needs), context)
        for name, p in here.items()
    }
    parts = [Part(name, o.status, o.message, o.gaps) for name, o in outcomes.items()]
    return all_of(*parts)


def _judge(definition: Definition, *arguments: object) -> Outcome:
    try:
        return judge(lambda: definition.function(*arguments))
    except Exception as error:
        logger.exception("check %s failed", definition.id)
        kind = next(iter(definition.needs))
        return unknown(Gap(kind=kind, reason=GapReason.FAILED, code=type(error).__name__))


def _result(definition: Definition, place: Place, found: Outcome, resource: str = "") -> Result:
    return Result(
        check=definition.id,
        status=found.status,
        account=place.account,
        region=place.region,
        resource=resource,
        message=found.message,
        parts=found.parts,
        gaps=tuple(sorted(set(found.gaps))),
    )


def of_rows(registry: Registry, rows: Iterable[Row]) -> list[Definition]:
    wanted = set(rows)
    return [definition for definition in registry.values() if definition.check.row in wanted]


def kinds_of(definitions: Iterable[Definition]) -> dict[str, type[Fact]]:
    """The facts that a set of checks needs, by kind."""
    return {fact.kind: fact for d in definitions for fact in d.facts}
