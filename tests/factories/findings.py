import datetime as dt
import hashlib

import factory
from factory.django import DjangoModelFactory

from findings.models import (
    Attestation,
    AwsJob,
    AwsJobSettings,
    CheckSet,
    CheckStatus,
    DeclaredTool,
    Episode,
    Export,
    Finding,
    ParameterOverride,
    RegionState,
    Scan,
    ScanAccount,
    Schedule,
    ScopeKind,
    ScoreSnapshot,
    Shard,
    SuppressedFinding,
    Suppression,
)
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    TeamFactory,
    UserFactory,
)

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


class CheckSetFactory(DjangoModelFactory):
    class Meta:
        model = CheckSet

    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    body = factory.LazyFunction(dict)
    created_at = NOW


class ScanFactory(DjangoModelFactory):
    """A full scan that has ended well."""

    class Meta:
        model = Scan

    organization = factory.SubFactory(OrganizationFactory)
    kind = Scan.Kind.FULL
    trigger = Scan.Trigger.PERSON
    check_set = factory.SubFactory(CheckSetFactory)
    state = Scan.State.FINISHED
    requested_at = NOW
    started_at = NOW
    finished_at = NOW


class ScanAccountFactory(DjangoModelFactory):
    class Meta:
        model = ScanAccount

    scan = factory.SubFactory(ScanFactory)
    account = factory.SubFactory(
        AccountFactory, organization=factory.SelfAttribute("..scan.organization")
    )
    position = factory.Sequence(lambda n: n)
    state = ScanAccount.State.ENDED


class ShardFactory(DjangoModelFactory):
    class Meta:
        model = Shard

    scan = factory.SubFactory(ScanFactory)
    account = factory.SubFactory(
        AccountFactory, organization=factory.SelfAttribute("..scan.organization")
    )
    region = "eu-west-1"
    state = Shard.State.COLLECTED
    collected_from = NOW
    collected_at = NOW


class RegionStateFactory(DjangoModelFactory):
    class Meta:
        model = RegionState

    account = factory.SubFactory(AccountFactory)
    region = "eu-west-1"
    since = NOW


class FindingFactory(DjangoModelFactory):
    """An open finding without an episode; add :class:`EpisodeFactory` where it matters."""

    class Meta:
        model = Finding

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    fingerprint = factory.Sequence(lambda n: f"v1:{hashlib.sha256(str(n).encode()).hexdigest()}")
    region = "eu-west-1"
    check_id = "cloudtrail_multi_region_logging"
    check_version = 1
    resource = factory.Sequence(lambda n: f"resource-{n}")
    row = "O2"
    severity = "high"
    severity_rank = 1
    evidence_status = "fail"
    message = "it is not as it should be"
    opened_at = NOW
    changed_at = NOW
    facts_at = NOW


class EpisodeFactory(DjangoModelFactory):
    class Meta:
        model = Episode

    finding = factory.SubFactory(FindingFactory)
    number = 1
    opened_at = NOW
    open_cause = "first_collected"
    clock_starts_at = NOW


class CheckStatusFactory(DjangoModelFactory):
    class Meta:
        model = CheckStatus

    account = factory.SubFactory(AccountFactory)
    region = "eu-west-1"
    check_id = factory.Sequence(lambda n: f"check_{n}")
    row = "O2"
    changed_at = NOW


class ParameterOverrideFactory(DjangoModelFactory):
    class Meta:
        model = ParameterOverride

    organization = factory.SubFactory(OrganizationFactory)
    check_id = "box_is_sealed"
    parameter = "days"
    value = 30
    set_at = NOW


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"schedule {n}")
    cron = "0 3 * * *"
    next_run_at = NOW


class DeclaredToolFactory(DjangoModelFactory):
    """A tool of the whole organization that stands in for a year."""

    class Meta:
        model = DeclaredTool

    organization = factory.SubFactory(OrganizationFactory)
    owner_team = factory.SubFactory(
        TeamFactory, organization=factory.SelfAttribute("..organization")
    )
    kind = "tracing"
    name = "Datadog"
    reason = "every service is traced there"
    starts_on = NOW.date()
    ends_on = NOW.date() + dt.timedelta(days=365)
    declared_at = NOW


class AwsJobSettingsFactory(DjangoModelFactory):
    """Everything switched on."""

    class Meta:
        model = AwsJobSettings

    organization = factory.SubFactory(OrganizationFactory)
    detects_drift = True
    scans_resources = True


class AwsJobFactory(DjangoModelFactory):
    """A drift detection that is asked for, and due."""

    class Meta:
        model = AwsJob

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    region = "eu-west-1"
    kind = "stack_drift"
    subject = factory.Sequence(lambda n: f"arn:aws:cloudformation:x:1:stack/stack-{n}/1")
    asked_at = NOW
    next_poll_at = NOW


class AttestationFactory(DjangoModelFactory):
    """A statement about the whole organization that lapses in a year."""

    class Meta:
        model = Attestation

    organization = factory.SubFactory(OrganizationFactory)
    owner_team = factory.SubFactory(
        TeamFactory, organization=factory.SelfAttribute("..organization")
    )
    best_practice = "OPS01-BP01"
    statement = "asked every quarter"
    starts_at = NOW
    ends_at = NOW + dt.timedelta(days=365)
    attested_at = NOW


class ScoreSnapshotFactory(DjangoModelFactory):
    """The score of a whole organization on a day on which it was scanned."""

    class Meta:
        model = ScoreSnapshot

    organization = factory.SubFactory(OrganizationFactory)
    day = NOW.date()
    scope_kind = ScopeKind.ORGANIZATION
    scope_uid = factory.SelfAttribute("organization.uid")
    scope_name = factory.SelfAttribute("organization.name")
    score = "82.4"
    coverage = "91.0"
    level = "foundation"
    scanned_at = NOW


class SuppressionFactory(DjangoModelFactory):
    """An approved risk of one check in a whole organization; it covers nothing by itself."""

    class Meta:
        model = Suppression

    organization = factory.SubFactory(OrganizationFactory)
    kind = "accepted_risk"
    check_id = "cloudtrail_multi_region_logging"
    reason = "another trail logs"
    starts_at = NOW
    ends_at = NOW + dt.timedelta(days=30)
    maximum = 10
    asked_at = NOW
    is_approved = True
    decided_at = NOW


class SuppressedFindingFactory(DjangoModelFactory):
    """A finding that is covered until the end of its suppression."""

    class Meta:
        model = SuppressedFinding

    suppression = factory.SubFactory(
        SuppressionFactory, organization=factory.SelfAttribute("..finding.organization")
    )
    finding = factory.SubFactory(FindingFactory)
    episode = factory.SubFactory(EpisodeFactory, finding=factory.SelfAttribute("..finding"))
    from_at = NOW
    until_at = factory.SelfAttribute("suppression.ends_at")


class ExportFactory(DjangoModelFactory):
    """An export of the open findings as CSV that waits to be written."""

    class Meta:
        model = Export

    organization = factory.SubFactory(OrganizationFactory)
    asked_by = factory.SubFactory(UserFactory)
    asked_at = NOW
    kind = "findings"
    format = "csv"
