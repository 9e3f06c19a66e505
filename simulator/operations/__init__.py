"""The AWS operations that the simulator answers: one module per service, imported as a whole."""

import importlib
import pkgutil
from functools import cache

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

__all__ = ["AwsError", "Call", "load", "operation"]


@cache
def load() -> None:
    """Imports every module of the package, so that each operation is registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
