"""Facets: the aspects in which the places of a world differ.

A facet is one aspect (how a trail is set up, how a stack drifts). Each of its variants is a
function that puts raw records, shaped as AWS answers them, and declares what every check that
looks at them must say.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from simulator.organization import Character


class Level(StrEnum):
    """Where a facet stands once: in each region of each account, each account, or once in all."""

    REGION = "region"
    ACCOUNT = "account"
    ORGANIZATION = "organization"


REGION, ACCOUNT, ORGANIZATION = Level.REGION, Level.ACCOUNT, Level.ORGANIZATION
Build = Callable[[Any], None]
DefaultAnswers = Callable[[Any, dict[str, Any]], None]

RARELY: Mapping[str, int] = {Character.ORDINARY: 0}
"""The characters of a variant that stands in one place of the default world, for its own sake."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way in which a facet may stand; `weights` is how often per character."""

    facet: "Facet"
    name: str
    build: Build
    weights: Mapping[Character, int]
    from_day: int
    follows: str
    stays: bool

    def __str__(self) -> str:
        return f"{self.facet.name}/{self.name}"


class Facet:
    """Registers itself by name; the order of declaration of its variants is part of the world."""

    _registry: dict[str, "Facet"] = {}

    def __init__(self, name: str, level: Level = REGION) -> None:
        if name in self._registry:
            raise ValueError(f"facet {name} is declared twice")
        self.name = name
        self.level = Level(level)
        self.variants: dict[str, Variant] = {}
        self._registry[name] = self

    @property
    def followers(self) -> dict[str, Variant]:
        """By the name of the variant that each follows."""
        return {v.follows: v for v in self.variants.values() if v.follows}

    def variant(
        self,
        name: str,
        *,
        characters: Mapping[str, int] | None = None,
        from_day: int = 1,
        follows: str = "",
        stays: bool = False,
    ) -> Callable[[Build], Build]:
        """Registers a variant. Without `characters` it is equally likely in every account.

        With them, it stands only in accounts of the characters named (unless coverage needs it
        elsewhere), with that weight. `from_day=2` keeps it for changes from that day on.
        `follows` names the variant that it continues on day 2, of a facet that tells what happened:
        nothing but a continuation takes the place of such a variant. What `stays` has happened, and
        is for ever where it once stood.
        """
        if name in self.variants:
            raise ValueError(f"variant {self.name}/{name} is declared twice")
        if not self.variants and from_day > 1:
            raise ValueError(f"the first variant of {self.name} must stand on day 1")
        weights = (
            {Character(key): weight for key, weight in characters.items()}
            if characters
            else dict.fromkeys(Character, 1)
        )

        def register(build: Build) -> Build:
            self.variants[name] = Variant(
                facet=self,
                name=name,
                build=build,
                weights=weights,
                from_day=from_day,
                follows=follows,
                stays=stays or bool(follows),
            )
            return build

        return register


_default_answers: dict[str, list[DefaultAnswers]] = {}


def default_answers(collection: str) -> Callable[[DefaultAnswers], DefaultAnswers]:
    """Registers `(place, record) -> None`, called for every record of the collection, whoever put
    it. What it expects counts only where no variant expected something else explicitly.
    """

    def register(function: DefaultAnswers) -> DefaultAnswers:
        _default_answers.setdefault(collection, []).append(function)
        return function

    return register


def default_answers_of(collection: str) -> list[DefaultAnswers]:
    return _default_answers.get(collection, [])


AccountAnswers = Callable[[Any, list[Any]], None]
_account_answers: list[AccountAnswers] = []


def account_answers(function: AccountAnswers) -> AccountAnswers:
    """Registers `(account place, its collected places)`, called when all regions are built: for
    answers of an account that depend on what stands in all of its regions.
    """
    _account_answers.append(function)
    return function


def all_account_answers() -> list[AccountAnswers]:
    return list(_account_answers)


def facets_of(level: Level) -> Iterator[Facet]:
    """Every facet of a level, by name, so that the order of imports changes nothing."""
    return (facet for _, facet in sorted(Facet._registry.items()) if facet.level is level)


def facet_named(name: str) -> Facet | None:
    return Facet._registry.get(name)


def all_facets() -> list[Facet]:
    return [facet for _, facet in sorted(Facet._registry.items())]
