import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Alert, Scan, Schedule
from findings.planning import SelectionError
from findings.scheduling import ScheduleError
from findings.services.schedules import (
    schedule_delete,
    schedule_run,
    schedule_save,
    schedules_run,
)
from tests.factories.accounts import person_with
from tests.findings.services.lab import REGION, Lab, only

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def save(lab, actor=None, **fields):
    given = {"organization": lab.organization, "name": "nightly", "cron": "0 3 * * *"}
    return schedule_save(actor=actor, schedule=Schedule(**(given | fields)), now=lab.now)


def run(lab):
    return schedules_run(now=lab.now, registry=lab.registry)


def test_a_saved_schedule_knows_its_next_run_in_its_time_zone(lab):
    assert save(lab).next_run_at == dt.datetime(2026, 3, 3, 3, tzinfo=dt.UTC)
    tokyo = save(lab, name="tokyo", time_zone="Asia/Tokyo")
    assert tokyo.next_run_at == dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"cron": "61 * * * *"}, ScheduleError),
        ({"cron": "every day"}, ScheduleError),
        ({"time_zone": "Mars/Olympus"}, ScheduleError),
        ({"selection": {"accounts": ["12"]}}, SelectionError),
        ({"name": ""}, ValidationError),
    ],
)
def test_a_wrong_schedule_is_refused(lab, wrong, error):
    with pytest.raises(error):
        save(lab, **wrong)
    assert not Schedule.objects.exists()


def test_only_administrators_change_schedules_and_it_is_audited(lab):
    with pytest.raises(Denied):
        save(lab, person_with(Role.APPROVER, organization=lab.organization))
    schedule = save(lab, person_with(Role.ADMINISTRATOR, organization=lab.organization))
    schedule.cron = "0 4 * * *"
    schedule_save(actor=None, schedule=schedule, now=lab.now)
    schedule_delete(actor=None, schedule=schedule, now=lab.now)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["schedule.create", "schedule.change", "schedule.delete"]


def test_what_is_due_is_started_once(lab):
    schedule = save(lab)
    assert run(lab) == []
    lab.wait(hours=18)
    (scan,) = run(lab)
    assert run(lab) == []
    schedule.refresh_from_db()
    assert (scan.trigger, schedule.last_scan) == (Scan.Trigger.SCHEDULE, scan)
    assert schedule.next_run_at == dt.datetime(2026, 3, 4, 3, tzinfo=dt.UTC)


def test_a_tick_that_read_the_schedule_before_another_claimed_it_starts_nothing(lab):
    save(lab)
    lab.wait(hours=18)
    read_before = Schedule.objects.select_related("organization", "last_scan").get()
    assert len(run(lab)) == 1
    assert schedule_run(read_before, lab.now, lab.registry) is None


def test_a_stopped_schedule_does_not_run(lab):
    schedule = save(lab, is_active=False)
    assert schedule.next_run_at is None
    assert run(lab.wait(days=7)) == []


def test_after_a_pause_it_catches_up_once(lab):
    save(lab)
    assert len(run(lab.wait(days=5))) == 1
    assert run(lab) == []


def test_one_that_does_not_catch_up_waits_for_its_next_time(lab):
    schedule = save(lab, catches_up=False)
    assert run(lab.wait(days=5)) == []
    schedule.refresh_from_db()
    assert schedule.next_run_at == dt.datetime(2026, 3, 8, 3, tzinfo=dt.UTC)


def test_a_full_scan_under_way_stands_for_the_scheduled_one(lab):
    schedule = save(lab)
    lab.wait(hours=18)
    live = lab.request()
    assert run(lab) == [live]
    schedule.refresh_from_db()
    assert schedule.last_scan == live
    assert Scan.objects.count() == 1


def test_a_run_that_did_not_finish_before_the_next_raises_an_alert_until_one_does(lab):
    save(lab)
    (stuck,) = run(lab.wait(hours=18))
    run(lab.wait(days=1))
    alert = Alert.objects.active().get()
    assert "nightly, due 2026-03-03 03:00 UTC, did not end" in alert.message
    assert "its scan is queued" in alert.message
    run(lab.wait(days=1))
    assert Alert.objects.count() == 1
    Scan.objects.update(state=Scan.State.PARTIAL, finished_at=lab.now)
    run(lab.wait(days=1))
    assert not Alert.objects.active().exists()
    assert stuck.pk


def test_a_schedule_that_cannot_start_says_why(lab):
    save(lab, selection={"accounts": [lab.account.account_id], "regions": [REGION]})
    lab.account.delete()
    assert run(lab.wait(hours=18)) == []
    assert "could not start a scan" in Alert.objects.active().get().message
