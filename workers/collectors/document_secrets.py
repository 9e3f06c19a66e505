"""What looks like a secret in the content of a document; only the line and the rule are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from findings.facts.secrets import SecretHit, secret_in, secret_in_name, secret_in_value

_DEFAULT = re.compile(r"(?i)default|defaultvalue|value")
"""Keys whose value is that of what they stand in, like the default of a parameter."""
_LITERALS = (
    re.compile(r"""([A-Za-z_][\w-]*)["']?\]?\s*[:=]\s*(["'])(?P<value>[^"']+)\2"""),
    re.compile(r"""\b([A-Z_][A-Z0-9_]*)=(?P<value>[^\s"'$(`;|&{<]+)"""),
    re.compile(r"""(?<!\S)--?([A-Za-z][\w-]*)[ =](?P<value>[^\s"'$(`;|&{<-][^\s"'$(`;|&]*)"""),
)
"""Names that scripts give to literals: quoted ones, variables of a shell, options of a command.

What a function returns, another variable holds or a parameter brings is no literal.
"""
_SWITCH = re.compile(r"(?i).*-(stdin|prompt|required|only)")
"""Options that take no value, or say where one comes from."""
_PROSE = re.compile(r"(?i)description|title")


def secrets_in(content: str) -> tuple[SecretHit, ...]:
    """The hits in a document in YAML or JSON; in any other text, those of its lines."""
    try:
        root = yaml.compose(content)
    except (yaml.YAMLError, RecursionError):
        root = None
    found = _in_lines(content, 1)
    if root is not None:
        found = (hit for name, node in _scalars(root) for hit in _in_scalar(node, name))
    return tuple(
        SecretHit(location=f"line {line}", pattern=pattern) for line, pattern in sorted(set(found))
    )


def _scalars(root: yaml.Node) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Each scalar once, whatever refers to it, under the name that it is given."""
    waiting, seen = [("", root)], set()
    while waiting:
        name, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield name, node
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(name, item) for item in node.value]
        else:
            waiting += [(_name_of(key, name), value) for key, value in node.value]


def _name_of(key: yaml.Node, above: str) -> str:
    name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
    return above if _DEFAULT.fullmatch(name) else name


def _in_scalar(node: yaml.ScalarNode, name: str) -> Iterator[tuple[int, str]]:
    line, text = node.start_mark.line + 1, node.value
    if _PROSE.fullmatch(name):
        whole = secret_in_value(text)
    elif "\n" not in text:
        whole = secret_in(name, text) or _in_line(text)
    else:
        whole = secret_in_name(name, text)
        is_block = node.style in ("|", ">")  # else it is written with escapes, on one line
        for number, pattern in _in_lines(text, line + 1):
            yield number if is_block else line, pattern
    if whole:
        yield line, whole


def _in_lines(text: str, first: int) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), first):
        pattern = secret_in_value(line.strip()) or _in_line(line)
        if pattern:
            yield number, pattern


def _in_line(line: str) -> str | None:
    for literal in _LITERALS:
        for found in literal.finditer(line):
            name = "" if _SWITCH.fullmatch(found[1]) else found[1]
            pattern = secret_in(name, found["value"])
            if pattern:
                return pattern
    return None
