"""E3 Feedback loops."""

from findings.facts.base import Place
from findings.facts.cloudwatch import AlarmTransitions
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_cloudwatch_metrics import namespace
from tests.findings.checks.builders_xray import service, traffic
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SCALING = ("arn:aws:autoscaling:eu-west-1:111111111111:scalingPolicy:1:autoScalingGroupName/a",)

OTHER_PLACE = Place(ACCOUNT, OTHER_REGION)


def flapped(*days_ago, alarm="shop-5xx"):
    return AlarmTransitions(
        alarm=alarm,
        known_from=ago(days=30),
        alarmed_at=tuple(ago(days=d) for d in days_ago),
        recovered_at=(),
    )


TABLE = {
    "xray_service_fault_rate_within_budget": [
        Case("no fault", PASS, [service("shop", traffic(1000))]),
        Case("faults, the limit", PASS, [service("shop", traffic(1000, faults=10))]),
        Case(
            "one fault more",
            FAIL,
            [service("shop", traffic(1000, faults=11))],
            message="shop (worse than before): 1% of requests faulted",
        ),
        Case("throttles, the limit", PASS, [service("shop", traffic(1000, throttles=10))]),
        Case(
            "one throttle more",
            FAIL,
            [service("shop", traffic(1000, throttles=11))],
            message="1% were throttled",
        ),
        Case("errors of clients", PASS, [service("shop", traffic(1000, errors=500))]),
        Case(
            "more faults are allowed",
            PASS,
            [service("shop", traffic(1000, faults=20))],
            parameters={"max_fault_percent": 2},
        ),
        Case(
            "more throttles are allowed",
            PASS,
            [service("shop", traffic(1000, throttles=20))],
            parameters={"max_throttle_percent": 2},
        ),
        Case("few requests", NOT_APPLICABLE, [service("shop", traffic(99, faults=99))]),
        Case("just enough requests", FAIL, [service("shop", traffic(100, faults=2))]),
        Case(
            "fewer requests are enough",
            FAIL,
            [service("shop", traffic(10, faults=2))],
            parameters={"min_requests": 10},
        ),
        Case(
            "no request is enough",
            PASS,
            [service("shop")],
            parameters={"min_requests": 0},
        ),
        Case(
            "all four slices count",
            FAIL,
            [service("shop", traffic(100), traffic(), traffic(), traffic(100, faults=3))],
        ),
        Case(
            "slices of the day before do not",
            PASS,
            [service("shop", traffic(100), traffic(), traffic(), traffic(), traffic(9, faults=9))],
        ),
        Case(
            "a shorter window",
            PASS,
            [service("shop", traffic(100), traffic(100), traffic(100, faults=9))],
            parameters={"window_hours": 12},
        ),
        Case(
            "worse than the day before",
            FAIL,
            [service("shop", traffic(100, faults=4), *[traffic()] * 3, traffic(100, faults=2))],
            message="shop (worse than before): 4% of requests",
        ),
        Case(
            "as bad as the day before",
            FAIL,
            [service("shop", traffic(100, faults=4), *[traffic()] * 3, traffic(100, faults=4))],
            message="shop: 4% of requests",
        ),
        Case(
            "one of two services",
            FAIL,
            [service("a", traffic(500)), service("b", traffic(500, faults=50))],
            message="b (worse than before): 10%",
        ),
        Case("the caller itself", NOT_APPLICABLE, [service("x", traffic(100, 9), type="client")]),
        Case("another account's", NOT_APPLICABLE, [service("x", traffic(100, 9), owner=OTHER)]),
        Case("no traces", NOT_APPLICABLE),
        Case("graph denied", UNKNOWN, gaps=[denied(service())]),
    ],
    "cloudwatch_alarm_flapping_bounded": [
        Case("never in alarm", PASS, [alarm(), flapped()]),
        Case("as often as allowed", PASS, [alarm(), flapped(*[n / 4 for n in range(56)])]),
        Case(
            "once more",
            FAIL,
            [alarm(), flapped(*[n / 4 for n in range(57)])],
            message="went into ALARM 57 times in 14 days",
        ),
        Case(
            "what is older does not count",
            PASS,
            [alarm(), flapped(*[n / 4 for n in range(56)], 14.1, 15)],
        ),
        Case(
            "a shorter window",
            FAIL,
            [alarm(), flapped(0.1, 0.2, 0.3, 0.4, 0.5)],
            parameters={"window_days": 1},
        ),
        Case(
            "less is allowed",
            FAIL,
            [alarm(), flapped(1, 2)],
            parameters={"max_per_day": 0.1},
        ),
        Case(
            "scaling only",
            NOT_APPLICABLE,
            [alarm(alarm_actions=SCALING), flapped(*[n / 9 for n in range(99)])],
        ),
        Case("another alarm flaps", PASS, [alarm(), flapped(), flapped(*[1] * 99, alarm="b")]),
        Case("not told of", UNKNOWN, [alarm()]),
        Case("history denied", UNKNOWN, [alarm()], gaps=[denied(flapped())]),
    ],
    "cloudwatch_alarm_reviewed": [
        Case("lately", PASS, [alarm(configured_at=ago(days=30))]),
        Case("the limit", PASS, [alarm(configured_at=ago(days=365))]),
        Case(
            "a second more",
            FAIL,
            [alarm(configured_at=ago(days=365, seconds=1))],
            message="last configured 2025-06-15",
        ),
        Case(
            "a shorter limit",
            FAIL,
            [alarm(configured_at=ago(days=100))],
            parameters={"max_age_days": 90},
        ),
        Case("not told when", UNKNOWN, [alarm(configured_at=None)]),
        Case(
            "scaling only",
            NOT_APPLICABLE,
            [alarm(configured_at=ago(days=999), alarm_actions=SCALING)],
        ),
    ],
    "cloudwatch_business_kpi_published": [
        Case("one namespace", PASS, [namespace()], message="in Shop/Orders"),
        Case("nothing", FAIL, message="0 own metrics got data in three hours, 1 expected"),
        Case("agents only", FAIL, [namespace("CWAgent"), namespace("Glue", 90)]),
        Case("agents and own", PASS, [namespace("CWAgent"), namespace()]),
        Case("in another region", PASS, elsewhere={OTHER_PLACE: [namespace()]}),
        Case(
            "an agent of the organization",
            FAIL,
            [namespace("Acme/Agent")],
            parameters={"agent_namespaces": ["Acme/Agent"]},
        ),
        Case(
            "as many as asked for, together",
            PASS,
            [namespace("a", 4), namespace("b", 6)],
            parameters={"min_metrics": 10},
        ),
        Case(
            "one too few",
            FAIL,
            [namespace("a", 4), namespace("b", 5)],
            parameters={"min_metrics": 10},
            message="9 own metrics",
        ),
        Case("sandbox", NOT_APPLICABLE, [namespace()], account=account(environment="sandbox")),
        Case(
            "an account tagged as production",
            FAIL,
            account=account(environment="", tags={"Environment": "prod"}),
        ),
        Case(
            "production by another selector",
            NOT_APPLICABLE,
            [namespace()],
            parameters={"production_selector": {"environments": ["live"]}},
        ),
        Case("denied here", UNKNOWN, gaps=[denied(namespace())]),
        Case(
            "denied here, published elsewhere",
            PASS,
            elsewhere={OTHER_PLACE: [namespace()]},
            gaps=[denied(namespace())],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
