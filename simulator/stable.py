"""Choices that depend on nothing but their names: the same seed answers the same, in any order."""

import hashlib
from collections.abc import Mapping
from itertools import accumulate
from random import Random


def stable_number(*parts: object) -> int:
    """64 bits that depend on the parts alone, never on Python's salted hash."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def stable_random(*parts: object) -> Random:
    return Random(stable_number(*parts))


def stable_choice(weights: Mapping[str, int], *parts: object) -> str:
    """One name, drawn by its weight; the mapping's order is part of the draw."""
    total = sum(weights.values())
    if total < 1:
        raise ValueError("no weight is positive")
    mark = stable_number(*parts) % total
    bounds = accumulate(weights.values())
    return next(name for name, bound in zip(weights, bounds, strict=True) if mark < bound)
