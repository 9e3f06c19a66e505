"""P2: configuration is recorded, delivered, compared with rules and seen as a whole."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import Count, Days, Flag, Names, Text
from findings.facts.base import Facts, Scope
from findings.facts.config import Aggregator, ConfigRule, Delivery, DeliveryChannel, Recorder
from findings.facts.organizations import DelegatedAdministrator, Organization

CONFIG = "config.amazonaws.com"
TRANSIENT_STATES = ("EVALUATING", "DELETING_RESULTS")


def _spelled(status: str | None) -> str:
    """Config writes statuses in several ways: Not_Applicable, NotApplicable, SUCCESS."""
    return (status or "").replace("_", "").lower()


def _told(*status_and_code: str | None) -> str:
    return " ".join(filter(None, ("last status", *status_and_code)))


def _records_here(facts: Facts) -> bool:
    return any(recorder.service is None for recorder in facts.of(Recorder))


@Check(
    title="Record configuration in every enabled region",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    rollup=True,
    needs=(Recorder,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP03", "OPS01-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY, Principle.ANTICIPATE_FAILURE),
    parameters=(Names("excluded_regions", ()),),
    not_applicable_when="Every region is in excluded_regions.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Deploy a configuration recorder with its delivery channel to every region by a"
    " stack set, and start the recorder.",
    cli=(
        "aws configservice put-configuration-recorder"
        " --configuration-recorder name=default,roleARN=ROLE_ARN",
        "aws configservice put-delivery-channel"
        " --delivery-channel name=default,s3BucketName=BUCKET",
        "aws configservice start-configuration-recorder --configuration-recorder-name default",
    ),
)
def config_recorder_recording_all_regions(facts: Facts, context: Context) -> Outcome:
    if facts.place.region in context.excluded_regions:
        return not_applicable("excluded")
    return any_of(facts.of(Recorder), _records)


def _records(recorder: Recorder) -> Outcome:
    return all_of(
        part("the customer's own", lambda: recorder.service is None),
        part("recording", lambda: recorder.is_recording),
        part("no failure", lambda: _recorded_well(recorder)),
    )


def _recorded_well(recorder: Recorder) -> Outcome:
    """Before its first event a recorder has no status."""
    if _spelled(recorder.last_status) in ("", "pending", "success", "notapplicable"):
        return passed()
    return failed(_told(recorder.last_status, recorder.last_error_code))


@Check(
    title="Keep the Config delivery channel delivering without errors",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder, DeliveryChannel),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP03", "OPS08-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    not_applicable_when="The region has no recorder of the account's own.",
    remediation="Let Config write to the bucket and use its key, as the error code of the delivery"
    " channel asks, then deliver a snapshot to confirm it.",
    cli=(
        "aws configservice describe-delivery-channel-status",
        "aws configservice deliver-config-snapshot --delivery-channel-name default",
    ),
)
def config_delivery_channel_healthy(facts: Facts, context: Context) -> Outcome:
    if not _records_here(facts):
        return not_applicable("no recorder")
    return any_of(
        facts.of(DeliveryChannel),
        lambda channel: all_of(
            part("history", lambda: _delivered_well(channel.history)),
            part("snapshots", lambda: _delivered_well(channel.snapshot)),
        ),
    )


def _delivered_well(delivery: Delivery) -> Outcome:
    """An error code outlives its failure: it counts unless a success came after the attempt."""
    if _spelled(delivery.last_status) not in ("", "success", "notapplicable"):
        return failed(_told(delivery.last_status, delivery.last_error_code))
    attempt, success = delivery.last_attempt_at, delivery.last_success_at
    if not delivery.last_error_code or (attempt and success and success >= attempt):
        return passed()
    return failed(f"last attempt ended with {delivery.last_error_code}")


@Check(
    title="Keep Config rules evaluating without errors",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder, ConfigRule),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(
        Days("max_age_days", 7),
        Count("min_rules", 10),
        Flag("include_service_rules", False),
    ),
    not_applicable_when="The region has no recorder of the account's own.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Deploy the rules that the organization asks for, and correct the function's"
    " permission or the parameters of each rule that reports an error.",
    cli=(
        "aws configservice describe-config-rule-evaluation-status",
        "aws configservice start-config-rules-evaluation --config-rule-names RULE",
    ),
)
def config_rules_evaluating(facts: Facts, context: Context) -> Outcome:
    if not _records_here(facts):
        return not_applicable("no recorder")
    rules = [
        rule
        for rule in facts.of(ConfigRule)
        if rule.state != "DELETING" and (context.include_service_rules or not rule.is_of_service)
    ]
    expected = f"{len(rules)} rules, expected at least {context.min_rules}"
    return all_of(
        part("enough rules", lambda: outcome(len(rules) >= context.min_rules, expected)),
        part("active", lambda: every(rules, _is_active)),
        part("no errors", lambda: every(rules, _has_no_error)),
        part("evaluated", lambda: every(rules, lambda rule: _is_evaluated(rule, context))),
    )


def _is_active(rule: ConfigRule) -> Outcome:
    holds = rule.state == "ACTIVE" or rule.state in TRANSIENT_STATES
    return outcome(holds, f"{rule.name} is {rule.state}")


def _has_no_error(rule: ConfigRule) -> Outcome:
    if not rule.error_code:
        return passed()
    failure, success = rule.failed_at, rule.evaluated_at
    holds = bool(failure and success and success > failure)
    return outcome(holds, f"{rule.name} fails with {rule.error_code}")


def _is_evaluated(rule: ConfigRule, context: Context) -> Outcome:
    """Rules that only changes start have nothing to evaluate while nothing changes."""
    if rule.activated_at and context.within(rule.activated_at, days=context.max_age_days):
        return passed()
    if rule.period is None:
        return outcome(bool(rule.was_evaluated), f"{rule.name} was never evaluated")
    if rule.evaluated_at is None:
        return failed(f"{rule.name} was never evaluated")
    holds = context.within(rule.evaluated_at, days=context.max_age_days)
    return outcome(holds, f"{rule.name} was last evaluated on {rule.evaluated_at:%Y-%m-%d}")


@Check(
    title="Aggregate Config across the whole organization",
    row=Row.CONFIGURATION,
    scope=Scope.ORGANIZATION,
    needs=(Organization, DelegatedAdministrator, Aggregator),
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04", "OPS09-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The account belongs to no organization.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Make an audit account the delegated administrator of Config and create an"
    " aggregator of the organization with all regions there.",
    cli=(
        "aws organizations register-delegated-administrator --account-id ACCOUNT"
        " --service-principal config.amazonaws.com",
        "aws configservice put-configuration-aggregator"
        " --configuration-aggregator-name organization"
        " --organization-aggregation-source RoleArn=ROLE_ARN,AllAwsRegions=true",
    ),
)
def config_organization_aggregator_complete(facts: Facts, context: Context) -> Outcome:
    organization = next(iter(facts.of(Organization)), None)
    if organization is None:
        return not_applicable("there is no organization")
    return any_of(
        part("management account", lambda: _has_aggregator(facts, organization.management_account)),
        part("delegated administrator", lambda: _administrator_has_aggregator(facts)),
    )


def _administrator_has_aggregator(facts: Facts) -> Outcome:
    accounts = sorted(
        administrator.account
        for administrator in facts.of(DelegatedAdministrator)
        if administrator.service == CONFIG
    )
    if not accounts:
        return not_applicable("Config has no delegated administrator")
    return any_of(accounts, lambda account: _has_aggregator(facts, account))


def _has_aggregator(facts: Facts, account: str) -> Outcome:
    return any_of(
        facts.of_account(Aggregator, account),
        lambda aggregator: all_of(
            part("of the organization", lambda: aggregator.of_organization),
            part("all regions", lambda: aggregator.all_regions),
        ),
    )


@Check(
    title="Record global IAM types in exactly one region",
    row=Row.CONFIGURATION,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ACCOUNT, Recorder),),
    severity=Severity.LOW,
    best_practices=("OPS05-BP03",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Text("home_region", ""),),
    not_applicable_when="No recorder of the account's own exists, or all of them list their types"
    " and leave those of IAM out.",
    remediation="Include the global resource types in the recorder of the home region, and exclude"
    " them from the recorders of all other regions.",
    cli=(
        "aws configservice put-configuration-recorder --region HOME_REGION"
        " --configuration-recorder name=default,roleARN=ROLE_ARN"
        " --recording-group allSupported=true,includeGlobalResourceTypes=true",
        "aws configservice put-configuration-recorder --region OTHER_REGION"
        " --configuration-recorder name=default,roleARN=ROLE_ARN"
        " --recording-group allSupported=true,includeGlobalResourceTypes=false",
    ),
)
def config_recorder_global_types_single_region(facts: Facts, context: Context) -> Outcome:
    recorders = [recorder for recorder in facts.of(Recorder) if recorder.service is None]
    if not recorders:
        return not_applicable("no recorder")
    regions = sorted(recorder.region for recorder in recorders if recorder.records_iam_types)
    if not regions and all(recorder.chooses_types for recorder in recorders):
        return not_applicable("the recorders leave the types of IAM out on purpose")
    found = f"IAM types recorded in {len(regions)} regions: {', '.join(regions)}"
    if len(regions) != 1:
        return failed(f"{found}; expected exactly one")
    if context.home_region not in ("", *regions):
        return failed(f"{found}; expected in {context.home_region}")
    return passed(found)
