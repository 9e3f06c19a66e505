"""Elastic Load Balancing, of both generations, and Amazon CloudFront."""

from typing import Any

from simulator.operations.base import Call, operation

BALANCERS, CLASSIC = "elbv2.load_balancers", "elb.load_balancers"
DISTRIBUTIONS = "cloudfront.distributions"


@operation("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> dict[str, Any]:
    return _page(call, BALANCERS, "LoadBalancers")


@operation("elb", "DescribeLoadBalancers")
def describe_classic_load_balancers(call: Call) -> dict[str, Any]:
    return _page(call, CLASSIC, "LoadBalancerDescriptions")


def _page(call: Call, collection: str, key: str) -> dict[str, Any]:
    return call.page(
        call.place.all(collection), key, "Marker", "NextMarker", size=2, limit_in="PageSize"
    )


@operation("cloudfront", "ListDistributions")
def list_distributions(call: Call) -> dict[str, Any]:
    found = call.account_place.all(DISTRIBUTIONS)
    page = call.page(found, "Items", "Marker", "NextMarker", size=2, limit_in="MaxItems")
    more = {"Marker": "", "MaxItems": 2, "IsTruncated": "NextMarker" in page}
    return {"DistributionList": {**page, **more, "Quantity": len(page["Items"])}}
