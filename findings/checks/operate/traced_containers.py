"""O4: containers are traced, by what AWS goes on to support."""

from __future__ import annotations

from collections.abc import Sequence

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import PRODUCTION, Names
from findings.checks.production import is_production
from findings.facts.base import Facts, not_told
from findings.facts.ecs import Container, Service, TaskDefinition
from findings.facts.tagging import TaggedResource

COLLECTOR_IMAGES = (
    "aws-otel-collector",
    "opentelemetry-collector",
    "cloudwatch-agent",
    "aws-xray-daemon",
)
OTEL_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
DAEMON_IMAGE = "aws-xray-daemon"


@Check(
    title="Instrument containers with a trace collector",
    row=Row.TRACING,
    resource=Service,
    needs=(TaggedResource,),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP05", "OPS04-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(
        Names("collector_images", COLLECTOR_IMAGES),
        Names("otel_env", OTEL_VARIABLES),
        Names("daemon_clusters", ()),
        PRODUCTION,
    ),
    not_applicable_when="The service is not active, runs nothing, is not in production, or stands"
    " in one of daemon_clusters, where each node has a collector.",
    alternatives=(Tool.TRACING,),
    remediation="Add the collector of the AWS Distro for OpenTelemetry or the CloudWatch agent as a"
    " sidecar, or turn on Application Signals.",
    cli=("aws ecs update-service --cluster CLUSTER --service SERVICE --task-definition FAMILY",),
)
def ecs_task_traced(service: Service, facts: Facts, context: Context) -> Outcome:
    if service.status != "ACTIVE":
        return not_applicable(f"it is {service.status}")
    if service.cluster in context.daemon_clusters:
        return not_applicable("a collector runs on each node of its cluster")
    if not is_production(service.arn, facts, context):
        return not_applicable("it is not in production")
    containers = service.containers
    if containers is None:
        return not_applicable("it runs nothing")
    return any_of(
        part("collector", lambda: _has_image(containers, context.collector_images)),
        part("exporter", lambda: _has_variable(containers, context.otel_env)),
    )


def _has_image(containers: Sequence[Container], names: Sequence[str]) -> bool:
    return any(name in repository_of(one.image) for one in containers for name in names)


def _has_variable(containers: Sequence[Container], names: Sequence[str]) -> Outcome:
    """Variables may also stand in files, whose content nobody knows here."""
    if any(name in one.variables for one in containers for name in names):
        return passed()
    if any(one.has_variable_files for one in containers):
        return unknown(not_told(Service.kind, "ecs:DescribeTaskDefinition", "environmentFiles"))
    return failed("no variable names where traces are sent")


def repository_of(image: str) -> str:
    """An image without its digest and tag; a colon before the last slash belongs to a port."""
    path, slash, name = image.partition("@")[0].rpartition("/")
    return path + slash + name.partition(":")[0]


@Check(
    title="Replace the X-Ray daemon and SDK with OpenTelemetry",
    row=Row.TRACING,
    resource=TaskDefinition,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP05", "OPS04-BP05"),
    principles=(
        Principle.REFINE_PROCEDURES,
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
    ),
    remediation="Move the instrumentation to OpenTelemetry and put the collector of the AWS Distro"
    " for OpenTelemetry or the CloudWatch agent in the place of the daemon before 2027-02-25, when"
    " AWS ends its support.",
    cli=(
        "aws ecs register-task-definition --family FAMILY"
        " --container-definitions file://CONTAINERS.json",
    ),
)
def xray_daemon_migrated_to_otel(
    definition: TaskDefinition, facts: Facts, context: Context
) -> Outcome:
    daemons = [one for one in definition.containers if DAEMON_IMAGE in repository_of(one.image)]
    told = ", ".join(sorted(f"{one.name} ({one.image})" for one in daemons))
    return outcome(not daemons, f"the X-Ray daemon runs as {told}" if daemons else "")
