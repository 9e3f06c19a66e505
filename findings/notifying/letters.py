"""What a message says, and how each channel writes it (pure).

Names come from anywhere: accounts, resources, titles of tickets and incidents. In a letter they are
words and nothing else. :func:`words` makes one line of them; then mail escapes them for HTML and
breaks addresses in them, which mail programs would make links of, and Slack gets them as elements
of rich text, in which nothing is read as markup or as a mention.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_WORDS = 200
LONGEST_SUBJECT = 150
MOST_LINES = 20
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened. ``url`` leads to it; empty where the setting of the address is."""

    heading: str
    text: str
    at: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``counts`` says in words how many of what happened; ``lines`` are the first of them."""

    subject: str
    counts: Sequence[str]
    lines: Sequence[Line]
    total: int
    settings_url: str = ""

    @property
    def left_out(self) -> int:
        return max(self.total - len(self.lines), 0)


def words(text: str, longest: int = LONGEST_WORDS) -> str:
    """One line of visible characters: no line end, no control, nothing that turns the direction."""
    plain = "".join(
        " " if unicodedata.category(letter) in _INVISIBLE else letter for letter in text
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def unlinked(text: str) -> str:
    """Without what a mail program would make a link of."""
    return text.replace("://", "[:]//")


def mail_subject(letter: Letter) -> str:
    return words(f"[Cairn] {unlinked(letter.subject)}", LONGEST_SUBJECT)


def mail_text(letter: Letter) -> str:
    paragraphs = []
    if letter.total > 1:
        paragraphs.append("\n".join(unlinked(words(count)) for count in letter.counts))
    for line in letter.lines:
        told = f"{unlinked(words(line.heading))}, {line.at}\n{unlinked(words(line.text))}"
        paragraphs.append(f"{told}\n{line.url}" if line.url else told)
    if letter.left_out:
        paragraphs.append(f"And {letter.left_out} more.")
    if letter.settings_url:
        paragraphs.append(f"Choose what you hear of, or nothing at all:\n{letter.settings_url}")
    return "\n\n".join(paragraphs) + "\n"


def mail_html(letter: Letter) -> str:
    parts = ['<!doctype html><html lang="en"><body style="font-family:sans-serif">']
    if letter.total > 1:
        parts.append("".join(f"<p><strong>{_safe(count)}</strong></p>" for count in letter.counts))
    for line in letter.lines:
        heading = _safe(line.heading)
        if line.url:
            heading = f'<a href="{html.escape(line.url)}">{heading}</a>'
        parts.append(f"<p>{heading}, {_safe(line.at)}<br>{_safe(line.text)}</p>")
    if letter.left_out:
        parts.append(f"<p>And {letter.left_out} more.</p>")
    if letter.settings_url:
        address = html.escape(letter.settings_url)
        parts.append(f'<p><a href="{address}">Choose what you hear of, or nothing at all</a></p>')
    return "".join(parts) + "</body></html>\n"


def _safe(text: str) -> str:
    return html.escape(unlinked(words(text)))


def slack_payload(letter: Letter) -> dict[str, Any]:
    """The body of an incoming webhook; ``text`` is what a phone shows of it.

    Sources: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block and, for what has to
    be escaped in ``text``, https://docs.slack.dev/messaging/formatting-message-text
    """
    elements: list[dict[str, Any]] = []
    if letter.total > 1:
        counts = [_section([_text(words(count), bold=True)]) for count in letter.counts]
        elements.append(_bullets(counts))
    elements.append(_bullets([_section(_line(line)) for line in letter.lines]))
    last = [_text(f"And {letter.left_out} more. ")] if letter.left_out else []
    if letter.settings_url:
        last.append(_link(letter.settings_url, "Settings"))
    if last:
        elements.append(_section(last))
    return {
        "text": _escaped(words(letter.subject, LONGEST_SUBJECT)),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "rich_text", "elements": elements}],
    }


def _line(line: Line) -> list[dict[str, Any]]:
    heading = words(line.heading)
    head = _link(line.url, heading) if line.url else _text(heading, bold=True)
    return [head, _text(f", {words(line.at)}: {words(line.text)}")]


def _section(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": elements}


def _bullets(sections: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text_list", "style": "bullet", "elements": sections}


def _text(text: str, *, bold: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "text", "text": text or " "}
    return told | {"style": {"bold": True}} if bold else told


def _link(url: str, text: str) -> dict[str, Any]:
    return {"type": "link", "url": url, "text": text}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
