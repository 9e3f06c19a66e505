"""O1: containers run on the current platform."""

from __future__ import annotations

import re

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, every, not_applicable, outcome, part, passed
from findings.checks.parameters import Text
from findings.facts.base import Facts, NotCollected, not_told
from findings.facts.ecs import Service

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")
NUMBERS = re.compile(r"\d+(?:\.\d+)*")


@Check(
    title="Run Fargate services on the current platform version",
    row=Row.CHANGE,
    resource=Service,
    severity=Severity.LOW,
    best_practices=("OPS05-BP05",),
    principles=(
        Principle.REFINE_PROCEDURES,
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
    ),
    parameters=(Text("latest_linux", "1.4.0"), Text("latest_windows", "1.0.0")),
    not_applicable_when="The service does not run on Fargate, or is not active.",
    remediation="Set the platform version to LATEST where the service is declared and force a new"
    " deployment.",
    cli=(
        "aws ecs update-service --cluster CLUSTER --service SERVICE --platform-version LATEST"
        " --force-new-deployment",
    ),
)
def ecs_fargate_platform_current(service: Service, facts: Facts, context: Context) -> Outcome:
    if service.status != "ACTIVE":
        return not_applicable(f"it is {service.status}")
    if service.launch_type != "FARGATE" and not _has_fargate_provider(service):
        return not_applicable("it does not run on Fargate")
    latest = _latest(service, context)
    replaced = ("INACTIVE", "DRAINING")
    running = (one.platform_version for one in service.deployments if one.status not in replaced)
    return all_of(
        part("service", lambda: _is_current(service.platform_version, latest)),
        part("deployments", lambda: every(running, lambda version: _is_current(version, latest))),
    )


def _has_fargate_provider(service: Service) -> bool:
    return any(provider in FARGATE_PROVIDERS for provider in service.capacity_providers)


def _latest(service: Service, context: Context) -> str:
    """AWS writes families as in Linux and Windows Server 2022 Core; each has its own versions."""
    is_windows = (service.platform_family or "").lower().startswith("windows")
    return str(context.latest_windows if is_windows else context.latest_linux)


def _is_current(version: str | None, latest: str) -> Outcome:
    if version == "LATEST":
        return passed()
    return outcome(_numbers(version) >= _numbers(latest), f"{version}, the newest is {latest}")


def _numbers(version: str | None) -> tuple[int, ...]:
    if not NUMBERS.fullmatch(str(version)):
        raise NotCollected(not_told(Service.kind, "ecs:DescribeServices", str(version)))
    return tuple(int(number) for number in str(version).split("."))
