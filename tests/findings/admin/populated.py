"""A scanned organization with a row of every model of findings, and the pages of the admin."""

from django.urls import reverse

from findings.models import (
    Alert,
    DeliveryRecord,
    Episode,
    FactHistory,
    Finding,
    Incident,
    LearningLabel,
    NotificationFeed,
    ProductionChange,
    RetentionMark,
    Subscriber,
    SuppressionEvent,
    WebhookEndpoint,
    WebhookFeed,
)
from findings.services.analyses import analysis_begin
from findings.services.foresight import foresight_propose
from findings.services.incidents import incident_record
from findings.services.subscribers import subscriber_of_team
from findings.services.suppression_events import cursor_lock, suppression_events_append
from tests.factories.accounts import TeamFactory, UserFactory
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
from tests.factories.tickets import ticket_of_everything
from tests.findings.services.lab import NOW, Lab, box, finding, only


def lab_of_everything():
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


def name_of(model):
    return model._meta.model_name


def page(model, kind="changelist", *arguments):
    return reverse(f"admin:findings_{name_of(model)}_{kind}", args=arguments)
