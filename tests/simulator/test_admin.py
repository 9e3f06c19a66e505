from datetime import timedelta

import pytest

from simulator.credentials import Credentials

MEMBER = "100000000003"


def test_health_tells_what_a_client_needs_to_begin(default):
    health = default.get("health")
    assert health["http_status"] == 200
    assert health["management_account"] == "100000000001"
    assert health["external_id"] == default.world.external_id
    keys = Credentials(
        access_key_id=health["access_key_id"], secret_access_key=health["secret_access_key"]
    )
    assert default.client("sts", credentials=keys).get_caller_identity()


def test_calls_are_counted(default):
    for _ in range(3):
        default.client("sts").get_caller_identity()
    assert default.get("calls")["calls"] == {"sts:GetCallerIdentity": 3}


def test_the_day_may_be_changed_at_run_time(default):
    assert default.post("day", day=2)["accounts"] == 25
    pages = default.client("organizations").get_paginator("list_accounts").paginate()
    assert "reporting-prod" in {a["Name"] for page in pages for a in page["Accounts"]}


def test_moving_the_clock_moves_only_what_moves(default):
    client = default.member("cloudtrail", MEMBER)
    before = client.describe_trails()["trailList"]
    default.post("now", now="2027-01-01T00:00:00+00:00")
    assert default.world.clock().year == 2027
    assert client.describe_trails()["trailList"] == before != []


def test_moving_the_epoch_moves_every_date_and_nothing_else(default):
    client = default.client("organizations")
    epoch, earlier = default.world.epoch, default.world.epoch - timedelta(days=25)
    before = client.list_accounts()["Accounts"]
    assert default.post("epoch", epoch=earlier.isoformat())["epoch"] == earlier.isoformat()
    joined = {"JoinedTimestamp": None}
    then = client.list_accounts()["Accounts"]
    assert [a | joined for a in then] == [a | joined for a in before]
    for account, earlier_account in zip(before, then, strict=True):
        moved = account["JoinedTimestamp"] - earlier_account["JoinedTimestamp"]
        assert moved == timedelta(days=25)
    assert earlier <= default.world.clock() < epoch
    default.post("epoch", epoch=epoch.isoformat())
    assert client.list_accounts()["Accounts"] == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faults", {"faults": ["nonsense"]}),
        ("faults", {}),
        ("day", {"day": 0}),
        ("day", {"day": "two"}),
        ("now", {"now": "soon"}),
        ("now", {"now": "2027-01-01T00:00:00"}),
        ("epoch", {"epoch": "2027-01-01T00:00:00"}),
    ],
)
def test_bad_steering_is_refused_in_words(default, name, content):
    reply = default.post(name, **content)
    assert reply["http_status"] == 400
    assert reply["error"].startswith(f"{name}: ")
    told = default.get("health")
    assert (told["day"], told["epoch"]) == (1, default.world.epoch.isoformat())


def test_what_is_not_there_is_not_found(default):
    assert default.get("nothing")["http_status"] == 404
