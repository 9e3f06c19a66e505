"""O4: services that AWS runs are traced."""

from tests.findings.checks.builders_apigateway import stage
from tests.findings.checks.builders_appsync import api, api_arn, merged
from tests.findings.checks.builders_sns import subscribed, topic
from tests.findings.checks.builders_stepfunctions import machine
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
LIVE = {"production_selector": {"tag": "stage", "tag_values": ["live"]}}
PROD = {"Environment": "Prod"}


def heard(*protocols, name="orders", **fields):
    return topic(name, subscriptions=tuple(map(subscribed, protocols)), **fields)


def selected(resource, is_on):
    """Cases of production, alike for what is tagged through the tagging API."""
    return [
        Case("in a sandbox account", NOT_APPLICABLE, [resource], account=SANDBOX),
        Case(
            "tagged as production there",
            FAIL,
            [resource, tagged(resource.arn, **PROD)],
            account=SANDBOX,
        ),
        Case(
            "another is tagged",
            NOT_APPLICABLE,
            [resource, tagged("other", **PROD)],
            account=SANDBOX,
        ),
        Case("production by another selector", NOT_APPLICABLE, [resource], parameters=LIVE),
        Case("tags denied in production", FAIL, [resource], gaps=[denied(tagged("a"))]),
        Case(
            "tags denied where they decide",
            UNKNOWN,
            [resource],
            gaps=[denied(tagged("a"))],
            account=SANDBOX,
        ),
        Case("traced", PASS, [is_on]),
    ]


TABLE = {
    "apigateway_stage_tracing_enabled": [
        Case("traced", PASS, [stage(is_tracing_enabled=True)]),
        Case("not traced", FAIL, [stage()], message="stage live of shop"),
        Case("of an API without a name", FAIL, [stage(api_name=None)], message="live of a1b2c3"),
        Case("in a sandbox account", NOT_APPLICABLE, [stage()], account=SANDBOX),
        Case("tagged as production there", FAIL, [stage(tags=PROD)], account=SANDBOX),
        Case(
            "tagged as production there, and traced",
            PASS,
            [stage(tags=PROD, is_tracing_enabled=True)],
            account=SANDBOX,
        ),
        Case("tagged for a test in production", FAIL, [stage(tags={"Environment": "test"})]),
        Case("production by another selector", NOT_APPLICABLE, [stage()], parameters=LIVE),
        Case("in production, whatever its tags", FAIL, [stage(tags=denied(stage()))]),
        Case(
            "tracing that was not told",
            UNKNOWN,
            [stage(is_tracing_enabled=denied(stage()))],
        ),
    ],
    "stepfunctions_tracing_enabled": [
        *selected(machine(), machine(is_tracing_enabled=True)),
        Case("not traced", FAIL, [machine()]),
        Case("a status that AWS may add", FAIL, [machine(status="PAUSED")]),
        Case("being deleted", NOT_APPLICABLE, [machine(status="DELETING")], message="deleted"),
        Case("description denied", UNKNOWN, [machine(is_tracing_enabled=denied(machine()))]),
    ],
    "appsync_tracing_enabled": [
        Case("traced", PASS, [api(is_traced=True)]),
        Case("not traced", FAIL, [api()], message="not traced"),
        Case("merged and traced itself", PASS, [merged("dark", is_traced=True), api("dark")]),
        Case(
            "merged of traced ones",
            NOT_APPLICABLE,
            [merged("a", "b"), api("a", is_traced=True), api("b", is_traced=True)],
            message="is traced",
        ),
        Case("merged of nothing", NOT_APPLICABLE, [merged()]),
        Case("merged, of nobody knows what", FAIL, [merged(sources=None)]),
        Case(
            "merged of one that is not",
            FAIL,
            [merged("a", "b"), api("a", is_traced=True), api("b")],
            message=api_arn("b"),
        ),
        Case(
            "merged of one of another account",
            UNKNOWN,
            [merged(sources=(api_arn("a", OTHER), api_arn("b"))), api("b", is_traced=True)],
        ),
        Case(
            "merged of one of another account and one that is not traced",
            FAIL,
            [merged(sources=(api_arn("a", OTHER), api_arn("b"))), api("b")],
        ),
        Case("merged, its sources denied", UNKNOWN, [merged(sources=denied(api()))]),
        Case("a kind that AWS may add", FAIL, [merged("a", type="JOINED"), api("a", True)]),
    ],
    "sns_topic_tracing_active": [
        *selected(heard("sqs"), heard("sqs", tracing="Active")),
        Case(
            "passes on what it gets",
            FAIL,
            [heard("lambda", tracing="PassThrough")],
            message="tracing is PassThrough",
        ),
        Case("never set", FAIL, [heard("lambda")], message="tracing is PassThrough"),
        Case(
            "a mode that AWS may add",
            FAIL,
            [heard("lambda", tracing="Sampled")],
            message="tracing is Sampled",
        ),
        Case("FIFO", NOT_APPLICABLE, [heard("sqs", name="orders.fifo")], message="FIFO"),
        Case("read by people", NOT_APPLICABLE, [heard("email", "sms")], message="nobody"),
        Case("without subscribers", NOT_APPLICABLE, [heard()]),
        Case(
            "a subscriber that has not confirmed",
            NOT_APPLICABLE,
            [topic(subscriptions=(subscribed("https", False),))],
        ),
        *(
            Case(f"{protocol} among others", FAIL, [heard("email", protocol)])
            for protocol in ("lambda", "sqs", "http", "https", "firehose")
        ),
        Case("subscriptions denied", UNKNOWN, [topic(subscriptions=denied(topic()))]),
        Case("attributes denied", UNKNOWN, [heard("sqs", tracing=denied(topic()))]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
