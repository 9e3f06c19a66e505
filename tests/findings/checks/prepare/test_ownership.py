from findings.facts.base import Gap, GapReason, Place
from findings.facts.organizations import TagPolicy
from tests.findings.checks.builders_config import recorder, rule, service_recorder, tag_policy
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)


def asking(*keys, name="required-tags", **fields):
    return rule(name, source="REQUIRED_TAGS", tag_keys=keys, **fields)


BOTH = asking("Environment", "Owner", "Team")

TABLE = {
    "config_ownership_tag_rule_deployed": [
        Case("by a rule", PASS, [recorder(), BOTH]),
        Case("by two rules", PASS, [recorder(), asking("Owner"), asking("Environment", name="b")]),
        Case(
            "by a rule of one",
            FAIL,
            [recorder(), asking("Owner"), tag_policy()],
            message="rules: no rule in eu-west-1 asks for Environment; tag policy: none speaks of"
            " Environment, Owner",
        ),
        Case(
            "spelled otherwise",
            FAIL,
            [recorder(), asking("owner", "environment")],
            message="Environment, Owner",
        ),
        *(
            Case(state, PASS, [recorder(), asking("Environment", "Owner", state=state)])
            for state in ("EVALUATING", "DELETING_RESULTS")
        ),
        *(
            Case(f"state {state}", FAIL, [recorder(), asking("Environment", "Owner", state=state)])
            for state in ("DELETING", None)
        ),
        Case(
            "not in another region that records",
            FAIL,
            [recorder(), BOTH],
            {ELSEWHERE: [recorder(region=OTHER_REGION)]},
            message="no rule in us-east-1 asks for Environment, Owner",
        ),
        Case(
            "in both regions",
            PASS,
            [recorder(), BOTH],
            {ELSEWHERE: [recorder(region=OTHER_REGION), BOTH]},
        ),
        Case(
            "another region in which a service records",
            PASS,
            [recorder(), BOTH],
            {ELSEWHERE: [service_recorder(region=OTHER_REGION)]},
        ),
        Case("a rule where nothing is recorded", FAIL, [BOTH, tag_policy()], message="tag policy"),
        Case("by a policy", PASS, [tag_policy("Environment", "Owner")]),
        Case("by a policy, not by rules", PASS, [recorder(), tag_policy("Environment", "Owner")]),
        Case(
            "one by each",
            FAIL,
            [recorder(), asking("Owner"), tag_policy("Environment")],
            message="tag policy: none speaks of Owner",
        ),
        Case("no policy", FAIL, [tag_policy()]),
        Case("a policy spelled otherwise", FAIL, [tag_policy("environment", "Owner")]),
        Case(
            "other tags",
            PASS,
            [tag_policy("CostCenter")],
            parameters={"required_tags": ["CostCenter"]},
        ),
        Case(
            "no tag is required",
            NOT_APPLICABLE,
            [recorder(), tag_policy()],
            parameters={"required_tags": []},
            message="no tag is required",
        ),
        Case(
            "neither organization nor recorder",
            NOT_APPLICABLE,
            [service_recorder(), BOTH],
            message="rules: nothing is recorded; tag policy: there is no organization",
        ),
        Case("no organization, no rule", FAIL, [recorder()], message="no rule in eu-west-1"),
        Case(
            "a policy not told",
            UNKNOWN,
            [recorder(), TagPolicy(account=ACCOUNT, tag_keys=NOT_TOLD)],
        ),
        Case("rules denied", UNKNOWN, [recorder(), tag_policy()], gaps=[denied(BOTH)]),
        Case("recorders denied", UNKNOWN, [tag_policy()], gaps=[denied(recorder())]),
        Case(
            "rules denied, but a policy",
            PASS,
            [recorder(), tag_policy("Environment", "Owner")],
            gaps=[denied(BOTH)],
        ),
        Case("policy denied", UNKNOWN, [recorder()], gaps=[denied(tag_policy())]),
        Case("policy denied, but rules", PASS, [recorder(), BOTH], gaps=[denied(tag_policy())]),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
