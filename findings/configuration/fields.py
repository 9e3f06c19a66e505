"""What may stand in a file, field by field: from a node to a plain value, and none but that.

Values are texts, numbers, flags, days, and lists and mappings of these: ``normal`` gives what rows
hold the same form, so that both sides can be compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import yaml

from findings.configuration.mistakes import ConfigurationRefused, Mistake, refused
from findings.configuration.yaml_nodes import NULL

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}([eE][+-]?[0-9]{1,3})?")


class Reference(StrEnum):
    """What a text names."""

    OU = "OU"
    """By its path or by the id that AWS gave it."""
    OU_PATH = "path of an OU"
    ACCOUNT = "account"
    TEAM = "team"
    CONNECTION = "connection"
    PERSON = "person"
    CHECK = "check"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of a mapping. One that is required is written always, others unless empty."""

    name: str
    required: bool = False
    nullable: bool = False
    """null says something else than leaving it out."""
    refers: Reference | None = None

    @property
    def default(self) -> Any:
        return None

    def parse(self, node: yaml.Node, path: str) -> Any:
        """The value that a node gives. Raises ConfigurationRefused."""
        raise NotImplementedError

    def normal(self, value: Any) -> Any:
        """A value of a row, in the form that ``parse`` gives."""
        return value

    def named(self, value: Any) -> Iterator[tuple[Reference, str]]:
        """What the value refers to."""
        if self.refers and value:
            yield self.refers, value


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """As it is written, quoted or not. ``choices``: it has to be one of these, if any are given."""

    choices: tuple[str, ...] = ()
    otherwise: str = ""

    @property
    def default(self) -> str:
        return self.otherwise

    def parse(self, node: yaml.Node, path: str) -> str:
        text = text_of(node, path)
        if self.choices and text not in self.choices:
            raise refused(f"{text!r} is none of {', '.join(self.choices)}.", node, path)
        return text


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A whole number."""

    otherwise: int | None = None

    @property
    def default(self) -> int | None:
        return self.otherwise

    def parse(self, node: yaml.Node, path: str) -> int:
        text = text_of(node, path)
        if not INTEGER.fullmatch(text):
            raise refused(f"{text!r} is not a whole number.", node, path)
        return int(text)


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    otherwise: bool = False

    @property
    def default(self) -> bool:
        return self.otherwise

    def parse(self, node: yaml.Node, path: str) -> bool:
        text = text_of(node, path)
        if text not in ("true", "false"):
            raise refused(f"{text!r} is neither true nor false.", node, path)
        return text == "true"


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    def parse(self, node: yaml.Node, path: str) -> date:
        text = text_of(node, path)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise refused(f"{text!r} is not a day, such as 2026-03-31.", node, path) from None


@dataclass(frozen=True, kw_only=True)
class Texts(Field):
    """A list of texts; with ``is_set`` their order says nothing and is that of the alphabet."""

    is_set: bool = False

    @property
    def default(self) -> list[str]:
        return []

    def parse(self, node: yaml.Node, path: str) -> list[str]:
        texts = [text_of(item, at) for item, at in items_of(node, path)]
        if len(set(texts)) < len(texts):
            raise refused("something stands here twice.", node, path)
        return self.normal(texts)

    def normal(self, value: Any) -> list[str]:
        return sorted(value) if self.is_set else list(value)

    def named(self, value: Any) -> Iterator[tuple[Reference, str]]:
        return ((self.refers, text) for text in value if self.refers)


@dataclass(frozen=True, kw_only=True)
class TextMap(Field):
    """A mapping of texts to texts; numbers, such as ids, are taken as they are written."""

    @property
    def default(self) -> dict[str, str]:
        return {}

    def parse(self, node: yaml.Node, path: str) -> dict[str, str]:
        return self.normal({key: text_of(item, at) for key, item, at in pairs_of(node, path)})

    def normal(self, value: Any) -> dict[str, str]:
        return dict(sorted(value.items()))


@dataclass(frozen=True, kw_only=True)
class Json(Field):
    """Any value that JSON has; mappings in the order of the alphabet."""

    otherwise: Any = None

    @property
    def default(self) -> Any:
        return self.otherwise

    def parse(self, node: yaml.Node, path: str) -> Any:
        return json_of(node, path)

    def normal(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.normal(item) for key, item in sorted(value.items())}
        return [self.normal(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """A mapping with fields of its own; those that are empty are left out of the value."""

    fields: tuple[Field, ...]

    @property
    def default(self) -> Any:
        return {}

    def parse(self, node: yaml.Node, path: str) -> Any:
        return self.normal(fields_of(node, path, self.fields))

    def normal(self, value: Any) -> Any:
        return _without_defaults(self.fields, value)

    def named(self, value: Any) -> Iterator[tuple[Reference, str]]:
        for field in self.fields:
            if field.name in value:
                yield from field.named(value[field.name])


@dataclass(frozen=True, kw_only=True)
class Groups(Field):
    """A list of mappings with fields of their own."""

    fields: tuple[Field, ...]

    @property
    def default(self) -> list[Any]:
        return []

    def parse(self, node: yaml.Node, path: str) -> list[Any]:
        return self.normal(fields_of(item, at, self.fields) for item, at in items_of(node, path))

    def normal(self, value: Any) -> list[Any]:
        return [_without_defaults(self.fields, item) for item in value]


def _without_defaults(fields: tuple[Field, ...], value: Mapping[str, Any]) -> dict[str, Any]:
    found = {f: f.normal(value[f.name]) for f in fields if f.name in value}
    return {f.name: held for f, held in found.items() if f.required or held != f.default}


def fields_of(node: yaml.Node, path: str, fields: tuple[Field, ...]) -> dict[str, Any]:
    """A mapping by its fields, those that are left out by their defaults; all mistakes at once."""
    given = {key: (item, at) for key, item, at in pairs_of(node, path)}
    known = {field.name: field for field in fields}
    mistakes = [
        Mistake(
            message=f"there is no such key here; known are {', '.join(known)}.",
            line=item.start_mark.line + 1,
            path=at,
        )
        for key, (item, at) in given.items()
        if key not in known
    ]
    values = {}
    for name, field in known.items():
        try:
            values[name] = _value(field, node, path, given.get(name))
        except ConfigurationRefused as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigurationRefused(*mistakes)
    return values


def _value(field: Field, node: yaml.Node, path: str, given: tuple[yaml.Node, str] | None) -> Any:
    if given is None and field.required:
        raise refused(f"give {field.name}.", node, path)
    if given is None:
        return field.default
    item, at = given
    if item.tag == NULL and field.nullable:
        return None
    return field.parse(item, at)


def text_of(node: yaml.Node, path: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise refused("give one text.", node, path)
    if node.tag == NULL:
        raise refused("nothing is given.", node, path)
    text: str = node.value
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise refused("this holds what is no text.", node, path)
    return text


def items_of(node: yaml.Node, path: str) -> Iterator[tuple[yaml.Node, str]]:
    """The items of a list, each with its path."""
    if not isinstance(node, yaml.SequenceNode):
        raise refused("give a list; [] is one of nothing.", node, path)
    return ((item, f"{path}[{number}]") for number, item in enumerate(node.value))


def pairs_of(node: yaml.Node, path: str) -> Iterator[tuple[str, yaml.Node, str]]:
    """Key, value and its path of a mapping, in which no key stands twice."""
    if not isinstance(node, yaml.MappingNode):
        raise refused("give a mapping of keys and values.", node, path)
    lines: dict[str, int] = {}
    for key_node, item in node.value:
        key = text_of(key_node, path)
        at = f"{path}.{key}" if path else key
        line = key_node.start_mark.line + 1
        if key in lines:
            raise refused(f"this stands on line {lines[key]} already.", key_node, at)
        lines[key] = line
        yield key, item, at


def json_of(node: yaml.Node, path: str) -> Any:
    """What JSON has, written as in JSON: YAML's other forms of numbers and truth are refused."""
    if isinstance(node, yaml.MappingNode):
        pairs = {key: json_of(item, at) for key, item, at in pairs_of(node, path)}
        return dict(sorted(pairs.items()))
    if isinstance(node, yaml.SequenceNode):
        return [json_of(item, at) for item, at in items_of(node, path)]
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    text = text_of(node, path)
    if kind == "bool" and text in ("true", "false"):
        return text == "true"
    if kind == "int" and INTEGER.fullmatch(text):
        return int(text)
    if kind == "float" and DECIMAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    if kind in ("bool", "int", "float"):
        raise refused(f"write {text!r} as in JSON, or in quotes where it is a text.", node, path)
    return text
