"""Facts of Amazon ECR."""

from __future__ import annotations

from findings.facts.base import Fact


class Repository(Fact, kind="ecr.repository", identity=("name",)):
    """A private repository.

    ``tag_mutability`` is MUTABLE or IMMUTABLE, for all tags or, as MUTABLE_WITH_EXCLUSION or
    IMMUTABLE_WITH_EXCLUSION, for all but those that one of ``exclusions`` matches, in which an
    asterisk stands for anything.
    """

    name: str
    arn: str
    tag_mutability: str
    exclusions: tuple[str, ...]
