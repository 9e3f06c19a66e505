"""Facts of X-Ray: services seen in traces and what should be, sampling, groups, encryption."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record

SLICE_HOURS = 6
"""GetServiceGraph answers for at most six hours at once."""


class Traffic(Record):
    """Traced requests that a service answered in one slice of time."""

    requests: int
    errors: int
    throttles: int
    faults: int


class TracedService(
    Fact,
    kind="xray.service",
    identity=("owner", "type", "name"),
    volatile=("last_seen_at", "traffic"),
    version=2,
    since={"names": 2},
):
    """A node of the service graph of the last 48 hours.

    Of a region in which nothing stands that could send traces the last six hours decide whether
    there is any.

    ``owner`` is the account it runs in, which is another one where traces are shared. ``type`` is
    ``client``, ``remote``, an AWS resource type or empty. ``traffic`` has eight slices of six
    hours, the newest first, counted back from the time of collection. ``names`` are all that it
    goes by, the canonical one among them.
    """

    owner: str
    type: str
    name: str
    names: tuple[str, ...]
    last_seen_at: datetime | None
    traffic: tuple[Traffic, ...]


class ResourceUse(
    Fact, kind="xray.resource_use", identity=("service", "name"), volatile=("requests",)
):
    """How much a function or stage with tracing on, or a state machine, was used within a day.

    ``service`` is lambda, apigateway or stepfunctions; ``name`` is what the resource is called in
    the service graph: a stage ``api/stage``. ``requests`` were made in the 24 hours before the
    collection, those of the last hour left out: their traces may still be on the way.
    """

    service: str
    name: str
    requests: int


class SamplingRule(Fact, kind="xray.sampling_rule", identity=("name",)):
    """``fixed_rate`` is the share of requests sampled beyond ``reservoir`` requests a second."""

    name: str
    priority: int | None
    fixed_rate: float
    reservoir: int
    service_name: str | None
    service_type: str | None
    host: str | None
    http_method: str | None
    url_path: str | None
    created_at: datetime | None
    modified_at: datetime | None

    @property
    def is_default(self) -> bool:
        """Every region has the rule named Default; it cannot be deleted."""
        return self.name == "Default"


class SamplingRuleUse(
    Fact, kind="xray.sampling_rule_use", identity=("rule",), volatile=("requests_last_hour",)
):
    """How many requests a rule matched in the hour before it was collected. One fact per rule."""

    rule: str
    requests_last_hour: int


class TraceGroup(Fact, kind="xray.group", identity=("name",)):
    name: str
    arn: str | None
    filter_expression: str | None
    has_insights: bool
    notifies: bool

    @property
    def is_default(self) -> bool:
        """The group named Default holds every trace; AWS makes it."""
        return self.name == "Default"


class Insight(Record):
    """A rise of faults that X-Ray found; ``started_at`` is None where AWS does not tell."""

    id: str
    started_at: datetime | None
    root_cause: str | None


class ActiveInsights(Fact, kind="xray.active_insights", identity=("group",)):
    """The insights of a group that go on and began in the last 30 days, for which AWS tells them.

    One fact per group with insights turned on.
    """

    group: str
    insights: tuple[Insight, ...]


class TraceEncryption(Fact, kind="xray.encryption", identity=("region",)):
    """How traces of a region are encrypted; every region has one setting.

    ``type`` is NONE or KMS, ``status`` ACTIVE or UPDATING. ``kms_key`` is the id, ARN or alias of
    the key.
    """

    region: str
    type: str
    status: str
    kms_key: str | None
