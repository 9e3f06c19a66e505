import datetime as dt

import pytest

from findings.models import DeliveryRecord, ProductionChange
from tests.factories.accounts import TeamFactory
from tests.factories.findings import NOW
from tests.portal.api.conftest import badly_refused

pytestmark = pytest.mark.django_db

KEY = "pipeline:eu-west-1:site"
HOUR = dt.timedelta(hours=1)


def deliver(account, *ages, failed=(), since=400):
    """Changes so many days ago, each an hour long, as a scan of now has seen them."""
    kept = {"since": (NOW - dt.timedelta(days=since)).isoformat(), "until": NOW.isoformat()}
    DeliveryRecord.objects.create(account=account, key="k", evidence_at=NOW, sources={KEY: kept})
    for age in ages:
        ended = NOW - dt.timedelta(days=age)
        ProductionChange.objects.create(
            account=account,
            source=KEY,
            change_id=f"e-{age}",
            began_at=ended - HOUR,
            ended_at=ended,
            succeeded=age not in failed,
        )


def test_an_organization_is_told_with_its_four_figures(api, world):
    deliver(world.shop, 3, 2, 1, failed=(2,))
    deliver(world.sandbox)
    (told,) = api("viewer").get("dora/", days=7).results
    figures = {figure.pop("measure"): figure for figure in told.pop("figures")}
    assert told == {
        "scope_kind": "organization",
        "scope_uid": str(world.ours.uid),
        "scope_name": "Ours",
        "organization": str(world.ours.uid),
        "is_whole": True,
        "accounts": 2,
        "sources": 2,
        "days": 7,
        "evidence_at": "2026-03-02T09:00:00Z",
        "missing": {},
    }
    window = {"since": "2026-02-23T09:00:00Z", "until": "2026-03-02T09:00:00Z"}
    assert figures["deployment_frequency"] == {
        "knowledge": "known",
        "value": 2.0,
        "unit": "per week",
        "n": 2,
        "window": window,
        "method": "successful changes a week",
    }
    assert figures["lead_time"]["value"] == 1.0
    assert figures["change_failure_rate"]["value"] == pytest.approx(100 / 3)
    assert (figures["time_to_restore"]["value"], figures["time_to_restore"]["n"]) == (24.0, 1)


def test_what_nobody_has_looked_at_is_unknown(api, world):
    (told,) = api("viewer").get("dora/").results
    assert (told["days"], told["evidence_at"]) == (90, None)
    assert told["missing"] == {"not_scanned": 2}
    assert {(f["value"], f["knowledge"]) for f in told["figures"]} == {(None, "unknown")}


def test_a_history_that_is_too_short_is_told(api, world):
    deliver(world.shop, 1, since=30)
    (told,) = api("viewer of Prod").get("dora/").results
    assert told["missing"] == {"no_longer_kept": 1}
    assert told["figures"][0]["knowledge"] == "partial"


def test_everybody_is_told_of_the_accounts_that_they_see(api, world):
    deliver(world.shop, 1)
    deliver(world.sandbox, 1, 2)
    deliver(world.foreign, 1, 2, 3)
    seen = {
        who: {
            (row["scope_name"], row["is_whole"], row["figures"][0]["n"])
            for row in api(who).get("dora/").results
        }
        for who in ("viewer", "viewer of Prod", "stranger", "nobody")
    }
    assert seen == {
        "viewer": {("Ours", True, 3)},
        "viewer of Prod": {("Ours", False, 1)},
        "stranger": {("Theirs", True, 3)},
        "nobody": set(),
    }


def test_ous_teams_and_accounts_are_told(api, world):
    deliver(world.shop, 1)
    team = TeamFactory(organization=world.ours, name="Web")
    world.shop.owner_team = team
    world.shop.save()
    caller = api("viewer")

    def counts(kind, **wanted):
        rows = caller.get("dora/", scope_kind=kind, **wanted).results
        return {row["scope_name"]: (row["accounts"], row["figures"][0]["n"]) for row in rows}

    assert counts("ou") == {"Prod": (1, 1), "Dev": (1, 0)}
    assert counts("team") == {"Web": (1, 1)}
    assert counts("account", scope_uid=world.shop.uid) == {str(world.shop): (1, 1)}
    assert len(counts("account", organization=world.ours.uid)) == 2
    assert counts("organization", organization=world.theirs.uid) == {}
    assert counts("ou", scope_uid=world.shop.uid) == {}


NO_FILTERS = [
    ({"scope_kind": "galaxy"}, "not one of the available choices"),
    ({"scope_uid": "x"}, "Enter a valid UUID"),
    ({"days": "0"}, "greater than or equal to 1"),
    ({"days": "1101"}, "less than or equal to 1100"),
    ({"days": "1.5"}, "no more than 0 decimal places"),
    ({"days": "soon"}, "Enter a number"),
    ({"days": "NaN"}, "Enter a number"),
    ({"scope": "x"}, "There is no such filter"),
]


def test_a_wrong_filter_is_told(api):
    caller = api("viewer")

    def ask(query):
        return caller.get("dora/", **query)

    cases = [(wrong, next(iter(wrong)), told) for wrong, told in NO_FILTERS]
    assert badly_refused(ask, cases) == {}


def test_there_is_nothing_to_write(api):
    for method in ("POST", "PUT", "DELETE"):
        assert api("administrator").send(method, "dora/", {}).status == 405
