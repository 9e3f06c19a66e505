"""Config rules of a region, and which account aggregates for the organization."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.facets.config import has_recorder
from simulator.organization import MANAGEMENT_ID
from simulator.places import OrganizationPlace, Place

rules = Facet("config.rules")
aggregators = Facet("config.aggregators", level=ORGANIZATION)

EVALUATING = "config_rules_evaluating"
AGGREGATED = "config_organization_aggregator_complete"
FRESH = "config_aggregator_sources_fresh"
ENOUGH = 10
SECURITY_HUB = "securityhub.amazonaws.com"
WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
PERIODIC = {"MaximumExecutionFrequency": "TwentyFour_Hours"}


def put_rule(place: Place, name: str, status: dict[str, Any] | None = None, **changed: Any) -> None:
    """A rule that is active and was evaluated."""
    place.put(
        "config.rules",
        {
            "ConfigRuleName": name,
            "ConfigRuleArn": place.arn("config", f"config-rule/config-rule-{name}"),
            "ConfigRuleId": f"config-rule-{place.hexadecimal(name, 6)}",
            "Source": {"Owner": "AWS", "SourceIdentifier": name.upper().replace("-", "_")},
            "ConfigRuleState": "ACTIVE",
            "_status": {
                "FirstActivatedTime": place.ago(days=150),
                "FirstEvaluationStarted": True,
                "LastSuccessfulInvocationTime": place.moving(hours=2),
                "LastSuccessfulEvaluationTime": place.moving(hours=2),
                **(status or {}),
            },
            **changed,
        },
    )


def _put_rules(place: Place, count: int = ENOUGH) -> None:
    for number in range(count):
        put_rule(place, f"rule-{number}")


def _expect(place: Place, status: str, **change: Any) -> None:
    if has_recorder(place):
        place.expect(EVALUATING, status, **change)
    else:
        place.expect(EVALUATING, "not_applicable")


@rules.variant("evaluating", characters={"exemplary": 4, "ordinary": 3, "locked_down": 2})
def evaluating(place: Place) -> None:
    """Among them one that nothing made run for long, and one that has recovered."""
    _put_rules(place, ENOUGH - 2)
    put_rule(place, "trail-enabled", {"LastSuccessfulEvaluationTime": place.ago(days=90)})
    put_rule(
        place,
        "keys-rotated",
        {
            "LastErrorCode": "Throttling",
            "LastFailedEvaluationTime": place.ago(days=2),
            "LastFailedInvocationTime": place.ago(days=3),
        },
    )
    _expect(place, "pass")


@rules.variant("failing", characters={"ordinary": 1, "neglected": 2})
def failing(place: Place) -> None:
    _put_rules(place)
    put_rule(
        place,
        "keys-rotated",
        {
            "LastErrorCode": "AccessDenied",
            "LastErrorMessage": "The function's permission is missing",
            "LastFailedInvocationTime": place.ago(days=1),
            "LastSuccessfulEvaluationTime": place.ago(days=5),
        },
    )
    _expect(place, "fail")


@rules.variant("in_passing", characters={"exemplary": 1, "ordinary": 1})
def in_passing(place: Place) -> None:
    """States that pass, a new rule that did not run yet, and a daily one that did."""
    _put_rules(place, ENOUGH - 4)
    put_rule(place, "evaluated-now", ConfigRuleState="EVALUATING")
    put_rule(place, "cleared-now", ConfigRuleState="DELETING_RESULTS")
    ran = {"LastSuccessfulEvaluationTime": place.ago(days=1)}
    put_rule(place, "daily", ran, **PERIODIC)
    activated = place.ago(days=2)
    new = {
        "FirstActivatedTime": activated,
        "FirstEvaluationStarted": False,
        "LastSuccessfulEvaluationTime": None,
    }
    put_rule(place, "new", new, **PERIODIC)
    put_rule(place, "on-its-way-out", {"LastErrorCode": "Gone"}, ConfigRuleState="DELETING")
    _expect(place, "pass", until=activated + WEEK + MOMENT, then="fail")


@rules.variant("late", characters={"ordinary": 1, "neglected": 2})
def late(place: Place) -> None:
    """A daily rule ran a second too long ago."""
    _put_rules(place)
    ran = {"LastSuccessfulEvaluationTime": place.ago(days=7, seconds=1)}
    put_rule(place, "daily", ran, **PERIODIC)
    _expect(place, "fail")


@rules.variant("of_services", characters={"exemplary": 1, "locked_down": 1})
def of_services(place: Place) -> None:
    """Those of services may fail: they are their business. Those of packs are the customer's."""
    _put_rules(place, ENOUGH - 2)
    put_rule(place, "pack-1-conformance", CreatedBy="config-conforms.amazonaws.com")
    put_rule(place, "organization-1", CreatedBy="config-multiaccountsetup.amazonaws.com")
    error = {"LastErrorCode": "Throttling", "LastFailedInvocationTime": place.ago(hours=1)}
    put_rule(place, "securityhub-1", error, CreatedBy=SECURITY_HUB)
    _expect(place, "pass")


@rules.variant("few", characters={"new": 2, "neglected": 1})
def few(place: Place) -> None:
    """One too few, with those that other facets of the account put."""
    others = [r for r in place.all("config.rules") if r.get("CreatedBy") != SECURITY_HUB]
    _put_rules(place, ENOUGH - 1 - len(others))
    put_rule(place, "securityhub-1", CreatedBy=SECURITY_HUB)
    _expect(place, "fail")


@rules.variant("never_evaluated", characters={"neglected": 1, "new": 1})
def never_evaluated(place: Place) -> None:
    _put_rules(place)
    never = {"FirstEvaluationStarted": False, "LastSuccessfulEvaluationTime": None}
    put_rule(place, "keys-rotated", never)
    _expect(place, "fail")


@rules.variant("none", characters={"new": 2, "neglected": 1})
def none(place: Place) -> None:
    _expect(place, "fail")


def _put_aggregator(organization: OrganizationPlace, account: str, **source: Any) -> None:
    home = organization.member(account).home
    given = {"RoleArn": f"arn:aws:iam::{account}:role/aggregator", "AllAwsRegions": True}
    home.put(
        "config.aggregators",
        {
            "ConfigurationAggregatorName": "organization",
            "ConfigurationAggregatorArn": home.arn("config", "config-aggregator/organization"),
            "OrganizationAggregationSource": given | source,
            "CreationTime": home.ago(days=100),
            "LastUpdatedTime": home.ago(days=100),
            "_sources": [
                {
                    "SourceId": organization.world.organization.id,
                    "SourceType": "ORGANIZATION",
                    "AwsRegion": home.region,
                    "LastUpdateStatus": "SUCCEEDED",
                    "LastUpdateTime": home.moving(minutes=40),
                }
            ],
        },
    )
    arn = home.arn("config", "config-aggregator/organization")
    home.expect(FRESH, "pass", resource=arn)


def _administrator(organization: OrganizationPlace) -> str:
    return organization.world.organization.delegated_administrator or MANAGEMENT_ID


@aggregators.variant("by_the_administrator")
def by_the_administrator(organization: OrganizationPlace) -> None:
    _put_aggregator(organization, _administrator(organization))
    organization.expect(AGGREGATED, "pass")


@aggregators.variant("of_some_regions")
def of_some_regions(organization: OrganizationPlace) -> None:
    _put_aggregator(
        organization,
        _administrator(organization),
        AllAwsRegions=False,
        AwsRegions=[organization.world.regions[0]],
    )
    organization.expect(AGGREGATED, "fail")


@aggregators.variant("by_the_management_account")
def by_the_management_account(organization: OrganizationPlace) -> None:
    _put_aggregator(organization, MANAGEMENT_ID)
    organization.expect(AGGREGATED, "pass")


@aggregators.variant("nowhere")
def nowhere(organization: OrganizationPlace) -> None:
    organization.expect(AGGREGATED, "fail")
