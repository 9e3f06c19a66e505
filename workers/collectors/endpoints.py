"""Collectors of what an account shows to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.endpoints import Distribution, PublicEndpoint
from workers.collectors.apigateway import PAGE
from workers.collectors.base import Collector, Response, Session, told

LIST_DISTRIBUTIONS = "cloudfront:ListDistributions"
INTERNET = "internet-facing"


@Collector(
    fact=PublicEndpoint,
    operations=(
        "elbv2:DescribeLoadBalancers",
        "elb:DescribeLoadBalancers",
        "apigateway:GetRestApis",
        "apigatewayv2:GetApis",
    ),
)
def public_endpoints(session: Session) -> Iterator[PublicEndpoint]:
    for raw in session.items("elbv2", "describe_load_balancers", "LoadBalancers"):
        if raw.get("Scheme") == INTERNET:
            yield PublicEndpoint(type="load balancer", name=raw["LoadBalancerName"])
    for raw in session.items("elb", "describe_load_balancers", "LoadBalancerDescriptions"):
        if raw.get("Scheme") == INTERNET:
            yield PublicEndpoint(type="classic load balancer", name=raw["LoadBalancerName"])
    for raw in session.items("apigateway", "get_rest_apis", "items", limit=PAGE):
        if not is_private(raw):
            yield PublicEndpoint(type="REST API", name=raw["id"])
    for raw in session.items("apigatewayv2", "get_apis", "Items"):
        yield PublicEndpoint(type="HTTP API", name=raw["ApiId"])


def is_private(raw: Response) -> bool:
    """Whether only VPC endpoints reach a REST API."""
    types = (raw.get("endpointConfiguration") or {}).get("types") or ()
    return list(types) == ["PRIVATE"]


@Collector(fact=Distribution, operations=(LIST_DISTRIBUTIONS,))
def distributions(session: Session) -> Iterator[Distribution]:
    for raw in session.items("cloudfront", "list_distributions", "DistributionList.Items"):
        yield Distribution(
            domain_name=raw["DomainName"],
            is_enabled=told(raw, "Enabled", Distribution, LIST_DISTRIBUTIONS),
        )
