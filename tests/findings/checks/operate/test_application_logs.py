import pytest

from findings.checks.base import built_in
from findings.checks.parameters import ParameterError
from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_apigateway import stage
from tests.findings.checks.builders_apigatewayv2 import api_stage
from tests.findings.checks.builders_ecs import container, definition
from tests.findings.checks.builders_stepfunctions import machine
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes

CHECK = "application_logging_enabled"
SILENT = {"log_driver": None}
INFO_WANTED = {"min_level": "INFO"}
TRACES_ONLY = {"express_traces_only": True}


def denied(kind):
    return Gap(kind=kind, reason=GapReason.ACCESS_DENIED)


LOGGED = [
    Case("all log", PASS, [stage(), api_stage(), machine(), definition(container())]),
    Case("a stage logs errors", PASS, [stage()]),
    Case("a stage logs all", PASS, [stage(logging_level="INFO")]),
    Case("a stage is off", FAIL, [stage(logging_level="OFF")], message="shop live logs at OFF"),
    Case("a stage says nothing", FAIL, [stage(logging_level=None)], message="REST APIs"),
    Case("a method is off", FAIL, [stage(method_logging_levels=("INFO", "OFF"))]),
    Case("a method logs all", PASS, [stage(method_logging_levels=("INFO",))]),
    Case(
        "methods log, the stage does not",
        FAIL,
        [stage(logging_level=None, method_logging_levels=("INFO",))],
    ),
    Case("a level that is new", UNKNOWN, [stage(logging_level="DEBUG")], message="DEBUG"),
    Case(
        "a level that is new beside one that is off",
        FAIL,
        [stage(logging_level="DEBUG", method_logging_levels=("OFF",))],
    ),
    Case("errors are not enough", FAIL, [stage()], parameters=INFO_WANTED, message="at ERROR"),
    Case("all is enough", PASS, [stage(logging_level="INFO")], parameters=INFO_WANTED),
    Case("one of two stages is off", FAIL, [stage(), stage("next", logging_level="OFF")]),
    Case("an HTTP API logs access", PASS, [api_stage()]),
    Case(
        "an HTTP API does not",
        FAIL,
        [api_stage(access_log_destination=None)],
        message="shop live keeps no access log",
    ),
    Case(
        "a WebSocket API does not",
        FAIL,
        [api_stage(protocol="WEBSOCKET", access_log_destination=None)],
    ),
    *(
        Case(f"a state machine logs {level}", PASS, [machine(logging_level=level)])
        for level in ("ALL", "ERROR", "FATAL")
    ),
    Case(
        "a state machine is off",
        FAIL,
        [machine(logging_level="OFF")],
        message="checkout logs at OFF",
    ),
    Case(
        "an express one is off",
        FAIL,
        [machine(type="EXPRESS", logging_level="OFF")],
        parameters={"min_level": "ERROR"},
    ),
    Case(
        "an express one is traced only",
        NOT_APPLICABLE,
        [machine(type="EXPRESS", logging_level="OFF", is_tracing_enabled=True)],
        parameters=TRACES_ONLY,
    ),
    Case(
        "traces stand in where it is said",
        FAIL,
        [machine(type="EXPRESS", logging_level="OFF", is_tracing_enabled=True)],
    ),
    Case(
        "an express one has no traces",
        FAIL,
        [machine(type="EXPRESS", logging_level="OFF")],
        parameters=TRACES_ONLY,
    ),
    Case(
        "a standard one is traced only",
        FAIL,
        [machine(logging_level="OFF", is_tracing_enabled=True)],
        parameters=TRACES_ONLY,
    ),
    Case("a task logs", PASS, [definition(container(), container(name="b"))]),
    Case(
        "a task does not",
        FAIL,
        [definition(container(), container(name="b", **SILENT))],
        message="web: b has no log driver",
    ),
    Case(
        "a side task does not",
        PASS,
        [definition(container(), container(is_essential=False, **SILENT))],
    ),
    Case(
        "one of four does not",
        FAIL,
        [stage(), api_stage(), machine(logging_level="OFF"), definition(container())],
        message="state machines",
    ),
    Case("nothing runs", NOT_APPLICABLE),
    Case("machines were denied", UNKNOWN, [stage()], gaps=[denied("stepfunctions.state_machine")]),
    Case(
        "machines were denied, and a stage is off",
        FAIL,
        [stage(logging_level="OFF")],
        gaps=[denied("stepfunctions.state_machine")],
    ),
    Case(
        "a machine was denied",
        UNKNOWN,
        [machine(logging_level=denied("stepfunctions.state_machine"))],
    ),
]

TABLE = {CHECK: LOGGED}


def test_outcomes():
    assert_outcomes(TABLE)


def test_logging_that_is_off_is_no_level():
    with pytest.raises(ParameterError, match="min_level takes ERROR or INFO"):
        built_in()[CHECK].parameters({"min_level": "OFF"})
