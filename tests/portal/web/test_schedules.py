import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import Schedule
from tests.factories.accounts import GrantFactory, OrganizationFactory
from tests.factories.findings import ScheduleFactory
from tests.portal.web.pages import links_of, main_text_of, text_of, title_of

LIST, NEW = reverse("schedule-list"), reverse("schedule-create")


def edit(schedule):
    return reverse("schedule-edit", args=[schedule.uid])


@pytest.fixture
def form(world):
    return {
        "organization": world.ours.pk,
        "name": "nightly",
        "cron": "30 2 * * *",
        "time_zone": "Europe/Paris",
        "jitter_minutes": "10",
        "catches_up": "on",
        "is_active": "on",
    }


@pytest.fixture
def schedule(world):
    return ScheduleFactory(organization=world.ours, name="nightly", cron="30 2 * * *")


@time_machine.travel("2026-03-02 09:00:00", tick=False)
def test_the_list_shows_when_each_runs_next(sign_in, world):
    ScheduleFactory(organization=world.ours, cron="30 2 * * *", time_zone="Europe/Paris")
    text = main_text_of(sign_in("viewer").get(LIST))
    assert "30 2 * * * Europe/Paris 2026-03-03 01:30 2026-03-04 01:30 2026-03-05 01:30" in text


def test_one_that_is_switched_off_runs_never(sign_in, world):
    ScheduleFactory(organization=world.ours, is_active=False, next_run_at=None)
    assert "switched off" in text_of(sign_in("viewer").get(LIST))


def test_everybody_of_the_organization_sees_it_and_administrators_change_it(
    sign_in, schedule, world
):
    for who in ("viewer", "viewer of Prod", "contributor", "administrator"):
        page = sign_in(who).get(LIST)
        assert "nightly" in text_of(page)
        assert (edit(schedule) in links_of(page)) is (who == "administrator")
        assert ("New schedule" in text_of(page)) is (who == "administrator")
    assert "nightly" not in text_of(sign_in("stranger").get(LIST))


def test_places_that_it_is_limited_to_are_told_to_who_may_see_them(sign_in, schedule, world):
    schedule.selection = {"ous": ["Dev"], "rows": ["O2"]}
    schedule.save()
    assert "OUs: Dev" in text_of(sign_in("viewer").get(LIST))
    told = text_of(sign_in("viewer of Prod").get(LIST))
    assert "Rows: O2" in told
    assert "Dev" not in told


def test_an_empty_list_says_which_kind_of_empty_it_is(sign_in):
    assert "No schedule yet" in text_of(sign_in("viewer").get(LIST))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))


def test_an_administrator_makes_one(sign_in, world, form):
    part = {"ous": ["Prod"], "accounts": "", "regions": "eu-west-1", "rows": ["O2", "P1"]}
    answer = sign_in("administrator").post(NEW, form | part, follow=True)
    assert "The schedule is saved." in text_of(answer)
    made = Schedule.objects.get()
    assert made.selection == {"ous": ["Prod"], "regions": ["eu-west-1"], "rows": ["O2", "P1"]}
    assert made.next_run_at is not None
    assert AuditEntry.objects.get().action == "schedule.create"


@pytest.mark.parametrize(
    ("fields", "where", "told"),
    [
        ({"cron": "every night"}, "form", "'every night' is not a cron expression"),
        ({"cron": "61 3 * * *"}, "form", "61 3 * * *"),
        ({"cron": "0 3 31 2 *"}, "form", "0 3 31 2 *"),
        ({"cron": ""}, "form", "This field is required"),
        ({"time_zone": "Mars"}, "form", "is not a time zone"),
        ({"jitter_minutes": "721"}, "form", "less than or equal to 720"),
        ({"jitter_minutes": "-1"}, "form", "greater than or equal to 0"),
        ({"name": ""}, "form", "This field is required"),
        ({"name": "taken"}, "form", "has a schedule of this name already"),
        ({"accounts": "12"}, "part", "12 digits"),
        ({"regions": "nowhere"}, "part", "is not an AWS region"),
        ({"rows": "Z1"}, "part", "Z1 is not one of the available choices"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_saves_nothing(
    sign_in, world, form, fields, where, told
):
    ScheduleFactory(organization=world.ours, name="taken")
    answer = sign_in("administrator").post(NEW, form | fields)
    assert answer.status_code == 422
    assert told in str(answer.context[where].errors).replace("&#x27;", "'")
    assert told in text_of(answer)
    assert title_of(answer) == "New schedule · Cairn"
    assert Schedule.objects.count() == 1


def test_the_form_shows_what_is_stored(sign_in, schedule, world):
    schedule.selection = {"ous": ["Prod"], "accounts": [world.shop.account_id], "rows": ["O2"]}
    schedule.save()
    page = sign_in("administrator").get(edit(schedule))
    assert title_of(page) == "nightly · Cairn"
    assert page.context["part"].initial == {
        "ous": ["Prod"],
        "accounts": world.shop.account_id,
        "regions": "",
        "rows": ["O2"],
    }
    assert page.content.decode().count("checked") == 4


def test_a_change_keeps_what_the_form_did_not_touch(sign_in, schedule, form):
    schedule.selection = {"ous": ["ou-removed"]}
    schedule.save()
    changed = {**form, "name": "hourly", "ous": ["ou-removed"]}
    assert sign_in("administrator").post(edit(schedule), changed).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.name, schedule.selection) == ("hourly", {"ous": ["ou-removed"]})


def test_a_schedule_stays_with_its_organization(sign_in, schedule, form, world):
    other = OrganizationFactory()
    GrantFactory(user=world.person("administrator"), role="administrator", organization=other)
    sign_in("administrator").post(edit(schedule), {**form, "organization": other.pk})
    schedule.refresh_from_db()
    assert schedule.organization == world.ours


def test_an_organization_that_is_not_administered_cannot_be_chosen(sign_in, world, form):
    answer = sign_in("administrator").post(NEW, {**form, "organization": world.theirs.pk})
    assert answer.status_code == 422
    assert not Schedule.objects.exists()


def test_an_administrator_deletes_one(sign_in, schedule):
    address = reverse("schedule-delete", args=[schedule.uid])
    answer = sign_in("administrator").post(address, follow=True)
    assert "The schedule is deleted." in text_of(answer)
    assert not Schedule.objects.exists()
