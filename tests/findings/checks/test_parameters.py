import pytest

from findings.checks.parameters import (
    PRODUCTION,
    Count,
    Days,
    Flag,
    Names,
    ParameterError,
    Pattern,
    Percent,
    Text,
)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Days("max_days", 1), "7"),
        (Days("max_days", 1), -1),
        (Count("least", 1), True),
        (Percent("share", 1), 101),
        (Flag("strict", True), "yes"),
        (Text("tool", ""), 5),
        (Names("kinds", ()), "one"),
        (Names("kinds", ()), [1]),
        (Pattern("names", ""), "("),
        (PRODUCTION, {"tags": "Environment"}),
        (PRODUCTION, {"ou_paths": [1]}),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_parameter(parameter, value):
    with pytest.raises(ParameterError, match=parameter.name):
        parameter.parse(value)


def test_the_limits_of_a_percentage_are_taken():
    assert [Percent("share", 1).parse(value) for value in (0, 100)] == [0, 100]


@pytest.mark.parametrize(
    ("tags", "environment", "ou_path", "matches"),
    [
        ({"Environment": "Prod"}, "sandbox", "Sandbox", True),
        ({"Environment": "test"}, "sandbox", "Sandbox", False),
        ({}, "production", "Elsewhere", True),
        ({}, "", "Workloads/Prod/EU", True),
        ({}, "", "Workloads/NonProd", False),
    ],
)
def test_production_is_told_by_tag_environment_or_ou(tags, environment, ou_path, matches):
    selector = PRODUCTION.parse({**PRODUCTION.default, "ou_paths": ["Workloads/Prod*"]})
    found = selector.matches_tags(tags) or selector.matches_account(environment, ou_path)
    assert found is matches
