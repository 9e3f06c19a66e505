"""Stages of REST APIs."""

import pytest

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.apigateway import parse_stage, stages

API = {"id": "a1b2c3", "name": "shop"}
STAGE = {"stageName": "live", "tracingEnabled": True}
ARN = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/live"


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def parsed(api=API, **fields):
    return parse_stage(STAGE | fields, api, "aws", "eu-west-1")


def apis(session, *found):
    session.answer("apigateway", "get_rest_apis", {"items": list(found)}, limit=500)


def test_stages_of_each_api_are_read(session):
    apis(session, API, {"id": "z"})
    session.answer("apigateway", "get_stages", {"item": [STAGE]}, restApiId="a1b2c3")
    session.answer("apigateway", "get_stages", {"item": []}, restApiId="z")
    (stage,) = stages(session)
    assert (stage.arn, stage.api_name, stage.name) == (ARN, "shop", "live")
    assert stage.is_tracing_enabled


def test_an_api_that_was_deleted_meanwhile_is_left_out(session):
    apis(session, API)
    session.refuse("apigateway", "get_stages", "NotFoundException")
    assert list(stages(session)) == []


def test_tags_of_a_stage_are_over_those_of_its_api():
    stage = parsed(API | {"tags": {"Team": "web", "Environment": "prod"}}, tags={"Team": "cart"})
    assert stage.tags == {"Team": "cart", "Environment": "prod"}
    assert parsed().tags == {}


def test_logs_are_told_apart_by_what_they_are_of():
    stage = parsed(
        accessLogSettings={"destinationArn": "arn:aws:logs:x", "format": "$requestId"},
        methodSettings={
            "*/*": {"loggingLevel": "ERROR"},
            "orders/GET": {"loggingLevel": "INFO"},
            "orders/PUT": {"metricsEnabled": True},
        },
    )
    assert stage.access_log_destination == "arn:aws:logs:x"
    assert (stage.logging_level, stage.method_logging_levels) == ("ERROR", ("INFO",))


def test_without_settings_nothing_is_logged():
    stage = parsed()
    assert (stage.access_log_destination, stage.logging_level) == (None, None)
    assert stage.method_logging_levels == ()


def test_a_stage_is_not_traced_unless_it_says_so():
    stage = parse_stage({"stageName": "live"}, API, "aws", "eu-west-1")
    assert (stage.is_tracing_enabled, stage.gaps) == (False, {})
