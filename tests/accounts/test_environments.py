import pytest

from accounts.environments import (
    default_environment_rules,
    environment_of,
    parse_environment_rules,
)

DEFAULT = parse_environment_rules(default_environment_rules())


@pytest.mark.parametrize(
    ("tags", "ou_path", "environment"),
    [
        ({"Environment": "prod"}, "", "production"),
        ({"environment": "PRODUCTION"}, "", "production"),
        ({"Environment": "non-prod"}, "", "nonproduction"),
        ({"Environment": " Staging "}, "", "staging"),
        ({"Environment": "dev"}, "Workloads/Prod", "dev"),
        ({"Environment": ""}, "Workloads/Prod", "production"),
        ({}, "Workloads/prod/Team A", "production"),
        ({}, "Workloads/NonProd", "nonproduction"),
        ({}, "Sandbox", "sandbox"),
        ({}, "Workloads/Products", ""),
        ({}, "", ""),
    ],
)
def test_the_tag_decides_before_the_ou(tags, ou_path, environment):
    assert environment_of(DEFAULT, tags=tags, ou_path=ou_path) == environment


def test_the_first_rule_that_matches_decides():
    rules = parse_environment_rules(
        [{"ou": "A", "environment": "first"}, {"ou": "B", "environment": "second"}]
    )
    assert environment_of(rules, tags={}, ou_path="B/A") == "first"


def test_a_rule_with_values_leaves_other_values_to_later_rules():
    rules = parse_environment_rules(
        [{"tag": "stage", "values": ["P"], "environment": "production"}, {"tag": "stage"}]
    )
    assert environment_of(rules, tags={"stage": "p"}, ou_path="") == "production"
    assert environment_of(rules, tags={"stage": "q"}, ou_path="") == "q"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"tag": "x"}, "a list"),
        (["prod"], "rule 1: write an object"),
        ([{"tag": "x"}, {}], "rule 2: give either a tag or an ou"),
        ([{"tag": "x", "ou": "y", "environment": "z"}], "either a tag or an ou"),
        ([{"ou": "Prod"}], "which environment the ou 'Prod' is"),
        ([{"tag": 5}], "give text"),
        ([{"tag": "x", "values": "prod"}], "values as a list"),
        ([{"tag": "x", "value": ["prod"]}], "unknown ['value']"),
    ],
)
def test_a_wrong_rule_says_what_to_write(declared, said):
    with pytest.raises(ValueError, match="rule") as caught:
        parse_environment_rules(declared)
    assert said in str(caught.value)
