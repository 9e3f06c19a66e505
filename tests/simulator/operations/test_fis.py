from simulator.days import Change

ACCOUNT = "100000000003"


def test_experiments_come_in_pages(simulator):
    change = Change(day=1, facet="fis.experiments", variant="not_completed", account=ACCOUNT)
    client = simulator(changes=[change]).member("fis", ACCOUNT, "us-east-1")
    assert len(client.list_experiments()["experiments"]) == 2
    pages = client.get_paginator("list_experiments").paginate()
    found = [one["state"]["status"] for page in pages for one in page["experiments"]]
    assert found == ["pending", "running", "stopped", "failed", "cancelled"]
