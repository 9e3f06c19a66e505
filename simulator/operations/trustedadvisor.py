"""AWS Trusted Advisor: `trustedadvisor.recommendations` of an account, as RecommendationSummary.

An account whose `trustedadvisor.plans` hold a record has no support plan that includes it.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

RECOMMENDATIONS = "trustedadvisor.recommendations"
PLANS = "trustedadvisor.plans"


@operation("trustedadvisor", "ListRecommendations")
def list_recommendations(call: Call) -> dict[str, Any]:
    """One endpoint answers for all regions."""
    if call.region != "us-east-1":
        raise AwsError("UnrecognizedClientException", "Trusted Advisor is in us-east-1.", 403)
    if call.account_place.all(PLANS):
        message = "AWS Premium Support Subscription is required to use this service."
        raise AwsError("AccessDeniedException", message, 403)
    pillar, status = call.parameters.get("pillar"), call.parameters.get("status")
    found = [
        record
        for record in call.account_place.all(RECOMMENDATIONS)
        if pillar in (None, *record["pillars"]) and status in (None, record["status"])
    ]
    tokens = {"token_in": "nextToken", "token_out": "nextToken", "limit_in": "maxResults"}
    return call.page(found, "recommendationSummaries", size=2, **tokens)
