"""Whether a resource is in production."""

from __future__ import annotations

from findings.checks.context import Context
from findings.facts.base import Facts
from findings.facts.tagging import TaggedResource, tags_of


def is_production(arn: str, facts: Facts, context: Context) -> bool:
    """By its account, else by its own tags.

    The tags are read only where the account does not decide, so that tags which were denied leave
    unknown what depends on them and nothing else. The check declares PRODUCTION, and that it needs
    :class:`TaggedResource`.
    """
    return context.is_production() or context.is_production(tags_of(facts.of(TaggedResource), arn))
