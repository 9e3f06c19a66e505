"""Which adapter speaks to which kind of connection."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

import workers.trackers
from workers.trackers.base import Access, Tracker

Factory = Callable[[Access], Tracker]
_FACTORIES: dict[str, Factory] = {}


def tracker_kind(kind: str) -> Callable[[Factory], Factory]:
    """Registers an adapter for a kind of connection: ``@tracker_kind("github")`` on its class."""

    def register(factory: Factory) -> Factory:
        if kind in _FACTORIES:
            raise ValueError(f"two adapters for {kind}")
        _FACTORIES[kind] = factory
        return factory

    return register


def tracker_of(kind: str, access: Access) -> Tracker:
    """The adapter of a kind, for a connection. Raises LookupError where there is none."""
    _load()
    factory = _FACTORIES.get(kind)
    if factory is None:
        raise LookupError(f"there is no adapter for {kind}")
    return factory(access)


@cache
def _load() -> None:
    for module in pkgutil.iter_modules(workers.trackers.__path__, "workers.trackers."):
        importlib.import_module(module.name)
