"""What stands in the simulated places: one module per service or row, imported as a whole."""

import importlib
import pkgutil
from functools import cache

from simulator.facets.base import (
    ACCOUNT,
    ORGANIZATION,
    REGION,
    Facet,
    Level,
    Variant,
    default_answers,
)

__all__ = [
    "ACCOUNT",
    "ORGANIZATION",
    "REGION",
    "Facet",
    "Level",
    "Variant",
    "default_answers",
    "load",
]


@cache
def load() -> None:
    """Imports every module of the package, so that each facet is registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
