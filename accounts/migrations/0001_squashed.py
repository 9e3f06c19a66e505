"""All that came before 0004, in one step: a new database is made in a third of the time."""

import accounts.environments
import accounts.models.base
import accounts.states
import accounts.validators
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import uuid
from django.conf import settings
from accounts.migration_operations import CreateModels
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_api_token'),
        ('accounts', '0003_token_scopes'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=128)),
                ('partition', models.CharField(choices=[('aws', 'AWS'), ('aws-cn', 'AWS China'), ('aws-us-gov', 'AWS GovCloud (US)'), ('aws-eusc', 'AWS European Sovereign Cloud')], db_default='aws', default='aws', max_length=16)),
                ('aws_organization_id', models.CharField(blank=True, help_text='Filled in by the first sync.', max_length=34, verbose_name='AWS organization id')),
                ('management_account_id', models.CharField(blank=True, help_text='Empty: the accounts are imported, there is no AWS Organization to read.', max_length=12, validators=[django.core.validators.RegexValidator('^[0-9]{12}\\Z', 'An AWS account id has exactly 12 digits, for example 123456789012.')])),
                ('role_name', models.CharField(default='CairnScanner', max_length=576, validators=[django.core.validators.RegexValidator('^([\\w+=,.@-]+/)*[\\w+=,.@-]{1,64}\\Z', 'Give the name of the role, not its ARN: letters, digits and +=,.@_- only.')])),
                ('external_id', models.CharField(blank=True, max_length=1224, validators=[django.core.validators.RegexValidator('^[\\w+=,.@:/-]{2,1224}\\Z', 'An external ID has 2 to 1224 letters, digits or +=,.@:/_- characters.')], verbose_name='external ID')),
                ('session_name', models.CharField(default='cairn', max_length=64, validators=[django.core.validators.RegexValidator('^[\\w+=,.@-]{2,64}\\Z', 'A session name has 2 to 64 letters, digits or +=,.@_- characters.')])),
                ('session_tags', models.JSONField(blank=True, default=dict, validators=[accounts.validators.validate_session_tags])),
                ('home_region', models.CharField(default='us-east-1', max_length=32, validators=[accounts.validators.validate_region])),
                ('regions', models.JSONField(blank=True, default=list, help_text='Empty: every region enabled in an account.', validators=[accounts.validators.validate_regions])),
                ('time_zone', models.CharField(db_default='UTC', default='UTC', max_length=64, validators=[accounts.validators.validate_time_zone])),
                ('environment_rules', models.JSONField(blank=True, default=accounts.environments.default_environment_rules, help_text='In order, the first that matches decides: tag (with values) or ou.', validators=[accounts.validators.validate_environment_rules])),
                ('last_synced_at', models.DateTimeField(blank=True, null=True)),
                ('last_sync_error', models.TextField(blank=True)),
                ('last_sync_failed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('name',), name='organization_name_unique'), models.UniqueConstraint(condition=models.Q(('management_account_id', ''), _negated=True), fields=('partition', 'management_account_id'), name='organization_management_account_unique', violation_error_message='Another organization has this management account.'), models.CheckConstraint(condition=models.Q(('management_account_id', ''), ('management_account_id__regex', '^[0-9]{12}\\Z'), _connector='OR'), name='organization_management_account_id_is_12_digits', violation_error_message='An AWS account id has exactly 12 digits, for example 123456789012.'), models.CheckConstraint(condition=models.Q(('partition__in', ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'])), name='organization_partition_known')],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('account_id', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[0-9]{12}\\Z', 'An AWS account id has exactly 12 digits, for example 123456789012.')], verbose_name='account id')),
                ('name', models.CharField(max_length=128)),
                ('email', models.CharField(blank=True, help_text='Personal: shown by permission.', max_length=254)),
                ('state', models.CharField(choices=[('PENDING_ACTIVATION', 'Pending activation'), ('ACTIVE', 'Active'), ('SUSPENDED', 'Suspended'), ('PENDING_CLOSURE', 'Pending closure'), ('CLOSED', 'Closed'), ('LEFT', 'Left')], default=accounts.states.AccountState['ACTIVE'], max_length=20)),
                ('source', models.CharField(choices=[('organizations', 'AWS Organizations'), ('import', 'Import')], default='organizations', max_length=16)),
                ('tags', models.JSONField(blank=True, help_text='Null: not collected, which is not the same as no tags.', null=True, validators=[accounts.validators.validate_tags])),
                ('environment', models.CharField(blank=True, max_length=64)),
                ('excluded', models.BooleanField(default=False, help_text='Excluded accounts are not scanned.')),
                ('excluded_reason', models.TextField(blank=True)),
                ('role_health', models.CharField(choices=[('untested', 'Untested'), ('healthy', 'Healthy'), ('role_missing', 'Role missing'), ('external_id_wrong', 'External id wrong'), ('denied', 'Denied'), ('suspended', 'Suspended'), ('unreachable', 'Unreachable'), ('no_credentials', 'No credentials')], default=accounts.states.RoleHealth['UNTESTED'], max_length=20)),
                ('role_health_message', models.TextField(blank=True)),
                ('role_tested_at', models.DateTimeField(blank=True, null=True)),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='accounts.organization')),
                ('ou', models.ForeignKey(blank=True, help_text='Empty: at the root.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='accounts.organizationalunit', verbose_name='OU')),
                ('owner_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_accounts', to='accounts.team')),
            ],
            options={
                'ordering': ['organization_id', 'account_id'],
                'indexes': [models.Index(fields=['organization', 'state'], name='account_organization_state')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'account_id'), name='account_unique_in_organization'), models.CheckConstraint(condition=models.Q(('account_id__regex', '^[0-9]{12}\\Z')), name='account_id_is_12_digits', violation_error_message='An AWS account id has exactly 12 digits, for example 123456789012.'), models.CheckConstraint(condition=models.Q(('state__in', ['PENDING_ACTIVATION', 'ACTIVE', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED', 'LEFT'])), name='account_state_known'), models.CheckConstraint(condition=models.Q(('role_health__in', ['untested', 'healthy', 'role_missing', 'external_id_wrong', 'denied', 'suspended', 'unreachable', 'no_credentials'])), name='account_role_health_known'), models.CheckConstraint(condition=models.Q(models.Q(('left_at__isnull', False), ('state', 'LEFT')), models.Q(models.Q(('state', 'LEFT'), _negated=True), ('left_at', None)), _connector='OR'), name='account_left_at_exactly_when_left'), models.CheckConstraint(condition=models.Q(models.Q(('excluded', False), ('excluded_reason', '')), models.Q(('excluded', True), models.Q(('excluded_reason', ''), _negated=True)), _connector='OR'), name='account_excluded_exactly_with_a_reason', violation_error_message='Give a reason exactly when the account is excluded.')],
            },
        ),
        migrations.CreateModel(
            name='OrganizationalUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('aws_id', models.CharField(blank=True, help_text='Empty for an imported OU.', max_length=68, verbose_name='AWS id')),
                ('name', models.CharField(max_length=128)),
                ('path', models.CharField(max_length=1000)),
                ('lineage', models.CharField(db_index=True, editable=False, max_length=255)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='accounts.organization')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.organizationalunit')),
            ],
            options={
                'verbose_name': 'organizational unit',
                'ordering': ['organization_id', 'path'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('aws_id', ''), _negated=True), fields=('organization', 'aws_id'), name='unit_aws_id_unique_in_organization'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='unit_has_a_name'), models.CheckConstraint(condition=models.Q(('lineage', ''), _negated=True), name='unit_has_a_lineage')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.account')),
                ('ou', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.organizationalunit')),
            ],
            options={
                'ordering': ['account_id', 'started_at', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('account',), name='membership_one_open_for_an_account'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='membership_does_not_end_before_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('name', models.CharField(help_text='What uses it.', max_length=64)),
                ('prefix', models.CharField(help_text='Its first letters, to tell it by.', max_length=16)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('scopes', models.JSONField(help_text='Values of TokenScope.')),
                ('is_limited', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('accounts', models.ManyToManyField(blank=True, related_name='+', to='accounts.account')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                ('ous', models.ManyToManyField(blank=True, related_name='+', to='accounts.organizationalunit')),
            ],
            options={
                'verbose_name': 'API token',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='api_token_has_a_name'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='api_token_ends_after_it_begins', violation_error_message='Choose an end that lies ahead.')],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=128)),
                ('members', models.ManyToManyField(blank=True, related_name='teams', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='accounts.organization')),
            ],
            options={
                'ordering': ['organization', 'name'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='team_name_unique_in_organization', violation_error_message='The organization has a team of this name already.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='team_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='OwnershipRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('position', models.PositiveIntegerField()),
                ('tag_key', models.CharField(blank=True, max_length=128)),
                ('tag_value', models.CharField(blank=True, help_text='Empty: any value.', max_length=256)),
                ('service', models.CharField(blank=True, max_length=64)),
                ('check_id', models.CharField(blank=True, max_length=128, verbose_name='check')),
                ('region', models.CharField(blank=True, max_length=32)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ownership_rules', to='accounts.account')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ownership_rules', to='accounts.organization')),
                ('ou', models.ForeignKey(blank=True, help_text='With everything below it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ownership_rules', to='accounts.organizationalunit', verbose_name='OU')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ownership_rules', to='accounts.team')),
            ],
            options={
                'ordering': ['organization', 'position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('tag_value', ''), models.Q(('tag_key', ''), _negated=True), _connector='OR'), name='ownership_rule_tag_value_needs_key', violation_error_message='Give the key of the tag, too.')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('contributor', 'Contributor'), ('approver', 'Approver'), ('administrator', 'Administrator')], max_length=16)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='accounts.organization')),
                ('ou', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='accounts.organizationalunit', verbose_name='OU')),
                ('accounts_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='grants_on_its_accounts', to='accounts.team', verbose_name='accounts of the team')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='accounts.team')),
            ],
            options={
                'ordering': ['organization_id', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('user', None), ('team', None), _connector='XOR'), name='grant_has_exactly_one_grantee', violation_error_message='Give the role either to a person or to a team.'), models.CheckConstraint(condition=models.Q(('ou', None), ('accounts_of', None), _connector='OR'), name='grant_has_at_most_one_narrower_scope', violation_error_message="Choose an OU or a team's accounts, not both."), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'contributor', 'approver', 'administrator'])), name='grant_role_known'), models.UniqueConstraint(models.F('organization'), django.db.models.functions.comparison.Coalesce(models.F('user'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('team'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('ou'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('accounts_of'), models.Value(0)), name='grant_unique_for_grantee_and_scope', violation_error_message='This person or team has a grant on this scope already.')],
            },
        ),
        migrations.CreateModel(
            name='AccountEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('joined', 'Joined'), ('rejoined', 'Rejoined'), ('left', 'Left'), ('pending', 'Pending'), ('activated', 'Activated'), ('suspended', 'Suspended'), ('reactivated', 'Reactivated'), ('closing', 'Closing'), ('closed', 'Closed'), ('moved', 'Moved'), ('renamed', 'Renamed'), ('email_changed', 'Email changed'), ('tags_changed', 'Tags changed'), ('environment_changed', 'Environment changed'), ('owner_changed', 'Owner changed'), ('excluded', 'Excluded'), ('included', 'Included'), ('role_health_changed', 'Role health changed')], max_length=24)),
                ('at', models.DateTimeField()),
                ('before', models.JSONField(blank=True, null=True)),
                ('after', models.JSONField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='accounts.account')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['account', 'id'], name='account_event_by_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['joined', 'rejoined', 'left', 'pending', 'activated', 'suspended', 'reactivated', 'closing', 'closed', 'moved', 'renamed', 'email_changed', 'tags_changed', 'environment_changed', 'owner_changed', 'excluded', 'included', 'role_health_changed'])), name='account_event_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='AnsweredRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('request_sha256', models.CharField(max_length=64)),
                ('claim', models.UUIDField(default=uuid.uuid4)),
                ('claimed_at', models.DateTimeField(db_index=True)),
                ('lease_until', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('headers', models.JSONField(blank=True, default=dict)),
                ('body', models.TextField(blank=True, help_text='Null: it held a secret.', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('token', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.apitoken')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(models.F('user'), django.db.models.functions.comparison.Coalesce(models.F('token'), models.Value(0)), models.F('key'), name='answered_request_unique_for_caller_and_key'), models.CheckConstraint(condition=models.Q(('status__isnull', False), ('body', None), _connector='OR'), name='answered_request_body_needs_a_status')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=accounts.models.base.uuid7, editable=False, unique=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor_name', models.CharField(blank=True, help_text='Kept when the user is deleted; empty for the system.', max_length=150)),
                ('action', models.CharField(help_text='<noun>.<verb>, as in account.exclude', max_length=64)),
                ('target_type', models.CharField(max_length=64)),
                ('target_uid', models.CharField(max_length=64)),
                ('target_name', models.CharField(max_length=256)),
                ('before', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('after', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('request_id', models.CharField(blank=True, max_length=128)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_entries', to='accounts.organization')),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['organization', 'at'], name='audit_by_organization'), models.Index(fields=['target_type', 'target_uid'], name='audit_by_target')],
            },
        ),
    ])]
