"""E1 CI/CD: deployments."""

from tests.findings.checks.builders_codedeploy import deployment, deployment_group, healthy
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
ROUTED = deployment_group(traffic_routing="AllAtOnce")


def servers(*given, **fields):
    given = {"minimum_healthy": healthy(*given), "deployment_type": "IN_PLACE"} | fields
    return [deployment_group(**({"platform": "Server"} | given))]


TABLE = {
    "codedeploy_auto_rollback_and_alarms": [
        Case("does all", PASS, [deployment_group()]),
        Case("server", PASS, [deployment_group(platform="Server")]),
        Case("Lambda", PASS, [deployment_group(platform="Lambda")]),
        Case(
            "rollback off",
            FAIL,
            [deployment_group(is_rollback_enabled=False)],
            message="rollback on",
        ),
        Case(
            "not after failure",
            FAIL,
            [deployment_group(rollback_events=("DEPLOYMENT_STOP_ON_ALARM",))],
            message="after failure",
        ),
        Case(
            "not after alarm",
            FAIL,
            [
                deployment_group(
                    rollback_events=("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST")
                )
            ],
            message="after alarm",
        ),
        Case("alarms off", FAIL, [deployment_group(are_alarms_enabled=False)], message="alarms on"),
        Case("no alarm", FAIL, [deployment_group(alarms=())], message="alarms named"),
        Case(
            "alarms that cannot be read do not stop it",
            FAIL,
            [deployment_group(ignores_alarm_poll_failure=True)],
            message="alarms must be readable",
        ),
        Case(
            "never deployed to",
            NOT_APPLICABLE,
            [deployment_group(last_attempted=None, last_successful=None)],
        ),
        Case(
            "idle for the limit exactly",
            FAIL,
            [
                deployment_group(
                    is_rollback_enabled=False,
                    last_attempted=deployment(ago(days=180)),
                    last_successful=None,
                )
            ],
        ),
        Case(
            "idle for a second more",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=180, seconds=1)), last_successful=None
                )
            ],
        ),
        Case(
            "a shorter limit",
            NOT_APPLICABLE,
            [deployment_group()],
            parameters={"max_idle_days": 0.5},
        ),
        Case(
            "the newest of attempt and success counts",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(ago(days=400)), last_successful=deployment()
                )
            ],
        ),
        Case(
            "a deployment that only says when it ended",
            PASS,
            [
                deployment_group(
                    last_attempted=deployment(None, ago(days=1)),
                    last_successful=deployment(None, None),
                )
            ],
        ),
        Case(
            "deployments without any date",
            NOT_APPLICABLE,
            [
                deployment_group(
                    last_attempted=deployment(None, None), last_successful=deployment(None, None)
                )
            ],
        ),
    ],
    "codedeploy_gradual_traffic_shift": [
        *(
            Case(f"{platform} {routing}", expect, [deployment_group(platform=platform, **given)])
            for platform in ("Lambda", "ECS")
            for routing, expect in (
                ("TimeBasedCanary", PASS),
                ("TimeBasedLinear", PASS),
                ("AllAtOnce", FAIL),
                ("Whenever", FAIL),
                (None, UNKNOWN),
            )
            for given in [{"traffic_routing": routing, "deployment_type": "BLUE_GREEN"}]
        ),
        Case("says what was found", FAIL, [ROUTED], message="ECSCanary10Percent5Minutes is AllAt"),
        Case("not in production", NOT_APPLICABLE, [ROUTED], account=SANDBOX),
        Case(
            "in production by its tags",
            FAIL,
            [ROUTED, tagged(ROUTED.arn, Environment="prod")],
            account=SANDBOX,
        ),
        Case(
            "another one is in production",
            NOT_APPLICABLE,
            [ROUTED, tagged("other", Environment="prod")],
            account=SANDBOX,
        ),
        Case("tags denied", UNKNOWN, [ROUTED], account=SANDBOX, gaps=[denied(tagged("a"))]),
        Case("tags denied, by account", FAIL, [ROUTED], gaps=[denied(tagged("a"))]),
        Case(
            "production by another selector",
            NOT_APPLICABLE,
            [ROUTED],
            parameters={"production_selector": {"environments": ["live"]}},
        ),
        Case("servers, the share", PASS, servers(66)),
        Case("servers, less", FAIL, servers(65), message="keeps 65 (FLEET_PERCENT) of 66 expected"),
        Case("servers, another share", PASS, servers(50), parameters={"min_healthy": 50}),
        Case("servers, a number", PASS, servers(1, "HOST_COUNT")),
        Case("servers, no number", FAIL, servers(0, "HOST_COUNT")),
        Case(
            "servers, another number",
            FAIL,
            servers(1, "HOST_COUNT"),
            parameters={"min_healthy_hosts": 2},
        ),
        Case("one server at a time", PASS, servers(1, "MOST_CONCURRENCY")),
        Case("servers, a type AWS may add", UNKNOWN, servers(1, "ZONE_COUNT")),
        Case(
            "servers, nothing told",
            UNKNOWN,
            servers(minimum_healthy=None),
            message="no minimumHealthyHosts",
        ),
        Case("servers, no value told", UNKNOWN, servers(None), message="no minimumHealthyHosts"),
        Case("blue/green servers", PASS, servers(0, deployment_type="BLUE_GREEN")),
        Case("servers, style not told", FAIL, servers(0, deployment_type=None)),
        Case(
            "servers unless told",
            PASS,
            servers(platform=None),
        ),
        Case(
            "a platform AWS may add",
            UNKNOWN,
            servers(platform="Kubernetes"),
            message="platform Kubernetes",
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
