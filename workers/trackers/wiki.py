"""Markdown as the wiki text of Jira Data Center, and back for what is ours (pure).

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it.tree import SyntaxTreeNode

from findings.ticketing import block
from workers.trackers.markdown import as_paragraph, code_of, escaped, link_of, pieces, tree
from workers.trackers.splice import splice

_SPECIAL = re.compile(r"([*_{}\[\]|^~+!?])")
_STARTS = re.compile(r"^(?=[#-]+\s|h[1-6]\.|bq\.)")
_INLINE = re.compile(
    r"\{\{(?P<code>(?:\\.|[^}\\])*)\}\}"
    r"|\*(?P<strong>(?:\\.|\{\{(?:\\.|[^}\\])*\}\}|[^*\\])+)\*"
    r"|_(?P<em>(?:\\.|[^_\\])+)_"
    r"|\[(?P<text>(?:\\.|[^\]|\\])*)\|(?P<url>[^\]|\s]*)\]"
    r"|\\(?P<escape>.)|(?P<backslash>&#92;)|(?P<plain>.)",
    re.S,
)
_HEADING = re.compile(r"^h([1-6])\. (.*)$")
_OURS = re.compile(
    r"^([^\n]*Kept by Cairn \((cairn-[0-9a-f]{32})\), begin[^\n]*\n+)"
    r"((?:(?!^[^\n]*Kept by Cairn \().*\n)*?)"
    r"(\n*^[^\n]*Kept by Cairn \(\2\), end)",
    re.M,
)
_ITEM = re.compile(r"^([*#]+) (.*)$")


def wiki_of(markdown: str) -> str:
    return "\n\n".join("\n".join(map(_block, tree(piece))) for piece in pieces(markdown))


def markdown_of(wiki: str) -> str:
    """Only what :func:`wiki_of` makes is understood; the rest comes as its words."""
    lines, out, is_code, number = wiki.split("\n"), [], False, 0
    for line in lines:
        fence = re.match(r"^\{(?:code(?::(\w+))?|noformat)\}$", line)
        if fence:
            out.append("```" if is_code else f"```{fence[1] or ''}")
            is_code = not is_code
            continue
        item = _ITEM.match(line)
        number = number + 1 if item and item[1].endswith("#") else 0
        out.append(line if is_code else _line(line, number))
    return "\n".join(out)


def told_of(raw: str) -> str:
    """A description as it is told: theirs stays wiki text, what stands between our marks not."""
    return _between_marks(block.normal(raw), markdown_of)


def raw_of(raw: str, described: str) -> str:
    """The description with a change of what :func:`told_of` told; theirs stays byte for byte.

    Where one of our two lines was lost, what stood between them was told as if it were theirs. So
    it is taken out here, if it still has the words that are put there now.
    """
    text = _between_marks(block.normal(described), wiki_of)
    ours = _OURS.search(text)
    if ours and not _OURS.search(block.normal(raw)):
        before, after = (part.replace(ours[3].strip("\n"), "") for part in _around(text, ours))
        text = block.normal(f"{before}{ours[0]}{after}")
    return splice(raw, text)


def _around(text: str, found: re.Match[str]) -> tuple[str, str]:
    return text[: found.start()], text[found.end() :]


def _between_marks(text: str, translate: Callable[[str], str]) -> str:
    def translated(found: re.Match[str]) -> str:
        inside = found[3].rstrip("\n")
        return found[1] + translate(inside) + found[3][len(inside) :] + found[4]

    return _OURS.sub(translated, text)


def _block(part: SyntaxTreeNode, signs: str = "") -> str:
    match part.type:
        case "heading":
            return f"h{part.tag[1]}. {_children(part)}"
        case "bullet_list" | "ordered_list":
            sign = signs + ("*" if part.type == "bullet_list" else "#")
            return "\n".join(_item(item, sign) for item in part.children)
        case "blockquote":
            return "\n".join(
                f"bq. {line}" for child in part.children for line in _block(child).split("\n")
            )
        case "fence" | "code_block":
            language = part.info.split()[0] if part.info.split() else ""
            mark = f"{{code:{language}}}" if language else "{code}"
            return f"{mark}\n{part.content.removesuffix(chr(10))}\n{{code}}"
        case "hr":
            return "----"
        case _:
            return _STARTS.sub("\\\\", _children(part))


def _item(item: SyntaxTreeNode, sign: str) -> str:
    lists = ("bullet_list", "ordered_list")
    words = [_block(child) for child in item.children if child.type not in lists]
    nested = [_block(child, sign) for child in item.children if child.type in lists]
    return "\n".join([f"{sign} " + " ".join(words).replace("\n", " "), *nested])


def _children(part: SyntaxTreeNode) -> str:
    return "".join(_inline(child) for child in part.children)


def _inline(part: SyntaxTreeNode) -> str:
    match part.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            return "{{" + _plain(part.content) + "}}"
        case "strong":
            return f"*{_children(part)}*"
        case "em":
            return f"_{_children(part)}_"
        case "link":
            href = str(part.attrs["href"]).replace("|", "%7C").replace("]", "%5D")
            return f"[{_children(part)}|{href}]"
        case _ if part.children:
            return _children(part)
        case _:
            return _plain(part.content)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\\", "&#92;"))


def _line(line: str, number: int) -> str:
    if line == "----":
        return "---"
    if heading := _HEADING.match(line):
        return f"{'#' * int(heading[1])} {_words(heading[2])}"
    if item := _ITEM.match(line):
        sign = f"{number}." if item[1].endswith("#") else "-"
        return "  " * (len(item[1]) - 1) + f"{sign} {_words(item[2])}"
    if line.startswith("bq. "):
        return f"> {_words(line[4:])}"
    is_escaped = re.match(r"^\\(?=[#-]+\s)", line)
    return as_paragraph(_words(line[1:] if is_escaped else line))


def _words(wiki: str) -> str:
    return "".join(map(_word, _INLINE.finditer(wiki)))


def _word(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[found.lastgroup or 0]
    match kind:
        case "code":
            return code_of(_bare(text))
        case "strong":
            return f"**{_words(text)}**"
        case "em":
            return f"*{_words(text)}*"
        case "url":
            return link_of(_words(found["text"]), text)
        case "backslash":
            return "\\\\"
        case _:
            return escaped(text)


def _bare(wiki: str) -> str:
    return re.sub(r"\\(.)", r"\1", wiki).replace("&#92;", "\\")
