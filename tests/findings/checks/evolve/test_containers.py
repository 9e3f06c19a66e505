"""E1: images and deployments of containers."""

from tests.findings.checks.builders_ecr import repository
from tests.findings.checks.builders_ecs import guard, service
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

SHOP = repository()


def labelled(**tags):
    return tagged(SHOP.arn, **tags)


TABLE = {
    "ecs_deployment_guarded": [
        Case("circuit breaker", PASS, [service(circuit_breaker=guard())]),
        Case("alarms", PASS, [service(alarms=guard())]),
        Case(
            "nothing",
            FAIL,
            [service()],
            message="not met: alarms; circuit breaker; gradual strategy",
        ),
        Case("a breaker that is off", FAIL, [service(circuit_breaker=guard(is_enabled=False))]),
        Case("a breaker that stops", FAIL, [service(circuit_breaker=guard(rolls_back=False))]),
        Case("alarms that are off", FAIL, [service(alarms=guard(is_enabled=False))]),
        Case("alarms that stop", FAIL, [service(alarms=guard(rolls_back=False))]),
        *(
            Case(strategy, PASS, [service(strategy=strategy)])
            for strategy in ("BLUE_GREEN", "CANARY", "LINEAR")
        ),
        Case("no strategy", FAIL, [service(strategy=None)]),
        Case("a strategy that AWS may add", FAIL, [service(strategy="AT_ONCE")]),
        Case("by CodeDeploy", PASS, [service(controller="CODE_DEPLOY")], message="CodeDeploy"),
        Case("from outside", NOT_APPLICABLE, [service(controller="EXTERNAL")], message="outside"),
        Case("a daemon", NOT_APPLICABLE, [service(scheduling="DAEMON")], message="each node"),
        Case("draining", NOT_APPLICABLE, [service(status="DRAINING")], message="DRAINING"),
        Case(
            "settings not told, but a gradual strategy",
            PASS,
            [
                service(
                    strategy="LINEAR",
                    circuit_breaker=denied(service()),
                    alarms=denied(service()),
                )
            ],
        ),
        Case("alarms not told", UNKNOWN, [service(alarms=denied(service()))]),
    ],
    "ecr_tags_immutable": [
        Case("immutable", PASS, [repository("IMMUTABLE")]),
        Case("mutable", FAIL, [SHOP], message="its tags are MUTABLE"),
        Case("all but some", PASS, [repository("IMMUTABLE_WITH_EXCLUSION", "latest", "dev-*")]),
        Case("all but none named", PASS, [repository("IMMUTABLE_WITH_EXCLUSION")]),
        Case("all but all", FAIL, [repository("IMMUTABLE_WITH_EXCLUSION", "latest", "*")]),
        Case("all but all, twice over", FAIL, [repository("IMMUTABLE_WITH_EXCLUSION", "**")]),
        Case("only some", FAIL, [repository("MUTABLE_WITH_EXCLUSION", "v*")]),
        Case("only all", PASS, [repository("MUTABLE_WITH_EXCLUSION", "v*", "*")]),
        Case("plain, whatever is excluded", PASS, [repository("IMMUTABLE", "*")]),
        Case("mutable, whatever is excluded", FAIL, [repository("MUTABLE", "*")]),
        Case("a value that AWS may add", FAIL, [repository("SOMETIMES")]),
        Case(
            "a cache",
            NOT_APPLICABLE,
            [SHOP, labelled(Purpose="Cache")],
            message="tagged Purpose=Cache",
        ),
        Case("development", NOT_APPLICABLE, [SHOP, labelled(Environment="development")]),
        Case("dev", NOT_APPLICABLE, [SHOP, labelled(Environment="dev")]),
        Case("tagged otherwise", FAIL, [SHOP, labelled(Environment="cache", Purpose="dev")]),
        Case("another is tagged", FAIL, [SHOP, tagged("other", Purpose="cache")]),
        Case(
            "a cache by another tag",
            NOT_APPLICABLE,
            [SHOP, labelled(kind="mirror")],
            parameters={"cache_selector": {"tag": "kind", "tag_values": ["mirror"]}},
        ),
        Case(
            "development by another tag",
            NOT_APPLICABLE,
            [SHOP, labelled(stage="dev")],
            parameters={"development_selector": {"tag": "stage", "tag_values": ["dev"]}},
        ),
        Case("tags denied", UNKNOWN, [SHOP], gaps=[denied(tagged("a"))]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
