"""Facts of AWS Trusted Advisor."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Scope


class Recommendation(
    Fact,
    kind="trustedadvisor.recommendation",
    scope=Scope.ACCOUNT,
    identity=("arn",),
    volatile=("updated_at",),
):
    """A recommendation of the pillar operational excellence whose status is error.

    When it was created, and its stage (in_progress, pending_response, dismissed, resolved), AWS
    tells of those of Trusted Advisor Priority only.
    https://docs.aws.amazon.com/trustedadvisor/latest/APIReference/API_RecommendationSummary.html
    """

    arn: str
    name: str
    stage: str | None
    created_at: datetime | None
    updated_at: datetime | None
