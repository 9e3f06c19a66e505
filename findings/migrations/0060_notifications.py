import accounts.models.base
import accounts.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def begin_at_the_end(apps, schema_editor):
    """Organizations that are there already are told of what happens from now on."""
    of = {
        "finding_event": ("EventSequence", "last"),
        "ticket_event": ("TicketSequence", "last"),
        "suppression_event": ("SuppressionCursor", "last"),
        "incident_event": ("IncidentSequence", "last"),
    }
    account_events = apps.get_model("accounts", "AccountEvent").objects
    feeds = apps.get_model("findings", "NotificationFeed").objects
    now = timezone.now()
    for organization in apps.get_model("accounts", "Organization").objects.all():
        last = account_events.filter(account__organization=organization).order_by("-pk").first()
        numbers = {
            field: apps.get_model("findings", model)
            .objects.filter(organization=organization)
            .values_list(number, flat=True)
            .first()
            or 0
            for field, (model, number) in of.items()
        }
        feeds.create(
            organization=organization,
            began_at=now,
            account_event=last.pk if last else 0,
            **numbers,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_squashed'),
        ('auth', '__first__'),
        ('findings', '0053_delivery_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='NotificationFeed',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.organization')),
                ('finding_event', models.PositiveBigIntegerField(default=0)),
                ('account_event', models.PositiveBigIntegerField(default=0)),
                ('ticket_event', models.PositiveBigIntegerField(default=0)),
                ('suppression_event', models.PositiveBigIntegerField(default=0)),
                ('incident_event', models.PositiveBigIntegerField(default=0)),
                ('began_at', models.DateTimeField()),
                ('turn', models.PositiveBigIntegerField(default=0, help_text='Grows with each look that made notices, so that no two are made.')),
            ],
        ),
        migrations.AlterField(
            model_name='webhookmessage',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('dead', 'Given up; may be replayed'), ('withheld', 'Not sent: what it is about is no longer seen, or not wanted')], default='waiting', max_length=10),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('event', models.CharField(choices=[('finding.opened', 'finding.opened'), ('finding.resolved', 'finding.resolved'), ('finding.reopened', 'finding.reopened'), ('finding.claim_rejected', 'finding.claim_rejected'), ('scan.incomplete', 'scan.incomplete'), ('scan.missed', 'scan.missed'), ('ticket.stuck', 'ticket.stuck'), ('route.held', 'route.held'), ('delivery.failing', 'delivery.failing'), ('suppression.asked', 'suppression.asked'), ('suppression.decided', 'suppression.decided'), ('suppression.ending', 'suppression.ending'), ('suppression.ended', 'suppression.ended'), ('attestation.ending', 'attestation.ending'), ('incident.recorded', 'incident.recorded'), ('incident.published', 'incident.published'), ('action.assigned', 'action.assigned'), ('action.overdue', 'action.overdue'), ('action.rejected', 'action.rejected'), ('account.role_lost', 'account.role_lost')], max_length=32)),
                ('about', models.CharField(choices=[('finding', 'Finding'), ('account', 'Account'), ('scan', 'Scan'), ('alert', 'Alert'), ('ticket', 'Ticket'), ('suppression', 'Suppression'), ('attestation', 'Attestation'), ('incident', 'Incident'), ('action_item', 'Action Item')], max_length=16)),
                ('about_id', models.PositiveBigIntegerField()),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, help_text='How, in a word of ours.', max_length=64)),
                ('is_calm', models.BooleanField(default=False, help_text='Caused by a change of checks or settings: told in digests alone.')),
                ('made_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='accounts.organization')),
                ('scan', models.ForeignKey(blank=True, help_text='What a scan sees is told when it has ended.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='findings.scan')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['made_at'], name='notice_made_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('over_at', None)), fields=('organization', 'key'), name='notice_once')],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('matrix', models.JSONField(blank=True, default=dict, help_text='Event, channel, how often.')),
                ('covers', models.CharField(choices=[('owned', 'Accounts of my teams'), ('seen', 'All accounts that I may see')], default='owned', help_text='Whose findings, incidents and suppressions concern you.', max_length=8, verbose_name='my accounts are')),
                ('email', models.EmailField(blank=True, help_text='A mailbox that the team reads.', max_length=254, verbose_name='e-mail')),
                ('slack', models.BinaryField(blank=True, default=bytes)),
                ('time_zone', models.CharField(blank=True, help_text='Such as Europe/Paris. Empty: that of the organization.', max_length=64, validators=[accounts.validators.validate_time_zone])),
                ('team', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='subscriber', to='accounts.team')),
                ('user', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='subscriber', to=settings.AUTH_USER_MODEL)),
                ('webhook', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='subscribers', to='findings.webhookendpoint')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('user', None), ('team', None), _connector='XOR'), name='subscriber_is_a_person_or_a_team'), models.CheckConstraint(condition=models.Q(('email', ''), ('user', None), _connector='OR'), name='subscriber_person_has_no_second_address')],
            },
        ),
        migrations.CreateModel(
            name='NotificationMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('dead', 'Given up; may be replayed'), ('withheld', 'Not sent: what it is about is no longer seen, or not wanted')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Since it was made or replayed.')),
                ('not_before', models.DateTimeField()),
                ('lease_token', models.UUIDField(blank=True, editable=False, null=True)),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('slack', 'Slack'), ('webhook', 'Webhook')], max_length=8)),
                ('is_test', models.BooleanField(default=False, verbose_name='test')),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('subject', models.CharField(blank=True, help_text='As it was sent.', max_length=200)),
                ('told', models.PositiveIntegerField(default=0, help_text='How many things it told.')),
                ('last_error', models.TextField(blank=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notification_messages', to='accounts.organization')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='findings.subscriber')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['not_before'], name='notification_message_due'), models.Index(fields=['subscriber', 'channel', '-created_at'], name='notification_message_latest'), models.Index(fields=['created_at'], name='notification_message_created')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'delivered'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='notification_message_delivered_at_an_instant')],
            },
        ),
        migrations.AddField(
            model_name='webhookmessage',
            name='notification',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhook_message', to='findings.notificationmessage'),
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('slack', 'Slack'), ('webhook', 'Webhook')], max_length=8)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('told', 'Told'), ('withheld', 'Not told: no longer seen, wanted or so')], default='waiting', max_length=10)),
                ('not_before', models.DateTimeField()),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='findings.notice')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='findings.notificationmessage')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='findings.subscriber')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('message', None), ('status', 'waiting')), fields=['not_before'], name='notification_due')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'subscriber', 'channel'), name='notification_once')],
            },
        ),
        migrations.RunPython(begin_at_the_end, migrations.RunPython.noop),
    ]
