
import accounts.models.base
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_token_scopes"),
        ("findings", "0008_finding_commented"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SuppressionCursor",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.organization",
                    ),
                ),
                ("finding_event", models.PositiveBigIntegerField(default=0)),
                ("account_event", models.PositiveBigIntegerField(default=0)),
                ("last", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="scoresnapshot",
            name="suppressed",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Results that fail and are suppressed; not in failed.",
            ),
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        default=accounts.models.base.uuid7, editable=False, unique=True
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted_risk", "Accepted Risk"),
                            ("false_positive", "False Positive"),
                        ],
                        max_length=16,
                    ),
                ),
                ("check_id", models.CharField(blank=True, max_length=128, verbose_name="check")),
                (
                    "tag_key",
                    models.CharField(
                        blank=True,
                        help_text="Key of a tag of the account.",
                        max_length=128,
                        verbose_name="tag",
                    ),
                ),
                (
                    "tag_value",
                    models.CharField(
                        blank=True,
                        help_text="Empty: any value.",
                        max_length=256,
                        verbose_name="value of the tag",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=32)),
                (
                    "resource",
                    models.CharField(
                        blank=True,
                        help_text="Its key; a * at the end stands for any rest.",
                        max_length=2048,
                    ),
                ),
                ("reason", models.TextField(help_text="Why this failure is accepted, or is none.")),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        help_text="Where a request comes from that no person made.",
                        max_length=256,
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="start")),
                ("ends_at", models.DateTimeField(verbose_name="end")),
                (
                    "maximum",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="When more match, it covers nothing more and is asked for again.",
                        null=True,
                        verbose_name="most findings",
                    ),
                ),
                (
                    "compensating_check",
                    models.CharField(
                        blank=True,
                        help_text="A check that must not fail in the accounts of what is covered.",
                        max_length=128,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "is_approved",
                    models.BooleanField(blank=True, help_text="Empty: not decided.", null=True),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision_note", models.TextField(blank=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("tripped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "warned_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since when the compensating check is not known.",
                        null=True,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suppressions",
                        to="accounts.account",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        blank=True,
                        help_text="The one that an accepted risk of one finding covers.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="findings.episode",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="findings.finding",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suppressions",
                        to="accounts.organization",
                    ),
                ),
                (
                    "ou",
                    models.ForeignKey(
                        blank=True,
                        help_text="With everything below it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suppressions",
                        to="accounts.organizationalunit",
                        verbose_name="OU",
                    ),
                ),
                (
                    "renews",
                    models.OneToOneField(
                        blank=True,
                        help_text="The one that tripped and is asked for again by this.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewed_by",
                        to="findings.suppression",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SuppressedFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_at", models.DateTimeField(verbose_name="from")),
                ("until_at", models.DateTimeField(verbose_name="until")),
                (
                    "judged",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Version, message and parts of a false positive.",
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suppressed",
                        to="findings.episode",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suppressed",
                        to="findings.finding",
                    ),
                ),
                (
                    "suppression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covered",
                        to="findings.suppression",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SuppressionEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("revoked", "Revoked"),
                            ("ending", "Ends within 14 days"),
                            ("expired", "Expired"),
                            ("too_many", "Tripped: more findings match than it may cover"),
                            ("check_fails", "Tripped: the compensating check fails"),
                            ("check_unknown", "The compensating check is not known"),
                            ("evidence_changed", "Tripped: the check or its evidence changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        help_text="What it tells of is there; seen only by those who see the account.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="suppression_events",
                        to="findings.finding",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suppression_events",
                        to="accounts.organization",
                    ),
                ),
                (
                    "suppression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="findings.suppression",
                    ),
                ),
            ],
            options={
                "ordering": ["organization", "number"],
            },
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(fields=["organization", "ends_at"], name="suppression_by_end"),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("ou", None), ("account", None), _connector="OR"),
                name="suppression_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or an account, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("account", None),
                    ("check_id", ""),
                    ("finding", None),
                    ("ou", None),
                    ("region", ""),
                    ("resource", ""),
                    ("tag_key", ""),
                    _negated=True,
                ),
                name="suppression_selects_something",
                violation_error_message="Say what it is for: it would cover every finding.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("finding", None), ("account__isnull", False), _connector="OR"),
                name="suppression_of_finding_has_its_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("episode", None), ("finding", None)),
                    models.Q(
                        ("episode", None), ("finding__isnull", False), ("kind", "false_positive")
                    ),
                    models.Q(
                        ("episode__isnull", False),
                        ("finding__isnull", False),
                        ("kind", "accepted_risk"),
                    ),
                    _connector="OR",
                ),
                name="suppression_accepts_one_episode",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finding__isnull", False), ("maximum", None)),
                    models.Q(("finding", None), ("maximum__gte", 1), ("maximum__isnull", False)),
                    _connector="OR",
                ),
                name="suppression_of_selector_has_a_maximum",
                violation_error_message="Say how many findings it may cover at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tag_value", ""), models.Q(("tag_key", ""), _negated=True), _connector="OR"
                ),
                name="suppression_value_has_its_tag",
                violation_error_message="Name the tag of this value.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="suppression_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="suppression_ends_after_it_starts",
                violation_error_message="It ends before it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("is_approved", None)),
                    models.Q(("decided_at__isnull", False), ("is_approved__isnull", False)),
                    _connector="OR",
                ),
                name="suppression_decided_at_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_by", None), ("revoked_at__isnull", False), _connector="OR"
                ),
                name="suppression_revoked_by_only_when_revoked",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("tripped_at", None), ("is_approved", True), _connector="OR"),
                name="suppression_trips_only_when_approved",
            ),
        ),
        migrations.AddIndex(
            model_name="suppressedfinding",
            index=models.Index(
                fields=["finding", "until_at", "from_at"], name="suppressed_by_finding"
            ),
        ),
        migrations.AddIndex(
            model_name="suppressedfinding",
            index=models.Index(
                fields=["suppression", "until_at"], name="suppressed_by_suppression"
            ),
        ),
        migrations.AddConstraint(
            model_name="suppressedfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_at__gte", models.F("from_at"))),
                name="suppressed_until_after_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppressedfinding",
            constraint=models.UniqueConstraint(
                fields=("suppression", "episode", "from_at"), name="suppressed_span_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="suppressionevent",
            constraint=models.UniqueConstraint(
                fields=("organization", "number"), name="suppression_event_number_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="suppressionevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["ending", "expired"])),
                fields=("suppression", "kind"),
                name="suppression_event_once",
            ),
        ),
    ]
