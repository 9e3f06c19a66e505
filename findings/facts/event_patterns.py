"""What an EventBridge event pattern selects.

An event is given by the fields that are known of it; the pattern may ask for others, and those may
have any value. So the answer is whether the pattern selects *some* event that has the known fields.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, Any]
"""Known fields of an event: texts, or further fields."""


def may_match(pattern: str, event: Event) -> bool:
    """Whether a pattern (JSON) selects some event with these fields; a malformed one none."""
    try:
        parsed = json.loads(pattern)
    except ValueError:
        return False
    return isinstance(parsed, Mapping) and _selects(parsed, event)


def _selects(pattern: Mapping[str, Any], event: Event) -> bool:
    return all(_field_selects(field, wanted, event) for field, wanted in pattern.items())


def _field_selects(field: str, wanted: Any, event: Event) -> bool:
    if field == "$or":
        return any(_selects(alternative, event) for alternative in wanted)
    if field not in event:
        return True
    if isinstance(wanted, Mapping):
        return isinstance(event[field], Mapping) and _selects(wanted, event[field])
    return any(_accepts(value, event[field]) for value in wanted)


def _accepts(wanted: Any, value: Any) -> bool:
    """Whether one of the alternatives of a field takes a value: a text, or one operator."""
    if not isinstance(wanted, Mapping):
        return bool(wanted == value)
    return isinstance(value, str) and all(
        name in _OPERATORS and _OPERATORS[name](value, operand) for name, operand in wanted.items()
    )


def _anything_but(value: str, operand: Any) -> bool:
    """The operand is a text, texts, or one operator over a text or texts."""
    if isinstance(operand, Mapping):
        refused = [{name: text} for name, texts in operand.items() for text in _listed(texts)]
    else:
        refused = _listed(operand)
    return not any(_accepts(wanted, value) for wanted in refused)


def _listed(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def _is_prefix(value: str, operand: Any) -> bool:
    return _compare(value, operand, str.startswith)


def _is_suffix(value: str, operand: Any) -> bool:
    return _compare(value, operand, str.endswith)


def _compare(value: str, operand: Any, compare: Callable[[str, str], bool]) -> bool:
    """The operand is a text, or ``{"equals-ignore-case": text}``."""
    if isinstance(operand, Mapping):
        return compare(value.casefold(), str(operand.get("equals-ignore-case")).casefold())
    return compare(value, str(operand))


def _is_wildcard(value: str, operand: Any) -> bool:
    """``*`` stands for any characters, a backslash takes the next one as it is."""
    parts = re.findall(r"\\.|\*|[^\\*]+", str(operand))
    expression = "".join(".*" if p == "*" else re.escape(p.removeprefix("\\")) for p in parts)
    return re.fullmatch(expression, value, re.DOTALL) is not None


# Numeric and cidr operators are for other fields than the texts that are known here.
_OPERATORS: Mapping[str, Callable[[str, Any], bool]] = {
    "prefix": _is_prefix,
    "suffix": _is_suffix,
    "equals-ignore-case": lambda value, operand: value.casefold() == str(operand).casefold(),
    "wildcard": _is_wildcard,
    "anything-but": _anything_but,
    "exists": lambda _value, operand: operand is True,
}
