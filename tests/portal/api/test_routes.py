"""Routes through the API: saved, ordered, simulated, and let go on."""

import pytest

from findings.models import Route, Ticket
from findings.services.connections import board_of
from tests.factories.tickets import ConnectionFactory, RouteFactory
from tests.portal.api.conftest import badly_refused, with_token


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "name": "storage",
        "connection": str(ConnectionFactory(organization=world.ours).uid),
        "project": "OPS",
        "selector": {"severities": ["high"]},
        "severity_map": {"high": "2"},
        "labels": ["cloud"],
        "mode": "suggest",
    }


def test_a_route_is_made_changed_and_deleted(api, body):
    caller = api("administrator")
    made = caller.post("routes/", body)
    assert made.status == 201, made.body
    assert made.body.items() >= body.items()
    where = f"routes/{made.body['uid']}/"
    changed = caller.send("PATCH", where, {"mode": "auto", "max_new": 5})
    assert (changed.status, changed.body["max_new"]) == (200, 5)
    assert changed.body["auto_since"]
    assert changed.body["selector"] == body["selector"]
    assert [row["uid"] for row in caller.get("routes/", mode="auto").results] == [made.body["uid"]]
    assert caller.send("DELETE", where).status == 204
    assert not Route.objects.exists()


WRONG = [
    ({"selector": {"colours": ["red"]}}, "selector"),
    ({"selector": {"severities": ["worst"]}}, "selector"),
    ({"selector": []}, "selector"),
    ({"severity_map": {"worst": "1"}}, "severity_map"),
    ({"labels": ["two words"]}, "labels"),
    ({"max_new": 0}, "max_new"),
    ({"mode": "always"}, "mode"),
    ({"connection": "x"}, "connection"),
    ({"hold": True}, "hold"),
]


def test_what_is_wrong_is_told_by_field(api, body):
    caller = api("administrator")

    def create(change):
        return caller.post("routes/", {**body, **change})

    assert badly_refused(create, WRONG, Route) == {}


def test_a_connection_of_others_is_none(api, world, body):
    theirs = ConnectionFactory(organization=world.theirs)
    answer = api("administrator").post("routes/", {**body, "connection": str(theirs.uid)})
    assert (answer.status, list(answer.errors)) == (400, ["connection"])


def test_all_routes_are_put_into_an_order(api, world):
    first, second = (RouteFactory(organization=world.ours) for _ in range(2))
    caller, ours = api("administrator"), str(world.ours.uid)
    wanted = [str(second.uid), str(first.uid)]
    answer = caller.post("routes/order/", {"organization": ours, "routes": wanted})
    assert [(row["uid"], row["position"]) for row in answer.body] == [
        (wanted[0], 1),
        (wanted[1], 2),
    ]
    assert caller.post("routes/order/", {"organization": ours, "routes": wanted[:1]}).status == 400


def test_a_simulation_saves_nothing(api, world, body):
    caller, tried = api("administrator"), {**body, "selector": {}}
    told = caller.post("routes/simulate/", tried)
    assert told.status == 200, told.body
    assert set(told.body) == {"since", "findings", "tickets", "most_in_a_day", "by_key"}
    assert not Route.objects.exists()
    wrong = caller.post("routes/simulate/", {**body, "selector": {"severities": ["worst"]}})
    assert (wrong.status, list(wrong.errors)) == (400, ["selector"])
    route = RouteFactory(organization=world.ours, connection=board_of(world.ours))
    stored = caller.post(f"routes/{route.uid}/simulate/").body
    assert {**stored, "since": told.body["since"]} == told.body


def test_a_held_route_is_released(api, world):
    route = RouteFactory(
        organization=world.ours, held_at=world.lab.now, held_reason="41 tickets in one scan"
    )
    caller, where = api("administrator"), f"routes/{route.uid}/"
    assert caller.get(where).body["held_reason"] == "41 tickets in one scan"
    assert "opens" in caller.post(f"{where}release/").errors
    assert caller.post(f"{where}release/", {"opens": False}).body == {"opened": 0}
    assert caller.get(where).body["held_at"] is None


def test_who_sees_a_part_of_the_organization_sees_no_route(api, world):
    RouteFactory(organization=world.ours)
    assert len(api("viewer").get("routes/").results) == 1
    assert api("viewer of Prod").get("routes/").results == []


@pytest.fixture
def suggesting(world):
    """A route that suggests a ticket for each of the two accounts."""
    return RouteFactory(
        organization=world.ours,
        connection=board_of(world.ours),
        grouping=Route.Grouping.ACCOUNT_CHECK,
        mode=Route.Mode.SUGGEST,
        auto_since=None,
    )


def key_of(world, account):
    return f"account:{account.account_id}:check:{world.finding().check_id}"


def test_suggestions_are_listed_accepted_and_dismissed_each_by_itself(api, world, suggesting):
    caller, where = api("contributor"), f"routes/{suggesting.uid}/"
    told = {row["key"]: row for row in caller.get(f"{where}suggestions/").results}
    shop, sandbox = (key_of(world, account) for account in (world.shop, world.sandbox))
    assert set(told) == {shop, sandbox}
    assert told[shop] == {
        "key": shop,
        "severity": world.finding().severity,
        "check_id": world.finding().check_id,
        "team": None,
        "accounts": 1,
        "findings": [str(world.finding().uid)],
        "may_accept": True,
    }
    items = {"items": [{"key": shop}, {"key": "another"}, {"key": shop}, {}]}
    answer = caller.post(f"{where}accept/", items)
    assert [row["status"] for row in answer.body["results"]] == [200, 404, 404, 400]
    ticket = Ticket.objects.get()
    assert answer.body["results"][0]["result"] == {
        "key": shop, "opened": 1, "ticket": str(ticket.uid)
    }  # fmt: skip
    one = {"items": [{"key": sandbox}]}
    (row,) = caller.post(f"{where}dismiss/", one).body["results"]
    assert row["result"] == {"key": sandbox, "findings": 1}
    assert caller.get(f"{where}suggestions/").results == []
    (hidden,) = caller.get(f"{where}suggestions/", dismissed="true").results
    assert hidden["key"] == sandbox
    assert caller.post(f"{where}restore/", one).body["results"][0]["status"] == 200
    assert [row["key"] for row in caller.get(f"{where}suggestions/").results] == [sandbox]
    assert caller.get(f"{where}suggestions/", dismiss="true").status == 400


def test_a_suggestion_is_for_who_contributes_to_all_its_accounts(api, world, suggesting):
    person, where = world.person("viewer"), f"routes/{suggesting.uid}/"
    person.grants.create(role="contributor", organization=world.ours, ou=world.prod)
    caller = api("viewer")
    told = {row["key"]: row["may_accept"] for row in caller.get(f"{where}suggestions/").results}
    keys = [key_of(world, account) for account in (world.shop, world.sandbox)]
    assert told == dict(zip(keys, (True, False), strict=True))
    items = {"items": [{"key": key} for key in keys]}
    for act in ("dismiss", "accept"):
        answers = caller.post(f"{where}{act}/", items).body["results"]
        assert [row["status"] for row in answers] == [200 if act == "dismiss" else 404, 403]


def test_a_token_accepts_with_the_scope_of_tickets(world, suggesting):
    person, where = world.person("contributor"), f"routes/{suggesting.uid}/"
    items = {"items": [{"key": key_of(world, world.shop)}]}
    reading = with_token(person, ("read", "findings:write"))
    assert len(reading.get(f"{where}suggestions/").results) == 2
    assert reading.post(f"{where}accept/", items).status == 403
    limited = with_token(person, ("read", "tickets:write"), ous=[world.prod])
    assert limited.get(f"{where}suggestions/").status == 404
    assert limited.post(f"{where}accept/", items).status == 404
    writing = with_token(person, ("read", "tickets:write"))
    assert writing.post(f"{where}accept/", items).body["results"][0]["status"] == 200
