"""What a filter pattern of CloudWatch Logs selects of events that are JSON.

An event is given by the fields that make it what it is. Of the others it has none, or values that
no pattern names: a pattern may leave such values out, but one that asks for a value is for other
events. A pattern of plain terms finds them in the given values.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

Event = Mapping[str, Any]
"""The fields that make an event what it is: texts, or further fields."""


class NotUnderstood(ValueError):
    """A pattern that is none of those that are documented."""


Test = Callable[[Event], bool]


def selects(pattern: str, event: Event) -> bool:
    """Whether a pattern selects an event; raises NotUnderstood.

    The filters of an organization's log group are asked about the same events for each account.
    """
    return _is_selected(pattern.strip(), json.dumps(event))


@lru_cache(maxsize=16384)
def _is_selected(text: str, event: str) -> bool:
    return _test_of(text)(json.loads(event))


@lru_cache(maxsize=4096)
def _test_of(text: str) -> Test:
    if text.startswith("{") and text.endswith("}"):
        return _Parser(text[1:-1]).parsed()
    if text.startswith("["):
        return lambda _event: False  # of fields that are separated by spaces, which JSON is not
    return lambda event: _has_terms(text, event)


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>&&|\|\||[()])
      | (?P<field>\$(?:\.?\[[^\]]*\]|\.?[\w*@-]+)*)
      | (?P<operator>!=|<=|>=|=|<|>)
      | (?P<quoted>"(?:\\.|[^"\\])*")
      | (?P<regex>%[^%]*%)
      | (?P<bare>[^\s()&|=<>!"%]+)
    )""",
    re.VERBOSE,
)
_ABSENT = {
    ("IS", "NULL"): True,
    ("NOT", "EXISTS"): True,
    ("IS", "TRUE"): False,
    ("IS", "FALSE"): False,
}
"""Whether these hold of a field that is not given; of a text none holds."""


class _Parser:
    """Of comparisons, joined by ``&&`` and ``||`` and grouped by brackets."""

    def __init__(self, text: str) -> None:
        self._tokens = deque(_tokens(text))

    def parsed(self) -> Test:
        found = self._any()
        if self._tokens:
            raise NotUnderstood(f"{self._tokens[0][1]!r} follows the end")
        return found

    def _any(self) -> Test:
        tests = [self._all()]
        while self._take("||"):
            tests.append(self._all())
        return lambda event: any(test(event) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda event: all(test(event) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            found = self._any()
            if not self._take(")"):
                raise NotUnderstood("a bracket is not closed")
            return found
        path = self._next("field").removeprefix("$").removeprefix(".").split(".")
        if self._tokens and self._tokens[0][0] == "bare":
            return self._presence(path)
        operator, operand = self._next("operator"), self._next("quoted", "regex", "bare")
        wanted = _expression(operand)
        if operator == "=":
            return lambda event: _is_like(_value_at(path, event), wanted)
        return lambda event: operator == "!=" and not _is_like(_value_at(path, event), wanted)

    def _presence(self, path: list[str]) -> Test:
        words = (self._next("bare").upper(), self._next("bare").upper())
        if words not in _ABSENT:
            raise NotUnderstood(" ".join(words))
        return lambda event: _value_at(path, event) is None and _ABSENT[words]

    def _take(self, mark: str) -> bool:
        if self._tokens and self._tokens[0] == ("mark", mark):
            self._tokens.popleft()
            return True
        return False

    def _next(self, *kinds: str) -> str:
        if not self._tokens or self._tokens[0][0] not in kinds:
            raise NotUnderstood(f"{kinds[0]} expected")
        return self._tokens.popleft()[1]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    end = len(text.rstrip())
    position = 0
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise NotUnderstood(text[position:])
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()


def _value_at(path: list[str], event: Event) -> str | None:
    """The value of a field like ``userIdentity.type``; None where it is not given."""
    value: Any = event
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value if isinstance(value, str) else ""


def _is_like(value: str | None, wanted: re.Pattern[str]) -> bool:
    return value is not None and wanted.search(value) is not None


def _expression(operand: str) -> re.Pattern[str]:
    """Of a text, in which ``*`` stands for any characters, or of a regular expression."""
    if operand.startswith("%"):
        return _compiled(operand)
    text = re.sub(r"\\(.)", r"\1", operand[1:-1]) if operand.startswith('"') else operand
    return re.compile("^" + ".*".join(map(re.escape, text.split("*"))) + r"\Z", re.DOTALL)


def _compiled(operand: str) -> re.Pattern[str]:
    try:
        return re.compile(operand[1:-1])
    except re.error as error:
        raise NotUnderstood(operand) from error


_TERM = re.compile(r"""([?-]?)("(?:\\.|[^"\\])*"|%[^%]*%|[^\s"]+)""")


def _has_terms(text: str, event: Event) -> bool:
    """All terms, none with a minus, and if there are such one with a question mark."""
    values = list(_values(event))
    optional = []
    for sign, term in _TERM.findall(text):
        found = any(_contains(value, term) for value in values)
        if sign == "?":
            optional.append(found)
        elif found == (sign == "-"):
            return False
    return any(optional) or not optional


def _values(event: Event) -> Iterator[str]:
    for value in event.values():
        if isinstance(value, Mapping):
            yield from _values(value)
        else:
            yield value


def _contains(value: str, term: str) -> bool:
    if term.startswith("%"):
        return _is_like(value, _compiled(term))
    return term.strip('"') in value
