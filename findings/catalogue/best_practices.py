"""The 68 best practices of the operational excellence pillar, by id.

Source: the AWS Well-Architected Framework; each practice carries the address of its page.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True)
class BestPractice:
    id: str
    question: str
    title: str
    risk: str
    attested: bool
    """No API shows it: only a dated human statement can."""
    source: str


@cache
def best_practices() -> Mapping[str, BestPractice]:
    """All best practices by id (``OPS08-BP04``), in the order of the pillar."""
    text = files(__package__).joinpath("best_practices.json").read_text()
    return MappingProxyType({item["id"]: BestPractice(**item) for item in json.loads(text)})
