import pytest

from findings.checks.parameters import (
    PRODUCTION,
    Count,
    Days,
    DaysOfMonth,
    Flag,
    HoursOfDay,
    Names,
    ParameterError,
    Pattern,
    Percent,
    Share,
    Text,
)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Days("max_days", 1), "7"),
        (Days("max_days", 1), -1),
        (Count("least", 1), True),
        (Percent("share", 1), 101),
        (Share("rate", 0.5), 1.01),
        (HoursOfDay("window_hours", 24), 25),
        (DaysOfMonth("window_days", 14), 31),
        (Flag("strict", True), "yes"),
        (Text("tool", ""), 5),
        (Names("kinds", ()), "one"),
        (Names("kinds", ()), [1]),
        (Names("kinds", ()), 5),
        (Names("kinds", ()), None),
        (Pattern("names", ""), "("),
        (PRODUCTION, {"tags": "Environment"}),
        (PRODUCTION, {"ou_paths": [1]}),
        (PRODUCTION, {"environments": 5}),
        (PRODUCTION, {"environments": "production"}),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_parameter(parameter, value):
    with pytest.raises(ParameterError, match=parameter.name):
        parameter.parse(value)


@pytest.mark.parametrize(
    ("parameter", "limits"),
    [
        (Percent("share", 1), (0, 100)),
        (Share("rate", 0.5), (0, 1)),
        (HoursOfDay("window_hours", 24), (0, 24)),
        (DaysOfMonth("window_days", 14), (0, 30)),
    ],
)
def test_the_limits_themselves_are_taken(parameter, limits):
    assert tuple(parameter.parse(value) for value in limits) == limits


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
