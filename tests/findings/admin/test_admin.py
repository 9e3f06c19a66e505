"""The admin of findings: history is read only, settings go through services, all within grants."""

import json

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import (
    Alert,
    AwsJobSettings,
    Connection,
    DeliveryRecord,
    Episode,
    Export,
    FactHistory,
    Finding,
    InboundDelivery,
    Incident,
    LearningLabel,
    NotificationFeed,
    ParameterOverride,
    ProductionChange,
    RetentionMark,
    Schedule,
    Subscriber,
    SuppressionEvent,
    SyncEvent,
    Ticket,
    TicketComment,
    TicketFinding,
    WebhookEndpoint,
    WebhookFeed,
)
from findings.services.analyses import analysis_begin
from findings.services.foresight import foresight_propose
from findings.services.incidents import incident_record
from findings.services.subscribers import subscriber_of_person, subscriber_of_team
from findings.services.suppression_events import cursor_lock, suppression_events_append
from findings.services.tickets import ticket_add
from tests.factories.accounts import AccountFactory, TeamFactory, UserFactory, person_with
from tests.factories.findings import (
    AttestationFactory,
    AwsJobFactory,
    AwsJobSettingsFactory,
    DeclaredToolFactory,
    ExportFactory,
    ParameterOverrideFactory,
    ScheduleFactory,
    ScoreSnapshotFactory,
    SuppressedFindingFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    FactorFactory,
    LearningFactory,
    TimelineEntryFactory,
)
from tests.factories.tickets import open_finding, ticket_of_everything
from tests.findings.services.lab import NOW, Lab, box, finding, only
from tests.flow.harness import for_a_module
from tests.modules import differing, undone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MODELS = list(apps.get_app_config("findings").get_models())
SETTINGS = {"schedule", "parameteroverride", "awsjobsettings", "slarule"}
SHARED = {
    "evidenceblob",
    "manifest",
    "checkset",
    "retentionmark",
    "eventsequence",
    "ticketsequence",
    "ticketfeed",
    "suppressioncursor",
    "webhookfeed",
    "notificationfeed",
}
OF_ADMINISTRATORS = {
    "connectiontrial",
    "inbounddelivery",
    "webhookendpoint",
    "webhookmessage",
    "webhookdelivery",
    "subscriber",
    "notice",
    "notification",
    "notificationmessage",
}


@pytest.fixture(scope="module")
def lab_of_all(django_db_setup, django_db_blocker):
    """A scanned organization with a row of every model, made once."""
    with for_a_module(django_db_blocker):
        yield make_lab()


@pytest.fixture
def lab(lab_of_all):
    lab_of_all.account.refresh_from_db()
    return lab_of_all


def make_lab():
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box(is_sealed=False))
    ScheduleFactory(organization=lab.organization)
    RetentionMark.objects.create(kind="scan", before=NOW)
    ParameterOverrideFactory(organization=lab.organization)
    DeclaredToolFactory(organization=lab.organization)
    AwsJobSettingsFactory(organization=lab.organization)
    AwsJobFactory(account=lab.account)
    AttestationFactory(organization=lab.organization)
    ScoreSnapshotFactory(organization=lab.organization)
    deliveries_of(lab.account)
    covered = SuppressedFindingFactory(finding=Finding.objects.get(), episode=Episode.objects.get())
    cursor = cursor_lock(lab.organization.pk)
    event = SuppressionEvent(suppression=covered.suppression, kind="approved", at=NOW)
    suppression_events_append(cursor, [event])
    ExportFactory(organization=lab.organization)
    incident_of_everything(lab)
    Alert.objects.create(
        organization=lab.organization,
        kind="schedule_missed",
        subject="x",
        message="m",
        raised_at=NOW,
    )
    ticket_of_everything(finding())
    webhook_of_everything(lab)
    notification_of_everything(lab)
    return lab


def deliveries_of(account):
    """A record, a change and a history."""
    DeliveryRecord.objects.create(account=account, key="k", evidence_at=NOW)
    ProductionChange.objects.create(
        account=account, source="s", change_id="c", began_at=NOW, ended_at=NOW, succeeded=True
    )
    FactHistory.objects.create(account=account, region="eu-west-1", kind="k", body=b"", until=NOW)


def notification_of_everything(lab):
    """A team that is to hear of something."""
    ours, at = lab.organization, {"created_at": NOW, "changed_at": NOW}
    NotificationFeed.objects.create(organization=ours, began_at=NOW)
    subscriber = subscriber_of_team(TeamFactory(organization=ours))
    Subscriber.objects.filter(pk=subscriber.pk).update(slack=b"sealed-text")
    notice = ours.notices.create(
        key="finding:1", event="finding.opened", about="finding", about_id=1, at=NOW, made_at=NOW
    )
    message = subscriber.messages.create(organization=ours, channel="slack", not_before=NOW, **at)
    subscriber.notifications.create(notice=notice, channel="slack", not_before=NOW, message=message)


def webhook_of_everything(lab):
    """An endpoint that was told of something."""
    ours = lab.organization
    endpoint = WebhookEndpoint.objects.create(
        organization=ours, owner=UserFactory(), name="ours", secret=b"sealed", created_at=NOW
    )
    message = endpoint.messages.create(event="ping", type="ping", created_at=NOW, not_before=NOW)
    message.deliveries.create(attempt=1, at=NOW, milliseconds=1)
    WebhookFeed.objects.create(organization=ours)


def incident_of_everything(lab):
    """An incident with a row of each noun that belongs to one."""
    incident = Incident(
        organization=lab.organization,
        title="Lost",
        severity="high",
        started_at=NOW,
        checks=["cloudtrail_multi_region_logging"],
    )
    person = UserFactory(is_superuser=True)
    incident_record(
        actor=None,
        incident=incident,
        accounts=[lab.account],
        roles=[("commander", person)],
        now=NOW,
    )
    TimelineEntryFactory(incident=incident)
    FactorFactory(incident=incident)
    learning = LearningFactory(incident=incident)
    LearningLabel.objects.create(learning=learning, kind="tag", name="trails")
    ActionItemFactory(incident=incident, accounts=[lab.account])
    analysis_begin(actor=None, incident=incident, template="light", now=NOW)
    foresight_propose(actor=None, incident=incident, registry={}, now=NOW)


@pytest.fixture
def sign_in(client, lab):
    def as_role(role, **scope):
        person = person_with(role, **(scope or {"organization": lab.organization}))
        person.is_staff = True
        person.save()
        client.force_login(person)
        return person

    return as_role


def name_of(model):
    return model._meta.model_name


def page(model, kind="changelist", *arguments):
    return reverse(f"admin:findings_{name_of(model)}_{kind}", args=arguments)


def shown(client, address):
    """How many rows a list shows; of one that fails, or is refused, its status."""
    answer = client.get(address)
    return answer.context["cl"].result_count if answer.status_code == 200 else answer


def lists_and_pages(client):
    """Model -> how many rows its list shows, and the status of the page of one."""
    client.raise_request_exception = False
    found = {}
    for model in MODELS:
        row = model._default_manager.first()
        answer = client.get(page(model, "change", row.pk))
        found[name_of(model)] = (shown(client, page(model)), answer.status_code)
    return found


def test_every_model_has_a_list_and_a_page_for_a_superuser(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    found = lists_and_pages(client)
    counts = {name_of(model): model._default_manager.count() for model in MODELS}
    told = {name: (count, 200) for name, count in counts.items()}
    assert differing(found, told) == {}
    assert 0 not in counts.values()


def test_nobody_changes_what_is_history(client, lab):
    """The answers to a form of a new row and to taking one away, and what else may be done."""
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    found = {name_of(model): changes_of(client, model) for model in MODELS}
    told = {name: (200, 302, None) if name in SETTINGS else (403, 403, None) for name in found}
    assert differing(found, told) == {}


def changes_of(client, model):
    row = model._default_manager.first()
    with undone():
        added = client.get(page(model, "add")).status_code
        deleted = client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code
        return added, deleted, admin.site._registry[model].actions


def test_a_member_of_staff_of_another_organization_sees_nothing(client, sign_in, lab):
    sign_in(Role.ADMINISTRATOR, organization=AccountFactory().organization)
    found = lists_and_pages(client)
    assert differing(found, dict.fromkeys(found, (0, 302))) == {}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_who_sees_the_rows_of_the_own_organization(client, sign_in, lab, role):
    """Each model by the least role that does."""
    person = sign_in(role)
    client.raise_request_exception = False
    assert shown(client, page(Export)) == 0
    ExportFactory(organization=lab.organization, asked_by=person)
    of_role = {
        model: shown(client, page(model))
        for model in MODELS
        if name_of(model) not in SHARED
        and (name_of(model) in OF_ADMINISTRATORS) == (role is Role.ADMINISTRATOR)
    }
    empty = {name_of(model): found for model, found in of_role.items() if found not in range(1, 99)}
    assert empty == {}


def test_what_trackers_send_is_for_administrators(client, sign_in):
    sign_in(Role.VIEWER)
    assert client.get(page(InboundDelivery)).context["cl"].result_count == 0


def test_credentials_are_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    connection = Connection.objects.exclude(kind="builtin").get()
    Connection.objects.update(credentials=b"sealed-text")
    page_shown = client.get(page(Connection, "change", connection.pk)).content
    assert b"sealed-text" not in page_shown
    assert b"redentials" not in page_shown


def test_the_address_of_slack_is_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    subscriber = Subscriber.objects.exclude(slack=b"").get()
    assert b"sealed-text" not in client.get(page(Subscriber, "change", subscriber.pk)).content


def test_what_others_hear_of_is_theirs_and_the_operators(client, sign_in, lab):
    other = subscriber_of_person(UserFactory())
    sign_in(Role.ADMINISTRATOR)
    assert client.get(page(Subscriber, "change", other.pk)).status_code == 302
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(page(Subscriber, "change", other.pk)).status_code == 200


def test_who_sees_a_part_of_a_ticket_does_not_see_its_words(client, sign_in, lab):
    elsewhere = AccountFactory(organization=lab.organization)
    ticket = Ticket.objects.get()
    ticket_add(actor=None, ticket=ticket, findings=[open_finding(account=elsewhere)], now=NOW)
    team = TeamFactory(organization=lab.organization)
    lab.account.owner_team = team
    lab.account.save()
    sign_in(Role.ADMINISTRATOR, organization=lab.organization, accounts_of=team)
    for model, seen in ((Ticket, 0), (TicketComment, 0), (SyncEvent, 0), (TicketFinding, 1)):
        assert client.get(page(model)).context["cl"].result_count == seen


def test_evidence_itself_is_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    for name in ("evidenceblob", "manifest", "observation", "calllog"):
        model = apps.get_model("findings", name)
        form = client.get(page(model, "change", model._default_manager.first().pk))
        assert "body" not in str(form.context["adminform"].fieldsets)


def test_an_administrator_sets_a_schedule(client, sign_in, lab):
    actor = sign_in(Role.ADMINISTRATOR)
    form = {
        "organization": lab.organization.pk,
        "name": "nightly",
        "cron": "0 3 * * *",
        "time_zone": "UTC",
        "jitter_minutes": 0,
        "selection": "{}",
        "is_active": "on",
    }
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
    form = {
        "organization": lab.organization.pk,
        "name": "nightly",
        "cron": "0 3 * * *",
        "time_zone": "UTC",
        "jitter_minutes": 0,
        "selection": "{}",
        **changes,
    }
    answer = client.post(page(Schedule, "add"), form)
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
