from __future__ import annotations

from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something wrong in a file; line 0 and an empty path stand for the file as a whole."""

    message: str
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (line, self.path, self.message) if part)


class ConfigurationRefused(ValueError):
    """A configuration cannot be used; ``mistakes`` says all that is wrong with it."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


def refused(message: str, node: yaml.Node | None = None, path: str = "") -> ConfigurationRefused:
    line = node.start_mark.line + 1 if node else 0
    return ConfigurationRefused(Mistake(message=message, line=line, path=path))
