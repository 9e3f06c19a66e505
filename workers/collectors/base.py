"""Collectors: functions from an AWS session to facts, registered by the fact they collect.

::

    @Collector(fact=Trail, operations=("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"))
    def trails(session: Session) -> Iterator[Trail]:
        client = session.client("cloudtrail")
        for raw in client.describe_trails()["trailList"]:
            yield parse_trail(raw, session.detail(client.get_trail_status, Name=raw["TrailARN"]))

A collector has no ``try`` except for a *meaningful* absence. What AWS refuses becomes a gap: of the
whole listing when the listing is refused, of one field when a detail is (:meth:`Session.detail`).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from findings.facts.base import Fact, Gap, GapReason

Response = Mapping[str, Any]
F = TypeVar("F", bound=Fact)
T = TypeVar("T")
Parser = TypeVar("Parser", bound=Callable[..., Iterable[Fact]])


class Session(Protocol):
    """One account in one region, through which a collector reads AWS."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def now(self) -> datetime:
        """The time of the collection, for windows of history."""

    def client(self, service: str) -> Any:
        """The boto3 client of a service in this session's account and region."""

    def items(self, service: str, method: str, key: str, **parameters: Any) -> Iterator[Any]:
        """The items under a key of all pages of a listing, asked once per shard."""

    def once(self, service: str, method: str, **parameters: Any) -> Response:
        """One response, asked once per shard however many collectors read it."""

    def detail(self, method: Callable[..., Any], **parameters: Any) -> Response | Gap:
        """A response about one thing, or the gap that stands for it when AWS refuses to tell."""


@dataclass(frozen=True, kw_only=True)
class Collector:
    """A collector's declaration: its fact, and operations as ``<boto3 client>:<Operation>``.

    ``gates`` are operations of other collectors: where they list nothing the own ones are spared,
    and where they are refused nothing is.
    """

    fact: type[Fact]
    operations: tuple[str, ...]
    gates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.operations or any(operation.count(":") != 1 for operation in self.operations):
            raise TypeError(f"{self.fact.kind}: name its operations as service:Operation")

    def __call__(self, function: Parser) -> Parser:
        if self.fact.kind in _REGISTRY:
            raise TypeError(f"two collectors of {self.fact.kind}")
        _REGISTRY[self.fact.kind] = Registered(self.fact, self.operations, function, self.gates)
        return function


@dataclass(frozen=True)
class Registered:
    fact: type[Fact]
    operations: tuple[str, ...]
    function: Callable[[Session], Iterable[Fact]]
    gates: tuple[str, ...] = ()


_REGISTRY: dict[str, Registered] = {}


@cache
def collectors() -> Mapping[str, Registered]:
    """All collectors by the kind of fact they collect."""
    import workers.collectors as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(_REGISTRY)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most so many, for calls that describe several at once."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def pick(response: Response | Gap, *path: str, default: Any = None) -> Any:
    """A value inside a response, by path; the gap itself where there is no response."""
    if isinstance(response, Gap):
        return response
    value: Any = response
    for name in path:
        if not isinstance(value, Mapping) or value.get(name) is None:
            return default
        value = value[name]
    return value


def is_without(session: Session, listing: Callable[[Session], Iterable[object]]) -> bool:
    """Whether nothing is listed of what else would hang on it, which then need not be asked for.

    A listing that AWS refuses says nothing: what hangs on it is asked for all the same, so that the
    refusal makes nothing else unknown.
    """
    found: Any = session.detail(lambda: tuple(listing(session)))
    return bool(found == ())


def told(raw: Response, name: str, fact: type[Fact], operation: str) -> Any:
    """A member that AWS always tells; a gap where a sparse answer leaves it out all the same."""
    gap = Gap(kind=fact.kind, reason=GapReason.NOT_SUPPLIED, operation=operation)
    return raw.get(name, gap)


def tags_of(pairs: Iterable[Mapping[str, str]] | Gap) -> Any:
    """Tags as a dict, from lists of Key/Value or key/value; the gap itself for a gap."""
    if isinstance(pairs, Gap):
        return pairs
    return {
        pair.get("Key", pair.get("key", "")): pair.get("Value", pair.get("value", ""))
        for pair in pairs
    }


def unread(fact: type[F], gap: Gap, **identity: str) -> F:
    """The fact of something that exists, but of which AWS would not tell more than its identity."""
    return fact(**{field.name: gap for field in fields(fact)} | identity)
