"""O3: managed services that run the application log what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Flag, Text
from findings.facts.apigateway import Stage
from findings.facts.apigatewayv2 import ApiStage
from findings.facts.base import Fact, Facts, Listing, Scope, not_told
from findings.facts.ecs import TaskDefinition
from findings.facts.stepfunctions import StateMachine

F = TypeVar("F", bound=Fact)
LEVELS = ("OFF", "ERROR", "INFO")
"""Of the execution logs of a REST API, from nothing to everything."""


@dataclass(frozen=True)
class LogLevel(Text):
    def parse(self, value: Any) -> str:
        level = super().parse(value)
        if level not in LEVELS[1:]:
            raise self.refuse(value, " or ".join(LEVELS[1:]))
        return level


@Check(
    title="Log executions of managed application services",
    row=Row.MONITORING,
    scope=Scope.REGION,
    needs=(Stage, ApiStage, StateMachine, TaskDefinition),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP02",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(LogLevel("min_level", "ERROR"), Flag("express_traces_only", False)),
    not_applicable_when="The region has no stage of an API, no state machine and no task"
    " definition; express state machines that are traced do not count where express_traces_only"
    " says that traces stand in for their logs.",
    remediation="Turn logging on in the template of the stage, state machine or task definition.",
    cli=(
        "aws apigateway update-stage --rest-api-id API --stage-name STAGE --patch-operations"
        " op=replace,path=/*/*/logging/loglevel,value=ERROR",
        "aws apigatewayv2 update-stage --api-id API --stage-name STAGE --access-log-settings"
        " file://access-logs.json",
        "aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration"
        " file://logging.json",
    ),
)
def application_logging_enabled(facts: Facts, context: Context) -> Outcome:
    return all_of(
        part("REST APIs", lambda: _each(facts.of(Stage), partial(_logs_calls, context=context))),
        part("HTTP APIs", lambda: _each(facts.of(ApiStage), _logs_access)),
        part(
            "state machines",
            lambda: _each(facts.of(StateMachine), partial(_logs_executions, context=context)),
        ),
        part("task definitions", lambda: _each(facts.of(TaskDefinition), _logs_containers)),
    )


def _each(listing: Listing[F], test: Callable[[F], Outcome]) -> Outcome:
    """As all of them say; not applicable where the test applies to none."""
    return all_of(*[part(fact.key, partial(test, fact)) for fact in listing])


def _logs_calls(stage: Stage, context: Context) -> Outcome:
    """Methods may have levels of their own, which hold instead of the stage's."""
    levels = (stage.logging_level or "OFF", *stage.method_logging_levels)
    strange = [level for level in levels if level not in LEVELS]
    low = [one for one in LEVELS[: LEVELS.index(context.min_level)] if one in levels]
    if strange and not low:
        return unknown(not_told(Stage.kind, "apigateway:GetStages", f"loggingLevel {strange[0]}"))
    return outcome(
        not low, f"{stage.api_name} {stage.name} logs at {', '.join(sorted(set(levels)))}"
    )


def _logs_access(stage: ApiStage) -> Outcome:
    if stage.access_log_destination is None:
        return failed(f"{stage.api_name} {stage.name} keeps no access log")
    return passed()


def _logs_executions(machine: StateMachine, context: Context) -> Outcome:
    if context.express_traces_only and machine.type == "EXPRESS" and machine.is_tracing_enabled:
        return not_applicable("traces stand in for its logs")
    return outcome(
        machine.logging_level != "OFF", f"{machine.name} logs at {machine.logging_level}"
    )


def _logs_containers(definition: TaskDefinition) -> Outcome:
    silent = [c.name for c in definition.containers if c.is_essential and c.log_driver is None]
    if silent:
        return failed(f"{definition.family}: {', '.join(silent)} has no log driver")
    return passed()
