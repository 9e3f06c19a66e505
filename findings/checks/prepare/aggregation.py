"""P2: what is aggregated of other accounts and regions is up to date."""

from __future__ import annotations

from math import ceil

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, at_least, not_applicable, outcome, unknown
from findings.checks.parameters import Hours, Percent
from findings.facts.base import Facts, not_told
from findings.facts.config import AggregatorSource, AggregatorSources

OPERATION = "config:DescribeConfigurationAggregatorSourcesStatus"


@Check(
    title="Keep aggregated sources up to date",
    row=Row.CONFIGURATION,
    resource=AggregatorSources,
    severity=Severity.MEDIUM,
    best_practices=("OPS09-BP02",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Hours("max_age_hours", 24), Percent("min_percent", 98)),
    not_applicable_when="The aggregator has no source yet.",
    remediation="Look up the sources that fail or are outdated: authorize the aggregation in that"
    " account and region, and start the recorder there.",
    cli=(
        "aws configservice describe-configuration-aggregator-sources-status"
        " --configuration-aggregator-name AGGREGATOR --update-status FAILED OUTDATED",
        "aws configservice put-aggregation-authorization --authorized-account-id ACCOUNT"
        " --authorized-aws-region REGION",
    ),
)
def config_aggregator_sources_fresh(
    aggregator: AggregatorSources, facts: Facts, context: Context
) -> Outcome:
    sources = aggregator.sources
    if not sources:
        return not_applicable("it has no source")
    enough = ceil(len(sources) * context.min_percent / 100)
    return at_least(enough, sources, lambda source: _is_fresh(source, context))


def _is_fresh(source: AggregatorSource, context: Context) -> Outcome:
    where = f"{source.id} in {source.region}"
    if source.status is None:
        return unknown(not_told(AggregatorSources.kind, OPERATION, where))
    if source.status != "SUCCEEDED":
        return outcome(False, f"{where} is {source.status}")
    if source.updated_at is None:
        return unknown(not_told(AggregatorSources.kind, OPERATION, where))
    holds = context.within(source.updated_at, hours=context.max_age_hours)
    return outcome(holds, f"{where} was last updated on {source.updated_at:%Y-%m-%d}")
