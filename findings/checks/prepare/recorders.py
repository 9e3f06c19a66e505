"""P2: what the recorders record, how soon, and in whose name."""

from __future__ import annotations

from collections.abc import Iterable

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import PRODUCTION, Flag, Names
from findings.checks.recorders import own_recorders
from findings.facts.base import Facts, Scope
from findings.facts.config import IAM_TYPES, Recorder

SERVICE_LINKED_ROLE = "/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
NO_RECORDER = "The region has no recorder of the account's own."


@Check(
    title="Record all supported resource types",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Names("allowed_exclusions", ()),),
    not_applicable_when=NO_RECORDER,
    remediation="Let the recorder record all supported resource types, and exclude only types that"
    " change often and are listed in allowed_exclusions.",
    cli=(
        "aws configservice describe-configuration-recorders",
        "aws configservice put-configuration-recorder"
        " --configuration-recorder name=default,roleARN=ROLE_ARN"
        " --recording-group allSupported=true,includeGlobalResourceTypes=false",
    ),
)
def config_recorder_all_resource_types(facts: Facts, context: Context) -> Outcome:
    recorders = own_recorders(facts)
    if not recorders:
        return not_applicable("no recorder")
    allowed = {*context.allowed_exclusions, *IAM_TYPES}
    return every(recorders, lambda recorder: _records_all_types(recorder, allowed))


def _records_all_types(recorder: Recorder, allowed: set[str]) -> Outcome:
    """The types of IAM may be excluded: one region records them for all."""
    if not recorder.chooses_types:
        return passed()
    if recorder.strategy != "EXCLUSION_BY_RESOURCE_TYPES":
        return failed(f"records {len(recorder.recorded_types)} listed types only")
    return _only_allowed("excludes", recorder.excluded_types, allowed)


def _only_allowed(verb: str, types: Iterable[str], allowed: Iterable[str]) -> Outcome:
    surplus = sorted(set(types) - set(allowed))
    return outcome(not surplus, f"{verb} {', '.join(surplus)}" if surplus else "")


@Check(
    title="Record production accounts continuously rather than daily",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP03", "OPS08-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Names("allowed_daily_types", ()), PRODUCTION),
    not_applicable_when="The account is not in production, or the region has no recorder of the"
    " account's own.",
    remediation="Let the recorder record continuously, and daily only those types that change often"
    " and are listed in allowed_daily_types.",
    cli=(
        "aws configservice describe-configuration-recorders",
        "aws configservice put-configuration-recorder --configuration-recorder"
        """ '{"name": "default", "roleARN": "ROLE_ARN","""
        """ "recordingMode": {"recordingFrequency": "CONTINUOUS"}}'"""
        " --recording-group allSupported=true,includeGlobalResourceTypes=false",
    ),
)
def config_recorder_continuous(facts: Facts, context: Context) -> Outcome:
    if not context.is_production():
        return not_applicable("not in production")
    recorders = own_recorders(facts)
    if not recorders:
        return not_applicable("no recorder")
    return every(recorders, lambda recorder: _records_continuously(recorder, context))


def _records_continuously(recorder: Recorder, context: Context) -> Outcome:
    return all_of(
        part("continuous", lambda: _is_continuous(recorder)),
        part(
            "daily types",
            lambda: _only_allowed(
                "records daily", recorder.daily_types, context.allowed_daily_types
            ),
        ),
    )


def _is_continuous(recorder: Recorder) -> Outcome:
    return outcome(recorder.frequency == "CONTINUOUS", f"records {recorder.frequency}")


@Check(
    title="Run the recorder with the Config service-linked role",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP03",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Flag("allow_custom_role", False),),
    not_applicable_when=NO_RECORDER,
    remediation="Give the recorder the service-linked role of Config: AWS adds to it what new"
    " resource types need.",
    cli=(
        "aws iam create-service-linked-role --aws-service-name config.amazonaws.com",
        "aws configservice put-configuration-recorder"
        " --configuration-recorder name=default,roleARN=SERVICE_LINKED_ROLE_ARN"
        " --recording-group allSupported=true,includeGlobalResourceTypes=false",
    ),
)
def config_recorder_service_linked_role(facts: Facts, context: Context) -> Outcome:
    recorders = own_recorders(facts)
    if not recorders:
        return not_applicable("no recorder")
    if context.allow_custom_role:
        return passed("roles of the account's own are allowed")
    return every(recorders, _has_service_linked_role)


def _has_service_linked_role(recorder: Recorder) -> Outcome:
    role = recorder.role_arn or ""
    return outcome(role.endswith(SERVICE_LINKED_ROLE), f"runs with {role}")
