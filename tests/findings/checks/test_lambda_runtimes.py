import json
from datetime import UTC, datetime
from importlib.resources import files

from findings.checks.lambda_runtimes import LIFECYCLES


def midnight(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_the_dates_are_those_that_the_linter_of_cloudformation_knows():
    """Fails when a newer linter brings newer dates: take them over."""
    data = files("cfnlint.data.AdditionalSpecs").joinpath("LmbdRuntimeLifecycle.json")
    known = {
        name: (midnight(told["deprecated"]), midnight(told["create-block"]))
        for name, told in json.loads(data.read_text()).items()
        if told["create-block"]  # else it comes as a container image only
    }
    assert known == LIFECYCLES
