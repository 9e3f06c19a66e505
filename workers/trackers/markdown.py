"""Reading Markdown as a tree, piece by piece, for trackers that keep text another way (pure)."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_STARTS = re.compile(r"^(#{1,6}|[-+]|\d{1,9}(?=[.)]))(?=\s|[.)])")
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.M)


def escaped(text: str) -> str:
    """Plain words as Markdown that shows just these words; as ``content.quoted`` does."""
    return _SPECIAL.sub(r"\\\1", text)


def as_paragraph(text: str) -> str:
    """Markdown of a paragraph that does not begin like a list or a heading."""
    return _STARTS.sub(lambda found: _broken(found[1]), text, count=1)


def _broken(start: str) -> str:
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def pieces(markdown: str) -> list[str]:
    """Parts between blank lines; a fence, and what is indented below a list, stay whole."""
    parts: list[str] = []
    for part in re.split(r"\n{2,}", markdown.strip("\n")):
        is_open = bool(parts) and len(_FENCE.findall(parts[-1])) % 2 == 1
        if parts and (is_open or part.startswith("  ")):
            parts[-1] += "\n\n" + part
        elif part:
            parts.append(part)
    return parts


def tree(markdown: str) -> list[SyntaxTreeNode]:
    """Blocks of one piece. Markup of HTML is words."""
    return list(SyntaxTreeNode(_MARKDOWN.parse(markdown)).children)


def link_of(text: str, url: str) -> str:
    target = f"<{url}>" if re.search(r"[()\s]", url) else url
    return f"[{text}]({target})"


def code_of(text: str) -> str:
    fence = "``" if "`" in text else "`"
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"
