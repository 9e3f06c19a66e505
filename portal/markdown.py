"""Markdown that people write, as HTML that does nothing: the one place that makes it.

CommonMark with tables and struck-out text. Raw HTML is shown as it was typed, images become links
(they would tell another server who reads), and links go to http, https and mailto alone. What
markdown-it made is cleaned once more by nh3, so a mistake in either is held by the other, and by
the policy of the page.
"""

from collections.abc import Sequence
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

LONGEST = 100_000
"""Characters that are rendered; what is longer is shown as plain text up to here."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TAGS = {
    *HEADINGS, "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
_TURNING = dict.fromkeys(map(ord, "\0\u202a\u202b\u202c\u202d\u202e"))
"""What would show letters in another order than they stand in, such as those of a command.

What right-to-left text needs, isolates and marks, stays:
https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
"""
LOWER = 2
"""A page has headings of its own: those of a text stand two levels below."""


def _image_as_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children or [], options, env)
    source = nh3.clean_text(str(token.attrs.get("src", "")))
    return f'<a href="{source}">{nh3.clean_text(words) or source}</a>'


_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
_markdown.enable(["table", "strikethrough"])
_markdown.add_render_rule("image", _image_as_link)


def markdown_html(text: str) -> SafeString:
    """The text as HTML that can stand in a page: no script, no style, no address but to links."""
    text = text.translate(_TURNING)
    if len(text) > LONGEST:
        cut = nh3.clean_text(text[:LONGEST])
        return mark_safe(f"<pre><code>{cut}</code></pre>")  # noqa: S308 - every sign is escaped
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.tag in HEADINGS:
            token.tag = f"h{min(6, int(token.tag[1]) + LOWER)}"
    made = _markdown.renderer.render(tokens, _markdown.options, {})
    return mark_safe(_cleaned(made.translate(_TURNING)))  # noqa: S308 - cleaned by an allow-list


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    )
