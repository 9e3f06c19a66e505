"""Values inside a deployed template, as far as parameters, mappings and the region tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.collectors.base import Response, pick

REGION = "AWS::Region"
HIDDEN = "*"


@dataclass(frozen=True)
class Values:
    """``given`` are the parameters' values by name; hidden ones are asterisks."""

    given: Mapping[str, str]
    mappings: Mapping[str, Any]

    def text(self, value: Any) -> str | None:
        """The text that a property has once deployed; None where that is not known."""
        if isinstance(value, str):
            return value
        if not isinstance(value, Mapping) or len(value) != 1:
            return None
        ((function, argument),) = value.items()
        if function in ("Ref", "Fn::Ref") and isinstance(argument, str):
            found = self.given.get(argument, HIDDEN)
            return None if found.startswith(HIDDEN) else found
        if function == "Fn::FindInMap" and isinstance(argument, list):
            return self._mapped([self.text(key) for key in argument])
        return None

    def _mapped(self, keys: list[str | None]) -> str | None:
        if len(keys) != 3 or None in keys:
            return None
        found = pick(self.mappings, *(key or "" for key in keys))
        return found if isinstance(found, str) else None


def given_to(stack: Response, region: str) -> dict[str, str]:
    """The values of a stack's parameters; those of Systems Manager as they were resolved."""
    given = {
        parameter["ParameterKey"]: parameter.get("ResolvedValue")
        or parameter.get("ParameterValue", HIDDEN)
        for parameter in stack.get("Parameters") or ()
        if "ParameterKey" in parameter
    }
    return {REGION: region, **given}
