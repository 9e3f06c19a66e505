"""Sections of a configuration: which entries they hold, and what says that two are the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from findings.configuration.fields import Field, Reference, fields_of, items_of
from findings.configuration.mistakes import ConfigurationRefused, Mistake

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing of a section: all its values, and where they stand in the file.

    ``row`` is what the database holds of it; nothing here looks into it.
    """

    values: Mapping[str, Any]
    line: int = 0
    path: str = ""
    row: Any = field(default=None, compare=False)

    def mistake(self, message: str) -> ConfigurationRefused:
        return ConfigurationRefused(Mistake(message=message, line=self.line, path=self.path))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A list of entries, or with ``is_single`` one mapping.

    ``key`` names the fields that tell entries apart; with ``may_repeat`` the first, second … entry
    of the same key are told apart, too. ``either`` are fields of which at most one is given.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    is_single: bool = False
    is_ordered: bool = False
    may_repeat: bool = False
    either: tuple[str, ...] = ()

    def parse(self, node: yaml.Node) -> tuple[Entry, ...]:
        """The entries of a section. Raises ConfigurationRefused with all that is wrong."""
        if self.is_single:
            return (self._entry(node, self.name),)
        entries: list[Entry] = []
        mistakes: list[Mistake] = []
        for item, path in items_of(node, self.name):
            try:
                entries.append(self._entry(item, path))
            except ConfigurationRefused as error:
                mistakes += error.mistakes
        mistakes += self._repeated(entries)
        if mistakes:
            raise ConfigurationRefused(*mistakes)
        return tuple(entries)

    def _entry(self, node: yaml.Node, path: str) -> Entry:
        entry = Entry(
            values=fields_of(node, path, self.fields), line=node.start_mark.line + 1, path=path
        )
        if sum(bool(entry.values[name]) for name in self.either) > 1:
            raise entry.mistake(f"give {' or '.join(self.either)}, not both.")
        return entry

    def _repeated(self, entries: Iterable[Entry]) -> Iterator[Mistake]:
        lines: dict[Key, int] = {}
        for entry in entries:
            first = lines.setdefault(self.key_of(entry), entry.line)
            if first != entry.line and not self.may_repeat:
                message = f"{self.called(entry)} stands on line {first} already."
                yield Mistake(message=message, line=entry.line, path=entry.path)

    def of_row(self, values: Mapping[str, Any], row: Any = None) -> Entry:
        """What a row says, as an entry."""
        normal = {f.name: f.normal(values[f.name]) for f in self.fields}
        return Entry(values=normal, row=row, path=self.name)

    def key_of(self, entry: Entry) -> Key:
        return tuple(entry.values[name] for name in self.key)

    def ordered(self, entries: Iterable[Entry]) -> list[Entry]:
        """As they are given, where their order says something; otherwise always alike."""
        if self.is_ordered:
            return list(entries)
        return sorted(entries, key=lambda entry: (self.key_of(entry), repr(entry.values)))

    def keyed(self, entries: Iterable[Entry]) -> dict[Key, Entry]:
        """By what tells them apart, in their order."""
        found: dict[Key, Entry] = {}
        times: dict[Key, int] = {}
        for entry in entries:
            key = self.key_of(entry)
            times[key] = times.get(key, 0) + 1
            found[(*key, times[key])] = entry
        return found

    def called(self, entry: Entry) -> str:
        """The entry in words, by its key."""
        if self.key == ("name",):
            return str(entry.values["name"])
        told = [f"{name} {entry.values[name]}" for name in self.key if entry.values[name]]
        return ", ".join(told) or ("everything" if self.key else self.name)

    def written(self, entry: Entry) -> dict[str, Any]:
        """The values that are written: what is required, and what is not as by default."""
        return {
            f.name: entry.values[f.name]
            for f in self.fields
            if f.required or entry.values[f.name] != f.default
        }

    def named(self, entry: Entry) -> Iterator[tuple[Field, Reference, str]]:
        """What the entry refers to, and in which field."""
        for each in self.fields:
            for reference, text in each.named(entry.values[each.name]):
                yield each, reference, text
