"""O3: events of AWS Health reach somebody."""

from findings.facts.base import Place
from findings.facts.organizations import DelegatedAdministrator
from tests.findings.checks.builders_events import TOPIC, rule, target
from tests.findings.checks.builders_sns import topic
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

THEIR_PLACE = Place(OTHER, REGION)
HERE_ONLY = {"rule_regions": [REGION]}
HEALTH = {"source": ["aws.health"]}
FUNCTION = target()
ADMINISTRATOR = DelegatedAdministrator(service="health.amazonaws.com", account=OTHER)
THEIR_RULE = {THEIR_PLACE: [rule("health", HEALTH, account=OTHER)]}
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)


def health(**fields):
    return rule("health", HEALTH, **fields)


HEALTH_ROUTED = [
    Case("has a rule", PASS, [health()], parameters=HERE_ONLY),
    Case("has a rule in the region of global events", PASS, elsewhere={ELSEWHERE: [health()]}),
    Case("has a rule in another region", FAIL, [health()], elsewhere={ELSEWHERE: []}),
    Case("nobody looked in the region of global events", UNKNOWN, [health()]),
    Case(
        "has a rule in one of two regions",
        FAIL,
        [health()],
        elsewhere={ELSEWHERE: []},
        parameters={"rule_regions": [REGION, OTHER_REGION]},
    ),
    Case("has no rule", FAIL, parameters=HERE_ONLY, message="rule in the account"),
    Case("its rule is disabled", FAIL, [health(state="DISABLED")], parameters=HERE_ONLY),
    Case(
        "its rule is of another source",
        FAIL,
        [rule(pattern={"source": ["aws.ec2"]})],
        parameters=HERE_ONLY,
    ),
    Case("its rule sends nowhere", FAIL, [health(targets=())], parameters=HERE_ONLY),
    Case(
        "its rule sends to a topic",
        PASS,
        [health(targets=(target(TOPIC),)), topic()],
        parameters=HERE_ONLY,
    ),
    Case(
        "its rule sends to a topic to which nobody listens",
        FAIL,
        [health(targets=(target(TOPIC),)), topic(confirmed=0)],
        parameters=HERE_ONLY,
    ),
    Case(
        "of its rule's targets one is reachable",
        PASS,
        [health(targets=(target(TOPIC), FUNCTION)), topic(confirmed=0)],
        parameters=HERE_ONLY,
    ),
    Case(
        "the organization's administrator has a rule",
        PASS,
        [ADMINISTRATOR],
        elsewhere=THEIR_RULE,
        parameters=HERE_ONLY,
    ),
    Case(
        "the organization's administrator has none",
        FAIL,
        [ADMINISTRATOR],
        elsewhere={THEIR_PLACE: []},
        parameters=HERE_ONLY,
        message="organizational view",
    ),
    Case(
        "an administrator of something else has a rule",
        FAIL,
        [DelegatedAdministrator(service="config.amazonaws.com", account=OTHER)],
        elsewhere=THEIR_RULE,
        parameters=HERE_ONLY,
    ),
    Case(
        "another account has a rule",
        FAIL,
        elsewhere=THEIR_RULE,
        parameters=HERE_ONLY,
    ),
    Case(
        "is in China",
        NOT_APPLICABLE,
        [rule(partition="aws-cn")],
        message="partition aws-cn",
    ),
    Case(
        "is in China, and so are the regions",
        PASS,
        elsewhere={Place(ACCOUNT, "cn-north-1"): [health(partition="aws-cn")]},
        parameters={"rule_regions": ["cn-north-1"]},
    ),
    Case(
        "is in GovCloud, and so are the regions",
        FAIL,
        [rule(partition="aws-us-gov")],
        elsewhere={Place(ACCOUNT, "us-gov-west-1"): []},
        parameters={"rule_regions": ["us-gov-west-1"]},
    ),
]

TABLE = {"eventbridge_health_events_routed": HEALTH_ROUTED}


def test_outcomes():
    assert_outcomes(TABLE)
