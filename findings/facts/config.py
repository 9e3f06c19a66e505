"""Facts of AWS Config: recorders, delivery channels, rules and aggregators."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record

IAM_TYPES = frozenset({"AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"})

# Config came to these regions after February 2022: they never record the global IAM types.
# https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html
REGIONS_WITHOUT_IAM_TYPES = frozenset(
    {
        "ap-south-2",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "mx-central-1",
    }
)


# What these services create is what people declared: conformance packs, and rules that the
# organization deploys. Rules of any other service are its own.
DECLARED_BY_PEOPLE = ("config-conforms.amazonaws.com", "config-multiaccountsetup.amazonaws.com")


class Recorder(
    Fact,
    kind="config.recorder",
    identity=("name",),
    volatile=("last_status", "last_error_code", "last_status_changed_at"),
):
    """A configuration recorder. ``strategy`` is None where AWS leaves it to ``all_supported``.

    ``recorded_types`` and ``excluded_types`` are the lists of the strategies that have one;
    ``service`` is the AWS service that owns the recorder, None for the customer's own.
    """

    name: str
    region: str
    service: str | None
    role_arn: str | None
    strategy: str | None
    all_supported: bool
    includes_global_types: bool
    recorded_types: tuple[str, ...]
    excluded_types: tuple[str, ...]
    frequency: str | None
    daily_types: tuple[str, ...]
    is_recording: bool
    last_status: str | None
    last_error_code: str | None
    last_status_changed_at: datetime | None

    @property
    def chooses_types(self) -> bool:
        """Whether somebody listed what is recorded, or what is not."""
        if self.strategy is None:
            return not self.all_supported
        return self.strategy != "ALL_SUPPORTED_RESOURCE_TYPES"

    @property
    def records_iam_types(self) -> bool:
        if self.region in REGIONS_WITHOUT_IAM_TYPES:
            return False
        if not self.chooses_types:
            return bool(self.includes_global_types)
        if self.strategy == "EXCLUSION_BY_RESOURCE_TYPES":
            return not set(self.excluded_types) >= IAM_TYPES
        return bool(IAM_TYPES & set(self.recorded_types))


class Delivery(Record):
    """How the last deliveries of one sort went; all is None where none was tried."""

    last_status: str | None
    last_error_code: str | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None


class DeliveryChannel(
    Fact,
    kind="config.delivery_channel",
    identity=("name",),
    volatile=("history", "snapshot", "stream_status", "stream_error_code"),
):
    """Where Config delivers: history and snapshots to a bucket, the stream to a topic."""

    name: str
    bucket: str | None
    kms_key_arn: str | None
    topic_arn: str | None
    snapshot_frequency: str | None
    history: Delivery
    snapshot: Delivery
    stream_status: str | None
    stream_error_code: str | None


class ConfigRule(
    Fact,
    kind="config.rule",
    identity=("name",),
    volatile=(
        "state",
        "evaluated_at",
        "failed_at",
        "error_code",
        "was_evaluated",
    ),
):
    """A Config rule and its last evaluations; ``created_by`` is a service, None for plain rules.

    ``period`` is how often Config starts the rule by itself, None where only changes do or AWS does
    not say. ``evaluated_at`` is the last success, ``failed_at`` the last failure to invoke or
    evaluate it. ``tag_keys`` are what a rule REQUIRED_TAGS asks for.
    """

    name: str
    arn: str | None
    created_by: str | None
    owner: str | None
    source: str | None
    resource_types: tuple[str, ...]
    tag_keys: tuple[str, ...]
    period: str | None
    activated_at: datetime | None
    state: str | None
    evaluated_at: datetime | None
    failed_at: datetime | None
    error_code: str | None
    was_evaluated: bool | None

    @property
    def is_of_service(self) -> bool:
        return self.created_by is not None and self.created_by not in DECLARED_BY_PEOPLE


class Aggregator(Fact, kind="config.aggregator", identity=("arn",)):
    """An aggregator of configuration; ``of_organization`` or of a list of accounts."""

    arn: str
    name: str
    account: str
    of_organization: bool
    all_regions: bool
    regions: tuple[str, ...]
    role_arn: str | None


class AggregatorSource(Record):
    """An account (or the organization) in one region, and when it was last aggregated."""

    id: str | None
    region: str | None
    status: str | None
    updated_at: datetime | None


class AggregatorSources(
    Fact, kind="config.aggregator_sources", identity=("aggregator",), volatile=("sources",)
):
    """What an aggregator, named by its ARN, collects from."""

    aggregator: str
    name: str
    sources: tuple[AggregatorSource, ...]
