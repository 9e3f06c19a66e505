"""Files as nodes of YAML, which keep their lines; what only an attack needs is refused.

Nodes, not values: what a scalar means is for the field that it is given to. So 012345678901 stays
an account id, and NO stays a text.
"""

from __future__ import annotations

import yaml

from findings.configuration.mistakes import ConfigurationRefused, Mistake, refused

MOST_BYTES = 1_000_000
MOST_LEVELS = 20
NULL = "tag:yaml.org,2002:null"


class _Refusal(yaml.MarkedYAMLError):
    """Valid YAML that is not read here."""


class _PlainLoader(yaml.SafeLoader):
    """Composes no anchors, aliases and tags, and nothing nested without end."""

    levels = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # no types in the stubs
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Refusal(
                problem="anchors and aliases are not read", problem_mark=event.start_mark
            )
        if event.tag:
            raise _Refusal(problem="tags are not read", problem_mark=event.start_mark)
        if self.levels >= MOST_LEVELS:
            raise _Refusal(
                problem=f"this is nested more than {MOST_LEVELS} levels deep",
                problem_mark=event.start_mark,
            )
        self.levels += 1
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[arg-type]
        self.levels -= 1
        return node


def read_nodes(content: bytes) -> yaml.Node:
    """The one document of a file. Raises ConfigurationRefused."""
    if len(content) > MOST_BYTES:
        raise refused(f"The file is larger than {MOST_BYTES:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused("The file is not UTF-8 text.") from None
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"this cannot be read as YAML: {error.problem}."
        raise ConfigurationRefused(
            Mistake(message=what, line=mark.line + 1 if mark else 0)
        ) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        what = f"the character U+{int(error.character):04X} may not stand in a file of YAML."
        raise ConfigurationRefused(Mistake(message=what, line=line)) from None
    if node is None:
        raise refused("The file says nothing.")
    return node
