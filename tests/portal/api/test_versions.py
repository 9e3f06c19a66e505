"""ETag, If-None-Match and If-Match, shown with schedules."""

import pytest

from findings.models import Schedule
from portal.api.schedules import ScheduleViewSet
from tests.factories.findings import ScheduleFactory


@pytest.fixture
def path(world):
    return f"schedules/{ScheduleFactory(organization=world.ours, name='nightly').uid}/"


@pytest.fixture
def required(monkeypatch):
    monkeypatch.setattr(ScheduleViewSet, "requires_if_match", True)


def test_a_detail_is_told_once_while_it_does_not_change(api, path):
    caller = api("administrator")
    first = caller.get(path)
    assert first.headers["ETag"].startswith('"')
    for known in (
        first.headers["ETag"],
        f"W/{first.headers['ETag']}",
        f'"x", {first.headers["ETag"]}',
        "*",
    ):
        again = caller.get(path, {"If-None-Match": known})
        assert (again.status, again.body) == (304, None)
        assert again.headers["ETag"] == first.headers["ETag"]
    caller.send("PATCH", path, {"cron": "0 7 * * *"})
    assert caller.get(path, {"If-None-Match": first.headers["ETag"]}).status == 200


def test_a_change_answers_with_the_new_version(api, path, world):
    caller = api("administrator")
    changed = caller.send("PATCH", path, {"cron": "0 7 * * *"})
    assert changed.headers["ETag"] == caller.get(path).headers["ETag"]
    body = {"name": "other", "cron": "0 4 * * *", "organization": str(world.ours.uid)}
    made = caller.post("schedules/", body)
    assert made.headers["ETag"] == caller.get(f"schedules/{made.body['uid']}/").headers["ETag"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_version_changes_nothing(api, path, method):
    caller = api("administrator")
    old = caller.get(path).headers["ETag"]
    caller.send("PATCH", path, {"cron": "0 7 * * *"})
    answer = caller.send(method, path, {"cron": "0 8 * * *"}, {"If-Match": old})
    assert (answer.status, answer.type) == (412, "application/problem+json")
    assert Schedule.objects.get().cron == "0 7 * * *"


def test_the_version_that_is_may_be_changed(api, path):
    caller = api("administrator")
    known = caller.get(path).headers["ETag"]
    assert caller.send("PATCH", path, {"cron": "0 7 * * *"}, {"If-Match": known}).status == 200
    assert caller.send("PATCH", path, {"cron": "0 8 * * *"}, {"If-Match": "*"}).status == 200


def test_a_weak_tag_never_matches_for_a_change(api, path):
    caller = api("administrator")
    weak = f"W/{caller.get(path).headers['ETag']}"
    assert caller.send("PATCH", path, {"cron": "0 7 * * *"}, {"If-Match": weak}).status == 412


@pytest.mark.usefixtures("required")
def test_a_noun_may_require_to_be_told_the_version(api, path):
    caller = api("administrator")
    for method in ("PUT", "PATCH", "DELETE"):
        answer = caller.send(method, path, {"cron": "0 7 * * *"})
        assert (answer.status, answer.type) == (428, "application/problem+json")
        assert "If-Match" in answer.body["detail"]
    assert Schedule.objects.get().cron != "0 7 * * *"
    assert caller.get(path).status == 200
    known = caller.get(path).headers["ETag"]
    assert caller.send("DELETE", path, headers={"If-Match": known}).status == 204


@pytest.mark.usefixtures("required")
def test_what_is_not_seen_is_not_found_before_anything_else_is_said(api, path):
    assert api("stranger").send("PATCH", path, {}).status == 404
    assert api("viewer").send("PATCH", path, {}, {"If-Match": '"x"'}).status == 412
