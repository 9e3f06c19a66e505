"""Stages of HTTP and WebSocket APIs."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.apigatewayv2 import api_stages

API = {"ApiId": "a1", "Name": "shop", "ProtocolType": "HTTP", "RouteSelectionExpression": "x"}


def listed(*apis):
    session = StubbedSession()
    session.answer("apigatewayv2", "get_apis", {"Items": list(apis)})
    return session


def test_the_stages_of_each_api_are_read():
    session = listed(API)
    log = {"AccessLogSettings": {"DestinationArn": "arn:log", "Format": "$context.requestId"}}
    items = [{"StageName": "$default"} | log, {"StageName": "next"}]
    session.answer("apigatewayv2", "get_stages", {"Items": items}, ApiId="a1")
    live, following = api_stages(session)
    assert live.key == "arn:aws:apigateway:eu-west-1::/apis/a1/stages/$default"
    assert (live.api_name, live.protocol, live.access_log_destination) == (
        "shop",
        "HTTP",
        "arn:log",
    )
    assert following.access_log_destination is None


def test_an_api_that_was_deleted_meanwhile_is_left_out():
    session = listed(API, API | {"ApiId": "a2"})
    session.refuse("apigatewayv2", "get_stages", "NotFoundException")
    session.answer("apigatewayv2", "get_stages", {"Items": [{"StageName": "live"}]}, ApiId="a2")
    assert [stage.api_id for stage in api_stages(session)] == ["a2"]


def test_no_stages_are_asked_for_without_apis():
    assert list(api_stages(listed())) == []
