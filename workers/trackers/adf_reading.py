"""Nodes of the Atlassian Document Format as Markdown, and a change put back into them (pure).

Nodes that Markdown cannot tell (panels, media, mentions, those of a later version) are shown as
well as it can, and stay as they are when our part is written.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from findings.ticketing import block
from workers.trackers.adf import Node, document, nodes_of
from workers.trackers.markdown import as_paragraph, code_of, escaped, link_of

_AROUND = {"strong": "**", "em": "*"}
_DEEPEST = 50


def markdown_of(description: Any) -> str:
    """The whole document; empty for none. Plain text, as old issues have it, stays."""
    if isinstance(description, str):
        return block.normal(description)
    return block.normal("\n\n".join(chunk for chunk in map(_chunk, _content(description)) if chunk))


def spliced(description: Any, described: str) -> Node:
    """The document with a changed description: nodes whose words did not change are the same.

    ``described`` is :func:`markdown_of` of the document, changed.
    """
    nodes = _content(description)
    head, rest = _taken(nodes, block.normal(described), _without_first)
    nodes = nodes[len(head) :]
    tail, rest = _taken(nodes[::-1], rest, _without_last)
    old = nodes[: len(nodes) - len(tail)]
    return document([*head, *_middle(old, rest), *tail[::-1]])


def _content(description: Any) -> list[Node]:
    content = description.get("content") if isinstance(description, dict) else None
    return [node for node in content or [] if isinstance(node, dict)]


def _taken(
    nodes: list[Node], text: str, without: Callable[[str, str], str | None]
) -> tuple[list[Node], str]:
    """Nodes at one end that stay, and the text that is left for the others."""
    taken = []
    for node in nodes:
        chunk = _chunk(node)
        rest = without(text, chunk) if chunk else text
        if rest is None:
            break
        text = rest
        taken.append(node)
    return taken, text


def _without_first(text: str, chunk: str) -> str | None:
    if text == chunk:
        return ""
    return text.removeprefix(f"{chunk}\n\n") if text.startswith(f"{chunk}\n\n") else None


def _without_last(text: str, chunk: str) -> str | None:
    if text == chunk:
        return ""
    return text.removesuffix(f"\n\n{chunk}") if text.endswith(f"\n\n{chunk}") else None


def _middle(old: list[Node], text: str) -> list[Node]:
    """The changed part: made anew, but for nodes that Markdown cannot tell and that are left."""
    made: list[Node] = []
    rest = f"\n\n{text}\n\n"
    for node in old:
        chunk = _chunk(node)
        if not chunk or nodes_of(chunk) == [node] or f"\n\n{chunk}\n\n" not in rest:
            continue
        before, _, after = rest.partition(f"\n\n{chunk}\n\n")
        made += [*nodes_of(before), node]
        rest = f"\n\n{after}"
    return [*made, *nodes_of(rest)]


def _chunk(node: Node) -> str:
    return block.normal(_block(node, 0))


def _block(node: Node, depth: int) -> str:
    kind, attrs = node.get("type"), node.get("attrs") or {}
    if depth > _DEEPEST:
        return "…"
    inner = _content(node)
    match kind:
        case "paragraph":
            return as_paragraph(_inline(inner))
        case "heading":
            return f"{'#' * int(attrs.get('level', 1))} {_inline(inner)}"
        case "bulletList" | "orderedList" | "taskList":
            return "\n".join(
                _item(f"{number}." if kind == "orderedList" else "-", item, depth)
                for number, item in enumerate(inner, start=1)
            )
        case "codeBlock":
            text = "".join(str(part.get("text", "")) for part in inner)
            return f"```{attrs.get('language') or ''}\n{text}\n```"
        case "blockquote" | "panel":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(inner, depth).split("\n"))
        case "rule":
            return "---"
        case "table":
            return "\n".join(_row(row, depth) for row in inner)
        case _ if inner and any("content" in part for part in inner):
            return _blocks(inner, depth)
        case _:
            return as_paragraph(_inline(inner or [node]))


def _blocks(nodes: list[Node], depth: int) -> str:
    return "\n\n".join(chunk for node in nodes if (chunk := _block(node, depth + 1)))


def _item(sign: str, item: Node, depth: int) -> str:
    inner = _content(item)
    is_tight = all(part.get("type") in ("paragraph", "bulletList", "orderedList") for part in inner)
    if any("content" in part for part in inner):
        chunks = [_block(part, depth + 1) for part in inner]
        text = ("\n" if is_tight and len(inner) <= 2 else "\n\n").join(chunks)
    else:
        text = _inline(inner)
    return f"{sign} " + text.replace("\n", "\n" + " " * (len(sign) + 1))


def _row(row: Node, depth: int) -> str:
    cells = [_blocks(_content(cell), depth).replace("\n", " ") for cell in _content(row)]
    return "| " + " | ".join(cells) + " |"


def _inline(nodes: list[Node], marks: tuple[str, ...] = ("link", "strong", "em")) -> str:
    """Runs of one link, then of strong, then of emphasized words, then the words."""
    if not marks:
        return "".join(map(_word, nodes))
    first, *later = marks
    parts = []
    for value, run in groupby(nodes, key=lambda node: _mark(node, first)):
        text = _inline(list(run), tuple(later))
        if value is None or not text.strip():
            parts.append(text)
        elif first == "link":
            parts.append(link_of(text, value))
        else:
            parts.append(f"{_AROUND[first]}{text}{_AROUND[first]}")
    return "".join(parts)


def _mark(node: Node, kind: str) -> str | None:
    """The address of a link, the name of another mark; None where it has none."""
    for mark in node.get("marks") or []:
        if isinstance(mark, dict) and mark.get("type") == kind:
            return str((mark.get("attrs") or {}).get("href", "")) if kind == "link" else kind
    return None


def _word(node: Node) -> str:
    kind, attrs = node.get("type"), node.get("attrs") or {}
    if kind == "text":
        text = str(node.get("text", ""))
        return code_of(text) if _mark(node, "code") else escaped(text)
    if kind == "hardBreak":
        return "\n"
    shown = attrs.get("text") or attrs.get("shortName") or attrs.get("url") or f"[{kind}]"
    return escaped(str(shown))
