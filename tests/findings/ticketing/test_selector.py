import pytest

from findings.ticketing.selector import Candidate, RouteSelector, RouteSelectorError

ONE = Candidate(
    row="O2", check="trail", severity="high", ou="Work/Prod", team="Shop", environment="production"
)


@pytest.mark.parametrize(
    ("selector", "takes"),
    [
        ({}, True),
        ({"rows": ["O2", "P1"]}, True),
        ({"rows": ["P1"]}, False),
        ({"checks": ["trail"], "severities": ["high"]}, True),
        ({"checks": ["trail"], "severities": ["low"]}, False),
        ({"ous": ["Work"]}, True),
        ({"ous": ["Work/Prod"]}, True),
        ({"ous": ["Work/Pro"]}, False),
        ({"ous": ["Work/Prod/EU"]}, False),
        ({"teams": ["Shop"], "environments": ["production"]}, True),
        ({"teams": ["Data"]}, False),
        ({"environments": ["sandbox"]}, False),
    ],
)
def test_a_route_takes_what_fits_every_condition(selector, takes):
    parsed = RouteSelector.parse(selector)
    assert parsed.takes(ONE) is takes
    assert parsed.to_json() == selector


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([], "A selector is an object of rows"),
        ({"tags": []}, "not tags"),
        ({"rows": ["Z9"]}, "Z9 is no row; there are P1"),
        ({"severities": ["HIGH"]}, "HIGH is no severity"),
        ({"teams": "Shop"}, "teams is a list of texts"),
        ({"teams": [7]}, "teams is a list of texts"),
        ({"ous": ["a\0"]}, "no text at all"),
        ({"ous": [" "]}, "empty"),
    ],
)
def test_a_wrong_selector_is_told(wrong, told):
    with pytest.raises(RouteSelectorError, match=told):
        RouteSelector.parse(wrong)
