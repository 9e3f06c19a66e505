import datetime as dt

import pytest

from findings.checks.base import built_in
from findings.services.scorecards import scorecards_snapshot
from tests.factories.findings import NOW, ScoreSnapshotFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_snapshot_is_told_with_its_scope_and_its_figures(api, world):
    ScoreSnapshotFactory(organization=world.ours, passed=3, failed=1)
    (told,) = api("viewer").get("scorecards/").results
    assert told == {
        "organization": str(world.ours.uid),
        "day": "2026-03-02",
        "scope_kind": "organization",
        "scope_uid": str(world.ours.uid),
        "scope_name": "Ours",
        "row": "",
        "score": 82.4,
        "coverage": 91.0,
        "level": "foundation",
        "passed": 3,
        "failed": 1,
        "unknown": 0,
        "not_applicable": 0,
        "suppressed": 0,
        "attested": 0,
        "accounts": 0,
        "scanned_at": "2026-03-02T09:00:00Z",
    }


def test_what_is_not_known_is_null(api, world):
    ScoreSnapshotFactory(organization=world.ours, score=None, coverage=None, scanned_at=None)
    (told,) = api("viewer").get("scorecards/").results
    assert (told["score"], told["coverage"], told["scanned_at"]) == (None, None, None)


def test_everybody_sees_those_of_what_they_see_as_a_whole(api, world):
    scorecards_snapshot(organization=world.ours, registry=built_in(), now=NOW)
    seen = {
        who: {row["scope_name"] for row in api(who).get("scorecards/").results}
        for who in ("viewer", "viewer of Prod", "stranger", "nobody")
    }
    assert seen == {
        "viewer": {"Ours", "Prod", "Dev", "shop", "sandbox"},
        "viewer of Prod": {"Prod", "shop"},
        "stranger": set(),
        "nobody": set(),
    }


def test_filters(api, world):
    scorecards_snapshot(organization=world.ours, registry=built_in(), now=NOW)
    ScoreSnapshotFactory(organization=world.ours, day=NOW.date() - DAY)
    caller = api("viewer")

    def count(**wanted):
        return len(caller.get("scorecards/", **wanted).results)

    assert count() == 11
    assert count(row="O2") == 5
    assert count(row="all") == 6
    assert count(scope_kind="ou", row="all") == 2
    assert count(scope_uid=world.shop.uid) == 2
    assert count(day="2026-03-01") == count(until="2026-03-01") == 1
    assert count(since="2026-03-02") == 10
    assert count(organization=world.theirs.uid) == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"row": "X9"}, "not one of the available choices"),
        ({"scope_kind": "galaxy"}, "not one of the available choices"),
        ({"since": "soon"}, "Enter a valid date"),
        ({"scope": "x"}, "There is no such filter"),
    ],
)
def test_a_wrong_filter_is_told(api, wrong, told):
    answer = api("viewer").get("scorecards/", **wrong)
    (name,) = wrong
    assert (answer.status, answer.type) == (400, "application/problem+json")
    assert told in answer.errors[name]


def test_there_is_nothing_to_write(api):
    for method in ("POST", "PUT", "DELETE"):
        assert api("administrator").send(method, "scorecards/", {}).status == 405
