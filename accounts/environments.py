"""Which environment an account belongs to, from its tags and its place in the OU tree. Pure.

An organization keeps an ordered list of rules; the first that matches decides::

    [{"tag": "Environment", "values": ["prod", "production"], "environment": "production"},
     {"tag": "Environment"},                                    # otherwise the tag's own value
     {"ou": "Prod", "environment": "production"}]               # any segment of the OU path

Names are compared without regard to case, because people write ``Prod``, ``PROD`` and ``prod``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_KEYS = {"tag", "values", "ou", "environment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRule:
    """A tag (one of the values, or any) or a segment of the OU path, and what it stands for."""

    tag: str = ""
    values: tuple[str, ...] = ()
    ou: str = ""
    environment: str = ""

    def match(self, tags: Mapping[str, str], segments: Sequence[str]) -> str:
        """The environment, or "" where the rule says nothing."""
        if self.ou:
            return self.environment if self.ou.casefold() in segments else ""
        value = tags.get(self.tag.casefold(), "")
        if not value or (self.values and value.casefold() not in self.values):
            return ""
        return self.environment or value.casefold()


def environment_of(
    rules: Iterable[EnvironmentRule], *, tags: Mapping[str, str], ou_path: str
) -> str:
    """The environment by the first rule that matches; "" when none does."""
    folded = {key.casefold(): value.strip() for key, value in tags.items()}
    segments = ou_path.casefold().split("/")
    found = (rule.match(folded, segments) for rule in rules)
    return next((environment for environment in found if environment), "")


def parse_environment_rules(declared: object) -> tuple[EnvironmentRule, ...]:
    """Rules from their JSON form; raises ValueError with the number of the rule that is wrong."""
    if not isinstance(declared, list):
        raise ValueError("environment rules are a list of objects")
    return tuple(_parse_rule(number, rule) for number, rule in enumerate(declared, start=1))


def _parse_rule(number: int, rule: object) -> EnvironmentRule:
    if not isinstance(rule, dict):
        raise ValueError(f"environment rule {number}: write an object, not {rule!r}")
    if unknown := sorted(set(rule) - _KEYS):
        raise ValueError(f"environment rule {number}: unknown {unknown}, known are {sorted(_KEYS)}")
    values = rule.get("values", [])
    texts = [rule.get("tag", ""), rule.get("ou", ""), rule.get("environment", "")]
    if not isinstance(values, list) or not all(isinstance(t, str) for t in [*texts, *values]):
        raise ValueError(f"environment rule {number}: give text, and values as a list of texts")
    tag, ou, environment = (text.strip() for text in texts)
    if bool(tag) == bool(ou):
        raise ValueError(f"environment rule {number}: give either a tag or an ou")
    if ou and not environment:
        raise ValueError(f"environment rule {number}: say which environment the ou {ou!r} is")
    return EnvironmentRule(
        tag=tag, ou=ou, environment=environment, values=tuple(v.casefold() for v in values)
    )


def default_environment_rules() -> list[dict[str, object]]:
    """The tag ``Environment`` first, then OU names that the AWS multi-account guidance uses."""
    production = ["prod", "production", "prd", "live"]
    return [
        {"tag": "Environment", "values": production, "environment": "production"},
        {
            "tag": "Environment",
            "values": ["nonprod", "non-prod", "nonproduction", "non-production"],
            "environment": "nonproduction",
        },
        {"tag": "Environment"},
        {"ou": "Prod", "environment": "production"},
        {"ou": "Production", "environment": "production"},
        {"ou": "NonProd", "environment": "nonproduction"},
        {"ou": "SDLC", "environment": "nonproduction"},
        {"ou": "Sandbox", "environment": "sandbox"},
    ]
