"""Titles and names as one line that reads in its own order (pure)."""

import unicodedata

_ENDS = frozenset({"Cc", "Zl", "Zp"})
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Source: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters"""


def one_line(text: str) -> str:
    """Without line ends, other controls, and what turns the direction of the words after it.

    NUL stays, for a validator to refuse.
    """
    kept = "".join(_sign(letter) for letter in text if letter not in _TURNS)
    return " ".join(kept.split())


def _sign(letter: str) -> str:
    return " " if letter != "\0" and unicodedata.category(letter) in _ENDS else letter
