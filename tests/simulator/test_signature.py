from simulator.operations.base import _operations
from simulator.protocol import HttpRequest
from simulator.signature import Scope, _services_signing_as, scope_of, service_of

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIAX/20260101/eu-west-1/{}/aws4_request, SignedHeaders=host"


def request(path="/", method="POST", signing_name="sts"):
    headers = {"authorization": SIGNED.format(signing_name)}
    return HttpRequest(method=method, path=path, query="", headers=headers, body=b"")


def test_a_signature_says_key_region_and_service():
    assert scope_of(request()) == Scope(
        access_key_id="AKIAX", region="eu-west-1", signing_name="sts"
    )


def test_a_request_without_signature_has_no_scope():
    bare = HttpRequest(method="GET", path="/", query="", headers={}, body=b"")
    assert scope_of(bare) is None


def test_a_service_is_found_by_the_name_it_signs_with():
    asked = request(signing_name="tagging")
    assert service_of(scope_of(asked), asked) == "resourcegroupstaggingapi"
    asked = request(signing_name="monitoring")
    assert service_of(scope_of(asked), asked) == "cloudwatch"


def test_services_that_sign_alike_are_told_apart_by_their_operations(monkeypatch):
    for service in ("apigateway", "apigatewayv2"):
        monkeypatch.setitem(_operations, (service, "X"), lambda call: {})
    _services_signing_as.cache_clear()
    for path, service in (("/restapis", "apigateway"), ("/v2/apis", "apigatewayv2")):
        asked = request(path, "GET", "apigateway")
        assert service_of(scope_of(asked), asked) == service
    _services_signing_as.cache_clear()
