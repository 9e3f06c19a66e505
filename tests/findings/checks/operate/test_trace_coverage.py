"""O4: what has tracing on is in the service graph."""

from tests.findings.checks.builders_stepfunctions import machine
from tests.findings.checks.builders_xray import service, traffic, use_of
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    UNKNOWN,
    Case,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

BUSY = traffic(requests=1)
QUIET = traffic()
TRACED_MACHINE = machine("checkout", is_tracing_enabled=True)
TEN = [use_of(f"f{number}") for number in range(10)]


def seen(*names, **fields):
    return [service(name, BUSY, **fields) for name in names]


NINE = seen(*(f"f{number}" for number in range(9)))
EIGHT = NINE[1:]

TABLE = {
    "xray_service_graph_coverage": [
        Case("used and seen", PASS, [use_of(), *seen("orders")]),
        Case(
            "used and not seen",
            FAIL,
            [use_of(), *seen("cart")],
            message="1 of 1 are missing: orders",
        ),
        Case("no graph at all", FAIL, [use_of()]),
        Case("seen by another name", PASS, [use_of(), *seen("x", names=("orders", "x"))]),
        Case("the limit exactly", PASS, [*TEN, *NINE], message="1 of 10 are missing: f9"),
        Case("one less", FAIL, [*TEN, *EIGHT], message="2 of 10 are missing: f0, f9"),
        Case("a higher limit", FAIL, [*TEN, *NINE], parameters={"min_percent": 91}),
        Case("nothing is used", NOT_APPLICABLE, [use_of(requests=0)], message="nothing"),
        Case("nothing has tracing on", NOT_APPLICABLE, seen("orders")),
        Case("a single request", FAIL, [use_of(requests=1)]),
        Case(
            "not used and not seen beside others",
            PASS,
            [use_of(), use_of("cart", requests=0), *seen("orders")],
        ),
        Case(
            "seen in the oldest slice of the day",
            PASS,
            [use_of(), service("orders", QUIET, QUIET, QUIET, BUSY)],
        ),
        Case(
            "seen the day before",
            FAIL,
            [use_of(), service("orders", QUIET, QUIET, QUIET, QUIET, BUSY)],
        ),
        Case("seen in another account", FAIL, [use_of(), *seen("orders", owner=OTHER)]),
        Case(
            "a state machine that is traced",
            FAIL,
            [use_of("checkout", "stepfunctions"), TRACED_MACHINE],
        ),
        Case(
            "a state machine that is not",
            NOT_APPLICABLE,
            [use_of("checkout", "stepfunctions"), machine("checkout")],
        ),
        Case(
            "a state machine that was deleted meanwhile",
            NOT_APPLICABLE,
            [use_of("checkout", "stepfunctions")],
        ),
        Case(
            "a function that is called as a state machine",
            FAIL,
            [use_of("checkout"), machine("checkout")],
        ),
        Case(
            "of a name both, of which one fails for both",
            FAIL,
            [use_of("checkout"), use_of("checkout", "stepfunctions"), TRACED_MACHINE],
            message="2 of 2 are missing: checkout, checkout",
        ),
        Case("use not told", UNKNOWN, [use_of(requests=denied(use_of())), *seen("orders")]),
        Case("metrics denied", UNKNOWN, seen("orders"), gaps=[denied(use_of())]),
        Case("graph denied", UNKNOWN, [use_of()], gaps=[denied(service())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
