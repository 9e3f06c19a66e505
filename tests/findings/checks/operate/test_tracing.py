"""O4 Distributed tracing."""

from tests.findings.checks.builders_lambda_ import function
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.builders_xray import group, rule, service, use
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
ARN = function().arn
TRACED = (service(),)
DEFAULT = rule("Default", created_at=ago(days=9000), url_path="*")
TUNED = [*TRACED, DEFAULT, rule(), use("Default"), use()]
DEFAULT_GROUP = group("Default", filter_expression=None, has_insights=False, notifies=False)

TABLE = {
    "lambda_tracing_active": [
        Case("active", PASS, [function(tracing_mode="Active")]),
        Case("passes on what it gets", FAIL, [function()], message="active tracing"),
        Case("says nothing of tracing", FAIL, [function(tracing_mode=None)]),
        Case("a mode that AWS may add", FAIL, [function(tracing_mode="Sampled")]),
        Case("layer of OpenTelemetry", PASS, [function(layers=("aws-otel-python-amd64-ver-1",))]),
        Case(
            "layer of the new distribution",
            PASS,
            [function(layers=("other", "AWSOpenTelemetryDistroPython"))],
        ),
        Case("another layer", FAIL, [function(layers=("my-aws-otel-copy",))]),
        Case(
            "layer by the organization's pattern",
            PASS,
            [function(layers=("acme-otel",))],
            parameters={"otel_layers": ["acme-*"]},
        ),
        Case("replica at the edge", NOT_APPLICABLE, [function(edge_function_arn="arn:aws:x")]),
        Case(
            "sandbox account",
            NOT_APPLICABLE,
            [function(tracing_mode="Active"), tagged("other", Environment="prod")],
            account=SANDBOX,
        ),
        Case(
            "tagged as production in a sandbox account",
            FAIL,
            [function(), tagged(ARN, Environment="Production")],
            account=SANDBOX,
        ),
        Case(
            "tagged otherwise in a production account",
            FAIL,
            [function(), tagged(ARN, Environment="test")],
        ),
        Case("tags denied in a production account", FAIL, [function()], gaps=[denied(tagged("a"))]),
        Case(
            "tags denied where they decide",
            UNKNOWN,
            [function()],
            gaps=[denied(tagged("a"))],
            account=SANDBOX,
        ),
        Case(
            "production by another selector",
            NOT_APPLICABLE,
            [function()],
            parameters={"production_selector": {"tag": "stage", "tag_values": ["live"]}},
        ),
    ],
    "xray_traces_received_recently": [
        Case("a trace an hour ago", PASS, TRACED),
        Case("the limit exactly", PASS, [service(last_seen_at=ago(hours=24))]),
        Case(
            "a second more",
            FAIL,
            [service(last_seen_at=ago(hours=24, seconds=1))],
            message="2026-06-14 11:59 UTC",
        ),
        Case(
            "a shorter limit",
            FAIL,
            [service(last_seen_at=ago(hours=7))],
            parameters={"max_age_hours": 6},
        ),
        Case(
            "the newest service decides",
            PASS,
            [service("b"), service("a", last_seen_at=ago(hours=30))],
        ),
        Case(
            "services that do not say when",
            PASS,
            [service("b", last_seen_at=None), service("a", last_seen_at=ago(hours=24))],
        ),
        Case(
            "traced functions and no trace",
            FAIL,
            [function("a"), function("b", tracing_mode="Active")],
            message="no trace arrived",
        ),
        Case("nothing is traced", NOT_APPLICABLE, [function()]),
        Case("an empty region", NOT_APPLICABLE),
        Case(
            "traces that other accounts share",
            FAIL,
            [service(owner=OTHER), function(tracing_mode="Active")],
        ),
        Case("graph denied", UNKNOWN, [function()], gaps=[denied(service())]),
        Case("functions denied", UNKNOWN, gaps=[denied(function())]),
        Case("functions denied, but traces", PASS, TRACED, gaps=[denied(function())]),
    ],
    "xray_sampling_rules_tuned": [
        Case("a rule that is used", PASS, TUNED),
        Case("only the default", FAIL, [*TRACED, DEFAULT, use("Default")], message="own rule"),
        Case("no traces", NOT_APPLICABLE, [DEFAULT]),
        Case("traces of another account", NOT_APPLICABLE, [service(owner=OTHER), DEFAULT]),
        Case("the default need not be matched", PASS, [*TRACED, DEFAULT, rule(), use()]),
        Case(
            "a rule that samples nothing",
            FAIL,
            [*TUNED, rule("health", fixed_rate=0, reservoir=0), use("health")],
            message="health samples nothing",
        ),
        Case("a reservoir alone", PASS, [*TRACED, rule(fixed_rate=0, reservoir=1), use()]),
        Case("a rate alone", PASS, [*TRACED, rule(fixed_rate=0.01, reservoir=0), use()]),
        Case("the highest rate exactly", PASS, [*TRACED, rule(fixed_rate=0.5), use()]),
        Case(
            "a higher rate",
            FAIL,
            [*TRACED, rule(fixed_rate=0.51), use()],
            message="orders samples 51%",
        ),
        Case(
            "a higher rate that is allowed",
            PASS,
            [*TRACED, rule(fixed_rate=1), use()],
            parameters={"max_fixed_rate": 1},
        ),
        Case(
            "the default has the rate of all",
            FAIL,
            [*TRACED, rule("Default", fixed_rate=1), rule(), use()],
        ),
        Case(
            "a rule that matches nothing",
            FAIL,
            [*TRACED, rule(), use(requests=0)],
            message="orders matched no request",
        ),
        Case("a single request", PASS, [*TRACED, rule(), use(requests=1)]),
        Case("a rule of which no use is told", FAIL, [*TRACED, rule()]),
        Case("new rules need not be matched yet", PASS, [*TRACED, rule(created_at=ago(days=30))]),
        Case("a second older", FAIL, [*TRACED, rule(created_at=ago(days=30, seconds=1))]),
        Case("a rule of unknown age", FAIL, [*TRACED, rule(created_at=None)]),
        Case(
            "a longer patience",
            PASS,
            [*TRACED, rule(created_at=ago(days=60))],
            parameters={"max_unused_days": 60},
        ),
        Case("use denied", UNKNOWN, [*TRACED, rule()], gaps=[denied(use())]),
        Case(
            "use denied, and only the default",
            FAIL,
            [*TRACED, DEFAULT],
            gaps=[denied(use())],
        ),
        Case("graph denied", UNKNOWN, [rule(), use()], gaps=[denied(service())]),
    ],
    "xray_groups_with_insights": [
        Case("a group with all", PASS, [*TRACED, DEFAULT_GROUP, group()]),
        Case(
            "only the default",
            FAIL,
            [*TRACED, group("Default")],
            message="0 found, 1 expected; nearest: not met: own group",
        ),
        Case("no group", FAIL, TRACED, message="0 found, 1 expected"),
        Case("no filter", FAIL, [*TRACED, group(filter_expression=None)], message="filter"),
        Case("no insights", FAIL, [*TRACED, group(has_insights=False)], message="insights"),
        Case("no notifications", FAIL, [*TRACED, group(notifies=False)], message="notifications"),
        Case("no traces", NOT_APPLICABLE, [group()]),
        Case("traces of another account", NOT_APPLICABLE, [service(owner=OTHER)]),
        Case(
            "two are asked for",
            FAIL,
            [*TRACED, group(), DEFAULT_GROUP],
            parameters={"min_groups": 2},
            message="1 found, 2 expected",
        ),
        Case("groups denied", UNKNOWN, TRACED, gaps=[denied(group())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
