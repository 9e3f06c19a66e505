"""Collector of Trusted Advisor's recommendations for operational excellence."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.trustedadvisor import Recommendation
from workers.collectors.base import Collector, Response, Session

ASKED = {"pillar": "operational_excellence", "status": "error"}


@Collector(fact=Recommendation, operations=("trustedadvisor:ListRecommendations",))
def recommendations(session: Session) -> Iterator[Recommendation]:
    for raw in session.items(
        "trustedadvisor", "list_recommendations", "recommendationSummaries", **ASKED
    ):
        yield parse_recommendation(raw)


def parse_recommendation(raw: Response) -> Recommendation:
    return Recommendation(
        arn=raw["arn"],
        name=raw["name"],
        stage=raw.get("lifecycleStage"),
        created_at=raw.get("createdAt"),
        updated_at=raw.get("lastUpdatedAt"),
    )
