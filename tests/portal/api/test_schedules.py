import pytest
import time_machine

from accounts.models import AuditEntry
from findings.models import Schedule
from tests.factories.accounts import GrantFactory, OrganizationFactory
from tests.factories.findings import ScheduleFactory
from tests.portal.api.conftest import badly_refused


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "name": "nightly",
        "cron": "30 2 * * *",
        "time_zone": "Europe/Paris",
        "selection": {"rows": ["O2"]},
    }


@pytest.fixture
def schedule(world):
    return ScheduleFactory(organization=world.ours, name="nightly", cron="30 2 * * *")


@time_machine.travel("2026-03-02 09:00:00", tick=False)
def test_an_administrator_makes_one_and_is_told_when_it_runs(api, body):
    answer = api("administrator").post("schedules/", body)
    assert answer.status == 201
    assert answer.body["next_runs"][0] == answer.body["next_run_at"] == "2026-03-03T01:30:00Z"
    assert len(answer.body["next_runs"]) == 3
    assert answer.body.items() >= {**body, "jitter_minutes": 0, "is_active": True}.items()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_name) == ("schedule.create", "administrator")


def test_what_is_read_can_be_written_back(api, schedule):
    caller, path = api("administrator"), f"schedules/{schedule.uid}/"
    told = caller.get(path).body
    answer = caller.send("PUT", path, {**told, "name": "hourly"})
    assert (answer.status, answer.body["name"]) == (200, "hourly")
    assert answer.body["uid"] == told["uid"]


def test_a_part_is_changed_and_the_rest_stays(api, schedule):
    schedule.selection = {"rows": ["O2"]}
    schedule.save()
    path = f"schedules/{schedule.uid}/"
    answer = api("administrator").send("PATCH", path, {"is_active": False})
    assert answer.status == 200
    assert (answer.body["next_run_at"], answer.body["next_runs"]) == (None, [])
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.selection) == (False, {"rows": ["O2"]})


def test_one_is_deleted(api, schedule):
    path = f"schedules/{schedule.uid}/"
    assert api("administrator").send("DELETE", path).status == 204
    assert not Schedule.objects.exists()
    assert api("administrator").get(path).status == 404


BAD_INPUT = [
    ({"cron": "every night"}, "cron", "'every night' is not a cron expression"),
    ({"cron": "99 3 * * *"}, "cron", "Give five fields"),
    ({"cron": "0 0 31 2 *"}, "cron", "Bad day-of-month"),
    ({"cron": ""}, "cron", "may not be blank"),
    ({"cron": None}, "cron", "may not be null"),
    ({"time_zone": "Mars"}, "time_zone", "is not a time zone"),
    ({"jitter_minutes": 721}, "jitter_minutes", "less than or equal to 720"),
    ({"jitter_minutes": -1}, "jitter_minutes", "greater than or equal to 0"),
    ({"name": ""}, "name", "may not be blank"),
    ({"name": "taken"}, "", "has a schedule of this name already"),
    ({"is_active": "perhaps"}, "is_active", "Must be a valid boolean"),
    ({"selection": {"accounts": ["1"]}}, "selection", "12 digits"),
    ({"selection": "all"}, "selection", "Give an object of ous, accounts, regions, rows"),
    ({"organization": "ours"}, "organization", "Must be a valid UUID"),
    ({"crom": "0 3 * * *"}, "crom", "There is no such field. There are: organization, name"),
]


def test_bad_input_is_told_by_field_and_saves_nothing(api, world, body):
    ScheduleFactory(organization=world.ours, name="taken")
    caller = api("administrator")

    def create(changes):
        return caller.post("schedules/", body | changes)

    assert badly_refused(create, BAD_INPUT, Schedule) == {}


def test_a_change_is_checked_with_what_is_stored(api, schedule):
    path = f"schedules/{schedule.uid}/"
    answer = api("administrator").send("PATCH", path, {"cron": "0 0 30 2 *"})
    assert "Bad day-of-month" in answer.errors["cron"]


def test_a_schedule_stays_with_its_organization(api, schedule, world):
    other = OrganizationFactory()
    GrantFactory(user=world.person("administrator"), role="administrator", organization=other)
    path = f"schedules/{schedule.uid}/"
    answer = api("administrator").send("PATCH", path, {"organization": str(other.uid)})
    assert answer.errors == {"organization": "A schedule stays with its organization."}


def test_an_organization_that_is_not_seen_is_not_found(api, body):
    assert api("stranger").post("schedules/", body).status == 404


def test_places_that_it_is_limited_to_are_told_to_who_may_see_them(api, schedule):
    schedule.selection = {"ous": ["Dev"], "rows": ["O2"]}
    schedule.save()
    path = f"schedules/{schedule.uid}/"
    assert api("viewer").get(path).body["selection"] == {"ous": ["Dev"], "rows": ["O2"]}
    assert api("viewer of Prod").get(path).body["selection"] == {"rows": ["O2"]}


def test_filters(api, schedule, world):
    caller = api("viewer")
    ScheduleFactory(organization=world.ours, name="off", is_active=False, next_run_at=None)
    assert [s["name"] for s in caller.get("schedules/", is_active="false").results] == ["off"]
    assert [s["name"] for s in caller.get("schedules/", name="nightly").results] == ["nightly"]
    assert caller.get("schedules/", organization=world.theirs.uid).results == []
