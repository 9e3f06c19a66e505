"""CSV that a spreadsheet opens without running anything that is in it.

A cell is text after an apostrophe where it, or what stands after a line break, a tab or a semicolon
in it, would begin a formula: where the decimal point is a comma, spreadsheets take semicolons for
what parts cells, and line breaks in quotes for the ends of rows.

Sources: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, and on formulas in cells
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from findings.exports.values import plain

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
FORMULAS = (
    *"=+-@|",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
FORMULA_STARTS = (*FORMULAS, *"\t\r\n")
NEUTRAL = "'"
UNSEEN = r"\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
"""Blanks, and what is not even one: a program that leaves them out finds the formula behind."""
_LEADING = re.compile(f"[{UNSEEN}]*")
_PARTING = re.compile(f'[;\\t\\n][{UNSEEN}";]*')
"""What another reader may take for the end of a cell, whole: so each letter is looked at once."""


def csv_head(columns: Sequence[str], *, byte_order_mark: bool = False) -> bytes:
    """The line of names; Excel takes UTF-8 for what it is only after a byte order mark."""
    mark = BYTE_ORDER_MARK if byte_order_mark else ""
    return mark.encode() + csv_lines(columns, [dict(zip(columns, columns, strict=True))])


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows in the order of the columns; what a row does not have is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode(errors="replace")


def _cell(value: object) -> str:
    """Text, made harmless; numbers are left alone, so that they can be reckoned with."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = plain(value).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text = _PARTING.sub(_parted, text)
    begin = _LEADING.match(text)
    is_formula = text.startswith(FORMULA_STARTS) or text.startswith(
        FORMULAS, begin.end() if begin else 0
    )
    return NEUTRAL + text if is_formula else text


def _parted(found: re.Match[str]) -> str:
    begins_a_formula = found.string.startswith(FORMULAS, found.end())
    return found[0] + NEUTRAL if begins_a_formula else found[0]
