"""O4: what AWS runs for a workload is traced where it is declared."""

from __future__ import annotations

from collections.abc import Iterable

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    failed,
    not_applicable,
    outcome,
    passed,
    unknown,
)
from findings.checks.parameters import PRODUCTION
from findings.checks.production import is_production
from findings.facts.apigateway import Stage
from findings.facts.appsync import GraphqlApi
from findings.facts.base import Facts, Listing, not_supplied
from findings.facts.sns import Topic
from findings.facts.stepfunctions import StateMachine
from findings.facts.tagging import TaggedResource

NOT_IN_PRODUCTION = "it is not in production"


@Check(
    title="Trace requests at the API edge",
    row=Row.TRACING,
    resource=Stage,
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP05",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(PRODUCTION,),
    not_applicable_when="The stage is not in production, by its account, its own tags or those of"
    " its API. HTTP and WebSocket APIs have no such setting.",
    alternatives=(Tool.TRACING,),
    remediation="Set TracingEnabled on the stage where it is declared.",
    cli=(
        "aws apigateway update-stage --rest-api-id API --stage-name STAGE"
        " --patch-operations op=replace,path=/tracingEnabled,value=true",
    ),
)
def apigateway_stage_tracing_enabled(stage: Stage, facts: Facts, context: Context) -> Outcome:
    if not context.is_production() and not context.is_production(stage.tags):
        return not_applicable(NOT_IN_PRODUCTION)
    told = f"stage {stage.name} of {stage.api_name or stage.api_id}"
    return outcome(stage.is_tracing_enabled, told)


@Check(
    title="Trace state machine executions",
    row=Row.TRACING,
    resource=StateMachine,
    needs=(TaggedResource,),
    severity=Severity.LOW,
    best_practices=("OPS04-BP05",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(PRODUCTION,),
    not_applicable_when="The state machine is being deleted or is not in production.",
    alternatives=(Tool.TRACING,),
    remediation="Set TracingConfiguration.Enabled in the template and let the role of the state"
    " machine write to X-Ray.",
    cli=(
        "aws stepfunctions update-state-machine --state-machine-arn ARN"
        " --tracing-configuration enabled=true",
    ),
)
def stepfunctions_tracing_enabled(machine: StateMachine, facts: Facts, context: Context) -> Outcome:
    if machine.status == "DELETING":
        return not_applicable("it is being deleted")
    if not is_production(machine.arn, facts, context):
        return not_applicable(NOT_IN_PRODUCTION)
    return outcome(machine.is_tracing_enabled)


@Check(
    title="Trace GraphQL requests",
    row=Row.TRACING,
    resource=GraphqlApi,
    severity=Severity.LOW,
    best_practices=("OPS04-BP05",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The API is merged of others that are all traced.",
    alternatives=(Tool.TRACING,),
    remediation="Set XrayEnabled on the API in its template.",
    cli=(
        "aws appsync update-graphql-api --api-id API --name NAME --authentication-type TYPE"
        " --xray-enabled",
    ),
)
def appsync_tracing_enabled(api: GraphqlApi, facts: Facts, context: Context) -> Outcome:
    if api.is_traced:
        return passed()
    if api.type != "MERGED" or api.sources is None:
        return failed("its requests are not traced")
    return _of_sources(api.sources, facts.of(GraphqlApi))


def _of_sources(sources: Iterable[str], apis: Listing[GraphqlApi]) -> Outcome:
    """Of a merged API that is not traced itself; its sources may be in other accounts."""
    known = {api.key: api for api in apis}
    found = [(source, known.get(source)) for source in sources]
    dark = [source for source, api in found if api is not None and not api.is_traced]
    if dark:
        return failed(f"neither it nor all that it is merged of is traced: {', '.join(dark)}")
    if any(api is None for _, api in found):
        return unknown(not_supplied(GraphqlApi.kind))
    return not_applicable("all that it is merged of is traced")


@Check(
    title="Propagate traces through topics",
    row=Row.TRACING,
    resource=Topic,
    needs=(TaggedResource,),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS04-BP05",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(PRODUCTION,),
    not_applicable_when="The topic is FIFO, has no confirmed subscriber of Lambda, SQS, HTTP or"
    " Firehose, or is not in production.",
    alternatives=(Tool.TRACING,),
    remediation="Set TracingConfig to Active on the topic and let X-Ray take the segments that SNS"
    " sends for it.",
    cli=(
        "aws sns set-topic-attributes --topic-arn TOPIC --attribute-name TracingConfig"
        " --attribute-value Active",
    ),
)
def sns_topic_tracing_active(topic: Topic, facts: Facts, context: Context) -> Outcome:
    if topic.is_fifo:
        return not_applicable("FIFO topics are not traced")
    if not any(one.is_traceable for one in topic.subscriptions):
        return not_applicable("nobody is subscribed whom a trace could follow")
    if not is_production(topic.arn, facts, context):
        return not_applicable(NOT_IN_PRODUCTION)
    return outcome(topic.tracing == "Active", f"tracing is {topic.tracing or 'PassThrough'}")
