"""A configuration as a whole: its version, and one key for each section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from findings.configuration.fields import pairs_of, text_of
from findings.configuration.mistakes import ConfigurationRefused, Mistake, refused
from findings.configuration.shapes import Entry, Shape
from findings.configuration.yaml_nodes import read_nodes

VERSION = "1"
HEADING = "# Configuration of an organization in Cairn; docs/configuration.md describes it.\n"

Sections = Mapping[str, tuple[Entry, ...]]
"""Name of a section -> what it holds; a section that the file does not have is not there."""


def parse_document(content: bytes, shapes: Sequence[Shape]) -> Sections:
    """The sections of a file. Raises ConfigurationRefused with all that is wrong with them."""
    given = {key: (node, path) for key, node, path in pairs_of(read_nodes(content), "")}
    _refuse_version(given.pop("version", None))
    known = {shape.name: shape for shape in shapes}
    mistakes = [
        Mistake(
            message=f"there is no such section; known are {', '.join(known)}.",
            line=node.start_mark.line + 1,
            path=path,
        )
        for key, (node, path) in given.items()
        if key not in known
    ]
    sections = {}
    for name in known:
        if name in given:
            try:
                sections[name] = known[name].parse(given[name][0])
            except ConfigurationRefused as error:
                mistakes += error.mistakes
    if mistakes:
        raise ConfigurationRefused(*sorted(mistakes, key=lambda mistake: mistake.line))
    return sections


def write_document(sections: Sections, shapes: Sequence[Shape]) -> str:
    """The text of a configuration; equal configurations have equal texts."""
    told: dict[str, Any] = {"version": int(VERSION)}
    for shape in shapes:
        if shape.name in sections:
            written = [shape.written(entry) for entry in sections[shape.name]]
            told[shape.name] = written[0] if shape.is_single else written
    return HEADING + yaml.dump(
        told, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100
    )


class _PlainDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Quoted where a letter would be lost, as PyYAML folds U+0085 like a line break, and where
    other readers of YAML see a number."""
    style = None if text.isprintable() and not text.isdecimal() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_PlainDumper.add_representer(str, _text)


def _refuse_version(given: tuple[yaml.Node, str] | None) -> None:
    if given is None:
        raise refused(f"The file has no version; this is how it begins: version: {VERSION}")
    node, path = given
    if text_of(node, path) != VERSION:
        raise refused(f"{node.value!r} is not known; this Cairn reads {VERSION}.", node, path)
