import re
from collections import Counter
from pathlib import Path

import pytest

from simulator import operations
from simulator.world import World
from workers.call_budget import (
    MOST_CALLS,
    PILLAR,
    NotCounted,
    ServiceBudget,
    call_budgets,
    fixed_of_pillar,
)

DECISIONS = Path(__file__).parents[2] / "docs" / "catalogue-decisions.md"
ROW = re.compile(r"^\| (\S+:\S+) \| (\d+) \| \S.* \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def budgets():
    return {budget.service: budget for budget in call_budgets(accounts=1)}


def test_an_empty_region_costs_no_more_than_the_budget(budgets):
    asked = {name: dict(budgets[name].region) for name in PILLAR}
    assert fixed_of_pillar(budgets.values()) <= MOST_CALLS, asked


def test_what_each_call_of_an_empty_region_is_for_is_written_down(budgets):
    """The table of docs/catalogue-decisions.md, call by call."""
    _, _, section = DECISIONS.read_text(encoding="utf-8").partition("\n## Calls\n")
    written = Counter({name: int(times) for name, times in ROW.findall(section)})
    counted = sum((Counter(budgets[name].region) for name in PILLAR), Counter())
    assert written == counted
    assert f"**Calls of an empty region**: {counted.total()}," in section


def test_every_service_of_the_pillar_is_asked_in_a_region(budgets):
    assert all(budgets[name].region for name in PILLAR)


def test_no_listing_of_an_empty_region_is_asked_for_twice(budgets):
    """More than one call of an operation asks for different things; these are known to."""
    often = {
        operation: calls
        for budget in budgets.values()
        for operation, calls in (*budget.region.items(), *budget.organization.items())
        if calls > 1
    }
    assert often == {
        "organizations:ListDelegatedAdministrators": 3,  # one of each service
        "ssm:ListDocuments": 2,  # its own, and those shared with it: AWS takes one owner
    }


def test_logs_and_events_count_as_cloudwatch(budgets):
    services = {operation.partition(":")[0] for operation in budgets["cloudwatch"].region}
    assert services == {"cloudwatch", "logs", "events"}


def test_what_stands_costs_further_calls(budgets):
    stacks = budgets["cloudformation"]
    assert stacks.facts > 0
    assert stacks.calls_per_fact == stacks.further_calls / stacks.facts > 0


def test_no_facts_have_no_calls_per_fact():
    empty = ServiceBudget(
        service="oam", region={}, account={}, organization={}, further_calls=0, facts=0
    )
    assert empty.calls_per_fact is None
    assert not empty.is_of_pillar


def test_what_the_simulator_does_not_answer_is_not_counted(monkeypatch):
    """A call that fails so may hide those that would have followed."""
    operations.load()
    monkeypatch.delitem(operations.base._operations, ("cloudtrail", "DescribeTrails"))
    with pytest.raises(NotCounted, match="NotImplementedBySimulator"):
        call_budgets(accounts=4)


def test_nothing_stands_in_a_bare_world():
    world = World(accounts=2, is_bare=True)
    assert not world.organization_place.records
    assert not any(place.records or place.parent.records for place in world.places())
