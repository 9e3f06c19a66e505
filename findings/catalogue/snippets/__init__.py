"""CloudFormation templates that remedy: ``<check id>.yaml`` beside this file, each complete."""

from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).parent


@cache
def snippet_of(check: str) -> str:
    """The template of a check, or an empty string where it has none."""
    path = DIRECTORY / f"{check}.yaml"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def snippets() -> dict[str, Path]:
    """Where each template is, by check id."""
    return {path.stem: path for path in sorted(DIRECTORY.glob("*.yaml"))}
