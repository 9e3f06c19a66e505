"""Choices that depend on nothing but their names: the same seed answers the same, in any order."""

import hashlib
from collections.abc import Mapping
from random import Random


def stable_number(*parts: object) -> int:
    """64 bits that depend on the parts alone, never on Python's salted hash."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def stable_random(*parts: object) -> Random:
    return Random(stable_number(*parts))


def stable_choice(weights: Mapping[str, int], *parts: object) -> str:
    """One name, drawn by its weight; the mapping's order is part of the draw."""
    mark = stable_number(*parts) % sum(weights.values())
    for name, weight in weights.items():
        mark -= weight
        if mark < 0:
            return name
    raise ValueError("no weight is positive")
