"""Markdown as nodes of the Atlassian Document Format (pure).

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

from typing import Any

from markdown_it.tree import SyntaxTreeNode

from workers.trackers.markdown import pieces, tree

Node = dict[str, Any]
_MARKS = {"strong": "strong", "em": "em", "code_inline": "code"}


def document(nodes: list[Node]) -> Node:
    return {"type": "doc", "version": 1, "content": nodes}


def nodes_of(markdown: str) -> list[Node]:
    """One node for each part between blank lines, so that reading gives the same words."""
    return [node for piece in pieces(markdown) for block in tree(piece) for node in _block(block)]


def _block(block: SyntaxTreeNode) -> list[Node]:
    match block.type:
        case "heading":
            return [_node("heading", _inline_of(block), attrs={"level": int(block.tag[1])})]
        case "bullet_list" | "ordered_list":
            kind = "bulletList" if block.type == "bullet_list" else "orderedList"
            return [_node(kind, [_node("listItem", _inside(item)) for item in block.children])]
        case "blockquote":
            return [_node("blockquote", _inside(block))]
        case "fence" | "code_block":
            language = block.info.split()[0] if block.info.split() else ""
            text = block.content.removesuffix("\n")
            content = [{"type": "text", "text": text}] if text else []
            attrs = {"language": language} if language else None
            return [_node("codeBlock", content, attrs=attrs)]
        case "hr":
            return [{"type": "rule"}]
        case _:
            return [_node("paragraph", _inline_of(block))]


def _inside(block: SyntaxTreeNode) -> list[Node]:
    """What a list item or a quotation may hold: no heading, quotation or rule.

    An item begins with a paragraph or with code.
    https://developer.atlassian.com/cloud/jira/platform/apis/document/nodes/listItem/
    https://developer.atlassian.com/cloud/jira/platform/apis/document/nodes/blockquote/
    """
    nodes = (node for child in block.children for node in _block(child))
    found = [plain for node in nodes for plain in _plain(node)]
    is_item = block.type == "list_item"
    if not found or (is_item and found[0]["type"] not in ("paragraph", "codeBlock")):
        found.insert(0, _node("paragraph", []))
    return found


def _plain(node: Node) -> list[Node]:
    """A node as it may stand within another."""
    match node["type"]:
        case "heading":
            return [_node("paragraph", node["content"])]
        case "blockquote":
            return list(node["content"])
        case "rule":
            return [_node("paragraph", _text("---", []))]
        case _:
            return [node]


def _node(kind: str, content: list[Node], *, attrs: Node | None = None) -> Node:
    return {"type": kind, **({"attrs": attrs} if attrs else {}), "content": content}


def _inline_of(block: SyntaxTreeNode) -> list[Node]:
    return [node for child in block.children for node in _inline(child, [])]


def _inline(part: SyntaxTreeNode, marks: list[Node]) -> list[Node]:
    if part.type in ("softbreak", "hardbreak"):
        return [{"type": "hardBreak"}]
    if part.type == "code_inline":
        links = [mark for mark in marks if mark["type"] == "link"]
        return _text(part.content, [*links, {"type": "code"}])
    if part.type == "link" and part.attrs["href"]:
        marks = [*marks, {"type": "link", "attrs": {"href": str(part.attrs["href"])}}]
    elif part.type in _MARKS:
        marks = [*marks, {"type": _MARKS[part.type]}]
    if part.children:
        return [node for child in part.children for node in _inline(child, marks)]
    return _text(part.content, marks)


def _text(text: str, marks: list[Node]) -> list[Node]:
    if not text:
        return []
    return [{"type": "text", "text": text, **({"marks": marks} if marks else {})}]
