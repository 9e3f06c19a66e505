"""Idempotency-Key: what is sent twice changes something once. Shown with schedules and scans."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AnsweredRequest
from accounts.services import idempotency
from findings.models import Schedule
from portal.api.schedules import ScheduleViewSet
from tests.portal.api.conftest import with_token

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def body(world):
    return {"name": "other", "cron": "0 4 * * *", "organization": str(world.ours.uid)}


def test_the_second_time_is_answered_as_the_first_and_changes_nothing(api, body):
    caller = api("administrator")
    first, second = (caller.post("schedules/", body, KEY) for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Schedule.objects.count() == 1


def test_another_request_with_the_key_is_refused(api, body):
    caller = api("administrator")
    caller.post("schedules/", body, KEY)
    for path, other in (("schedules/", {**body, "name": "third"}), ("scans/", body)):
        answer = caller.post(path, other, KEY)
        assert (answer.status, answer.type) == (422, "application/problem+json")
    assert Schedule.objects.count() == 1


def test_what_failed_is_not_remembered(api, body):
    caller = api("administrator")
    assert caller.post("schedules/", {**body, "cron": "x"}, KEY).status == 400
    assert not AnsweredRequest.objects.exists()
    assert caller.post("schedules/", body, KEY).status == 201


def test_while_the_first_is_worked_on_the_second_has_to_wait(api, body, monkeypatch):
    caller, seen = api("administrator"), []
    saved = ScheduleViewSet.perform_create

    def twice(view, serializer):
        if not seen:
            seen.append(None)
            seen[0] = caller.post("schedules/", body, KEY)
        saved(view, serializer)

    monkeypatch.setattr(ScheduleViewSet, "perform_create", twice)
    assert caller.post("schedules/", body, KEY).status == 201
    assert (seen[0].status, seen[0].type) == (409, "application/problem+json")
    assert Schedule.objects.count() == 1


def test_an_attempt_that_died_is_taken_over(api, body, world):
    caller, now = api("administrator"), timezone.now()
    assert caller.post("schedules/", body, KEY).status == 201
    AnsweredRequest.objects.update(status=None, body=None)  # as if it had died before its commit
    Schedule.objects.all().delete()
    assert caller.post("schedules/", body, KEY).status == 409
    with time_machine.travel(now + idempotency.LEASE + dt.timedelta(seconds=5)):
        assert caller.post("schedules/", body, KEY).status == 201
    assert Schedule.objects.count() == 1


def test_an_attempt_that_was_taken_over_undoes_what_it_did(api, body, monkeypatch):
    saved = ScheduleViewSet.perform_create

    def slow(view, serializer):
        saved(view, serializer)
        AnsweredRequest.objects.update(claim="00000000-0000-4000-8000-000000000000")

    monkeypatch.setattr(ScheduleViewSet, "perform_create", slow)
    caller = api("administrator")
    with pytest.raises(idempotency.ClaimLost):
        caller.post("schedules/", body, KEY)
    assert not Schedule.objects.exists()


def test_after_a_day_the_key_is_new(api, body):
    caller = api("administrator")
    caller.post("schedules/", body, KEY)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, seconds=1)):
        assert caller.post("schedules/", {**body, "name": "third"}, KEY).status == 201


def test_everybody_has_keys_of_their_own(api, world, body):
    person = world.person("administrator")
    callers = [with_token(person), with_token(person), api("administrator")]
    names = ("a", "b", "c")
    answers = [
        c.post("schedules/", {**body, "name": n}, KEY) for c, n in zip(callers, names, strict=True)
    ]
    assert [answer.status for answer in answers] == [201, 201, 201]
    assert Schedule.objects.count() == 3


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "\u00e9"])
def test_a_key_that_is_none_is_refused(api, body, key):
    answer = api("administrator").post("schedules/", body, {"Idempotency-Key": key})
    assert answer.status == 400
    assert "Idempotency-Key" in answer.errors


def test_a_secret_is_not_stored_with_its_answer(api, body, monkeypatch):
    monkeypatch.setattr(ScheduleViewSet, "answers_with_a_secret", True)
    caller = api("administrator")
    assert caller.post("schedules/", body, KEY).status == 201
    assert AnsweredRequest.objects.get().body is None
    again = caller.post("schedules/", body, KEY)
    assert again.status == 409
    assert "told only once" in again.body["detail"]


def test_actions_and_empty_bodies_count_too(api, world):
    caller, path = api("contributor"), f"findings/{world.finding().uid}/recheck/"
    first, second = (caller.post(path, None, KEY) for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    assert first.body["uid"] == second.body["uid"]


def test_a_form_with_a_key_is_of_the_wrong_type(client, world):
    client.force_login(world.person("contributor"))
    answer = client.post("/api/v1/scans/", {"organization": "x"}, headers=KEY)
    assert answer.status_code == 415
