"""What a ticket says: its title and the Markdown between our markers (pure).

Words of resources and messages are quoted, so that none of them becomes a link, a mention, a
heading or markup. The same findings give the same words: nothing here reads a clock.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LISTED = 50
"""Findings named one by one; of more the number is told."""
TITLE_LIMIT = 200
_SPACES = re.compile(r"\s+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_CATCHING = re.compile(r"([@#]|:(?=//))")
_JOINER = "\u2060"
"""Takes no room; after it a name is no mention, a number no reference, an address no link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding of a ticket, or one account as a whole: that has no region and no resource."""

    account: str
    region: str
    resource: str
    message: str
    state: str
    """open, claimed, verified, or the cause of another close."""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a ticket is about."""

    check_title: str
    checks: int
    severity: str
    team: str
    remediation: str
    note: str
    due: date | None
    lines: Sequence[Line]
    predecessor: str = ""


def quoted(text: str) -> str:
    """Foreign words as Markdown that shows just these words, on one line."""
    plain = _SPACES.sub(" ", text.replace("\0", "")).strip()
    return _CATCHING.sub(rf"\1{_JOINER}", _SPECIAL.sub(r"\\\1", plain))


def code(text: str) -> str:
    """Foreign words as inline code."""
    plain = _SPACES.sub(" ", text.replace("\0", "").replace("`", "'")).strip()
    return f"`{plain}`" if plain else ""


def progress(lines: Sequence[Line]) -> str:
    """Such as "7 of 12 verified, 2 claimed", or "2 of 3 accounts verified"."""
    states = Counter(line.state for line in lines)
    unit = "" if any(line.region for line in lines) else "accounts "
    others = {
        "claimed": "claimed",
        "resource_gone": "gone",
        "account_left": "of accounts that left",
    }
    told = [f"{states['verified']} of {len(lines)} {unit}verified"]
    told += [f"{states[state]} {word}" for state, word in others.items() if states[state]]
    rest = sum(n for s, n in states.items() if s not in ("open", "verified", *others))
    return ", ".join([*told, *([f"{rest} no longer apply"] if rest else [])])


def title_of(story: Story) -> str:
    """What is wrong, and where or how often; it names no resource."""
    what = story.check_title
    if story.checks > 1:
        what = f"{what} and {story.checks - 1} more checks"
    accounts = {line.account for line in story.lines}
    if not any(line.region for line in story.lines):
        where = next(iter(accounts)) if len(accounts) == 1 else f"{len(accounts)} accounts"
    elif len(accounts) == 1 and len(story.lines) == 1:
        where = f"{story.lines[0].account}, {story.lines[0].region}"
    elif len(accounts) == 1:
        where = f"{len(story.lines)} findings in {next(iter(accounts))}"
    else:
        where = f"{len(story.lines)} findings in {len(accounts)} accounts"
    whole = _SPACES.sub(" ", f"{what}: {where}".replace("\0", "")).strip()
    return whole if len(whole) <= TITLE_LIMIT else f"{whole[: TITLE_LIMIT - 1]}…"


def block_of(story: Story) -> str:
    facts = [f"Severity: {story.severity}"]
    facts += [f"Due: {story.due.isoformat()}"] if story.due else []
    facts += [f"Owner: {quoted(story.team)}"] if story.team else []
    facts += [f"Follows: {quoted(story.predecessor)}"] if story.predecessor else []
    parts = [
        f"**{progress(story.lines)}**",
        "\n".join(f"- {fact}" for fact in facts),
        *([f"Note: {quoted(story.note)}"] if story.note else []),
        *([f"What to do: {quoted(story.remediation)}"] if story.remediation else []),
        "\n".join(_line(line) for line in _ordered(story.lines)[:LISTED]),
        *([f"And {len(story.lines) - LISTED} more."] if len(story.lines) > LISTED else []),
        "A scan verifies the fix: setting this to done is taken for a claim.",
    ]
    return "\n\n".join(part for part in parts if part)


def shortened(markdown: str, limit: int) -> str:
    """At most ``limit`` characters of it, cut after a line or within the only one; this is told."""
    if len(markdown) <= limit:
        return markdown
    more = "\n\nAnd more, which finds no room here."
    cut = markdown[: limit - len(more)].rstrip()
    return (cut.rpartition("\n")[0].rstrip() or cut.rstrip("\\")) + more


def rejection_of(lines: Sequence[Line]) -> str:
    """The comment that goes back with a claim that a scan contradicts."""
    failing = [line for line in _ordered(lines) if line.state == "open"]
    more = [f"And {len(failing) - LISTED} more."] if len(failing) > LISTED else []
    return "\n\n".join(
        [
            f"A scan looked again: {progress(lines)}. It still fails here:",
            "\n".join(_line(line) for line in failing[:LISTED]),
            *more,
        ]
    )


def _ordered(lines: Sequence[Line]) -> list[Line]:
    """What is open first; the rest in an order that does not move."""
    return sorted(
        lines,
        key=lambda line: (
            line.state not in ("open", "claimed"),
            line.account,
            line.region,
            line.resource,
        ),
    )


def _line(line: Line) -> str:
    named = code(line.resource) or "the whole of it"
    where = f"{quoted(line.account)}, {quoted(line.region)}: {named}"
    place = where if line.region else quoted(line.account)
    shown = f"[open in Cairn]({line.url})" if line.url else ""
    said = f"({line.state.replace('_', ' ')})"
    return "- " + " ".join(part for part in (place, said, quoted(line.message), shown) if part)
