import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import call_budget
from workers.call_budget import ServiceBudget

BUDGETS = [
    ServiceBudget(
        service="xray",
        region={"xray:GetGroups": 1, "xray:GetServiceGraph": 4},
        account={},
        organization={},
        further_calls=9,
        facts=6,
    ),
    ServiceBudget(
        service="oam",
        region={"oam:ListLinks": 1},
        account={},
        organization={},
        further_calls=0,
        facts=0,
    ),
]


@pytest.fixture
def counted(monkeypatch):
    asked = []
    monkeypatch.setattr(call_budget, "call_budgets", lambda n: asked.append(n) or BUDGETS)
    return asked


def printed(*arguments):
    out = StringIO()
    call_command("call_budget", *arguments, stdout=out)
    return out.getvalue()


def test_the_table_tells_fixed_and_further_calls(counted):
    lines = [line.replace("│", " ").split() for line in printed().splitlines()]
    assert ["xray", "5", "0", "0", "9", "6", "1.5"] in lines
    assert ["oam", "1", "0", "0", "0", "0"] in lines
    assert lines[-1][-6:] == ["5", "calls", "in", "an", "empty", "region."]
    assert counted == [24]


def test_json_names_the_operations(counted):
    told = json.loads(printed("--json", "--accounts=4"))
    assert told["pillar_in_an_empty_region"] == 5
    assert told["services"][0]["region"] == {"xray:GetGroups": 1, "xray:GetServiceGraph": 4}
    assert told["services"][0]["calls_per_fact"] == 1.5
    assert told["services"][1]["calls_per_fact"] is None
    assert counted == [4]


@pytest.mark.parametrize("accounts", ["3", "2001"])
def test_a_world_has_a_size(counted, accounts):
    with pytest.raises(CommandError, match="between 4 and 2000"):
        printed(f"--accounts={accounts}")
    assert counted == []
