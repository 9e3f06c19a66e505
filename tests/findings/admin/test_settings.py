"""Settings are changed in the admin through services, with what is wrong beside its field."""

import json

import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import (
    AwsJobSettings,
    ParameterOverride,
    Schedule,
)
from tests.findings.admin.populated import page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def schedule_form(lab, **changes):
    return {
        "organization": lab.organization.pk,
        "name": "nightly",
        "cron": "0 3 * * *",
        "time_zone": "UTC",
        "jitter_minutes": 0,
        "selection": "{}",
        **changes,
    }


def test_an_administrator_sets_a_schedule(client, sign_in, lab):
    actor = sign_in(Role.ADMINISTRATOR)
    form = schedule_form(lab, is_active="on")
    assert client.post(page(Schedule, "add"), form).status_code == 302
    assert Schedule.objects.get(name="nightly").next_run_at is not None
    assert AuditEntry.objects.get(action="schedule.create").actor == actor


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cron": "61 * * * *"}, "Give five fields"),
        ({"time_zone": "Mars"}, "is not a time zone"),
        ({"selection": '{"rows": ["X9"]}'}, "is not a row of the catalogue"),
        ({"selection": "[1]"}, "A selection is an object"),
    ],
)
def test_a_wrong_schedule_is_told_beside_its_field(client, sign_in, lab, changes, said):
    sign_in(Role.ADMINISTRATOR)
    answer = client.post(page(Schedule, "add"), schedule_form(lab, **changes))
    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)


def override_form(lab, **changes):
    return {
        "organization": lab.organization.pk,
        "check_id": "cloudwatch_log_group_retention_set",
        "parameter": "max_days",
        "value": json.dumps(90),
        "reason": "our rule",
        **changes,
    }


def test_an_administrator_overrides_a_parameter(client, sign_in, lab):
    actor = sign_in(Role.ADMINISTRATOR)
    assert client.post(page(ParameterOverride, "add"), override_form(lab)).status_code == 302
    made = ParameterOverride.objects.get(parameter="max_days")
    assert (made.value, made.set_by) == (90, actor)
    changed = {"value": "120", "reason": "another rule"}
    client.post(page(ParameterOverride, "change", made.pk), changed)
    made.refresh_from_db()
    assert made.value == 120
    assert AuditEntry.objects.filter(action="override.set").count() == 2


def test_an_administrator_says_for_all_checks_what_is_production(client, sign_in, lab):
    sign_in(Role.ADMINISTRATOR)
    rule = {"tag": "Stage", "tag_values": ["live"], "ou_paths": ["Workloads/Prod*"]}
    of_all = {"check_id": "", "parameter": "production_selector", "value": json.dumps(rule)}
    answer = client.post(page(ParameterOverride, "add"), override_form(lab, **of_all))
    assert answer.status_code == 302
    made = ParameterOverride.objects.get(parameter="production_selector")
    assert (made.check_id, made.value) == ("", rule)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"check_id": ""}, "Name a check: only production_selector means the same"),
        ({"check_id": "no_such_check"}, "There is no check"),
        ({"parameter": "weeks"}, "has no parameter"),
        ({"value": '"ten"'}, "takes a number of days"),
    ],
)
def test_a_wrong_override_is_told(client, sign_in, lab, changes, said):
    sign_in(Role.ADMINISTRATOR)
    answer = client.post(page(ParameterOverride, "add"), override_form(lab, **changes))
    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)


def test_an_administrator_switches_jobs_on_and_off(client, sign_in, lab):
    AwsJobSettings.objects.all().delete()
    actor = sign_in(Role.ADMINISTRATOR)
    form = {
        "organization": lab.organization.pk,
        "detects_drift": "on",
        "drift_interval_days": 3,
        "scan_interval_days": 25,
    }
    assert client.post(page(AwsJobSettings, "add"), form).status_code == 302
    made = AwsJobSettings.objects.get()
    assert (made.detects_drift, made.drift_interval_days, made.scans_resources) == (True, 3, False)
    assert AuditEntry.objects.get(action="job_settings.create").actor == actor
    del form["detects_drift"]
    client.post(page(AwsJobSettings, "change", made.pk), form)
    entry = AuditEntry.objects.get(action="job_settings.change")
    assert (entry.before["detects_drift"], entry.after["detects_drift"]) == (True, False)
    assert client.post(page(AwsJobSettings, "delete", made.pk), {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.get(action="job_settings.delete").actor == actor
    assert not AwsJobSettings.objects.exists()


def test_an_interval_below_a_day_is_told(client, sign_in, lab):
    sign_in(Role.ADMINISTRATOR)
    made = AwsJobSettings.objects.get()
    form = {"drift_interval_days": 0, "scan_interval_days": 1}
    answer = client.post(page(AwsJobSettings, "change", made.pk), form)
    assert "greater than or equal to 1" in str(answer.context["adminform"].form.errors)
