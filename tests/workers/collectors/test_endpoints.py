"""What the internet reaches."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.endpoints import distributions, public_endpoints

ITEMS = [
    {"DomainName": "d1.cloudfront.net", "Enabled": True},
    {"DomainName": "d2.cloudfront.net", "Enabled": False},
]


def test_what_faces_the_internet_is_listed():
    session = StubbedSession()
    public, internal = {"Scheme": "internet-facing"}, {"Scheme": "internal"}
    balancers = [{"LoadBalancerName": "a"} | public, {"LoadBalancerName": "b"} | internal]
    session.answer("elbv2", "describe_load_balancers", {"LoadBalancers": balancers})
    answer = {"LoadBalancerDescriptions": [*balancers, {"LoadBalancerName": "c"}]}
    session.answer("elb", "describe_load_balancers", answer)
    private = {"id": "e", "endpointConfiguration": {"types": ["PRIVATE"]}}
    edge = {"id": "f", "endpointConfiguration": {"types": ["EDGE"]}}
    session.answer(
        "apigateway", "get_rest_apis", {"items": [{"id": "d"}, private, edge]}, limit=500
    )
    http = {"ApiId": "g", "Name": "g", "ProtocolType": "HTTP", "RouteSelectionExpression": "x"}
    session.answer("apigatewayv2", "get_apis", {"Items": [http]})
    assert [found.key for found in public_endpoints(session)] == [
        "load balancer/a",
        "classic load balancer/a",
        "REST API/d",
        "REST API/f",
        "HTTP API/g",
    ]
    session.assert_all_asked()


def test_distributions_are_on_or_off():
    session = StubbedSession()
    session.items = lambda *asked: iter(
        {("cloudfront", "list_distributions", "DistributionList.Items"): ITEMS}[asked]
    )
    on, off = distributions(session)
    assert (on.key, on.is_enabled) == ("d1.cloudfront.net", True)
    assert (off.key, off.is_enabled) == ("d2.cloudfront.net", False)
