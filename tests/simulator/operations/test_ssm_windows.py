import pytest

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "us-east-1"


def standing(simulator, facet, variant, region=REGION):
    change = Change(day=1, facet=f"ssm.{facet}", variant=variant, account=ACCOUNT, region=region)
    return simulator(changes=[change]).member("ssm", ACCOUNT, REGION)


def test_executions_of_a_window_come_in_pages(simulator):
    client = standing(simulator, "maintenance_windows", "succeeding")
    (window,) = client.describe_maintenance_windows()["WindowIdentities"]
    asked = {"WindowId": window["WindowId"]}
    pages = client.get_paginator("describe_maintenance_window_executions").paginate(**asked)
    found = [execution for page in pages for execution in page["WindowExecutions"]]
    assert len(found) == 4
    assert {execution["WindowId"] for execution in found} == {window["WindowId"]}
    assert len(client.describe_maintenance_window_targets(**asked)["Targets"]) == 1
    assert len(client.describe_maintenance_window_tasks(**asked)["Tasks"]) == 1


def test_a_window_that_is_not_there_has_no_targets(simulator):
    client = standing(simulator, "maintenance_windows", "none")
    with pytest.raises(client.exceptions.DoesNotExistException):
        client.describe_maintenance_window_targets(WindowId="mw-0123456789abcdef0")


def test_items_are_told_by_status(simulator):
    client = standing(simulator, "ops_items", "in_time", region="")
    wanted = {"Key": "Status", "Values": ["Open", "InProgress"], "Operator": "Equal"}
    paginator = client.get_paginator("describe_ops_items")
    every = [i for page in paginator.paginate() for i in page["OpsItemSummaries"]]
    unresolved = [
        item
        for page in paginator.paginate(OpsItemFilters=[wanted])
        for item in page["OpsItemSummaries"]
    ]
    assert unresolved == [i for i in every if i["Status"] in wanted["Values"]]
    assert 0 < len(unresolved) < len(every)
