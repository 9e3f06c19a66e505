"""Facts of AWS Config: conformance packs, of an account and of the organization, and compliance."""

from __future__ import annotations

import re
from datetime import datetime

from findings.facts.base import Fact, Record


class ConformancePack(
    Fact, kind="config.conformance_pack", identity=("name",), volatile=("score",)
):
    """A conformance pack; ``score`` is a percentage, None while nothing was evaluated."""

    name: str
    arn: str
    state: str
    score: float | None

    def is_named(self, wanted: str) -> bool:
        """Whether it is this pack, or the one that the organization deployed under this name.

        Config calls those OrgConformsPack-NAME-SUFFIX in the accounts.
        """
        deployed = rf"OrgConformsPack-{re.escape(wanted)}-[a-z0-9]+"
        return self.name == wanted or re.fullmatch(deployed, self.name) is not None


class Rollout(Record):
    """How the deployment of an organization's pack to one account stands."""

    account: str
    status: str


class OrganizationConformancePack(
    Fact, kind="config.organization_conformance_pack", identity=("name", "region")
):
    """A pack that an account deploys to the organization; no other account sees it."""

    name: str
    region: str
    status: str
    rollouts: tuple[Rollout, ...]


class RuleCompliance(
    Fact,
    kind="config.rule_compliance",
    identity=("rule",),
    volatile=("compliance", "oldest_result_at", "is_read_whole"),
):
    """Whether resources comply with a rule.

    ``oldest_result_at`` is the oldest of the non-compliant results that were read, None where there
    is none; ``is_read_whole`` is whether the times of all of them are known.
    """

    rule: str
    compliance: str
    oldest_result_at: datetime | None
    is_read_whole: bool
