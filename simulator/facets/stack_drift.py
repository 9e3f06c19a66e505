"""Whether somebody looks for drift: of stacks, by hand or by a rule, and of stack sets."""

from datetime import datetime, timedelta

from simulator.facets.base import ORGANIZATION, Facet, default_answers
from simulator.facets.stack_answers import CHECKED, DRIFT_RULE
from simulator.facets.stack_records import (
    DRIFT,
    MOMENT,
    NESTED,
    Answers,
    Until,
    nested_in,
    put_stack,
)
from simulator.facets.stack_sets import AUTOMATIC, ON
from simulator.places import OrganizationPlace, Place, Record

cadence = Facet("cloudformation.stacks.drift_cadence")
sets = Facet("cloudformation.stack_sets.drift", level=ORGANIZATION)

SETS = "cloudformation_stackset_drift_in_sync"
WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
NOT_CHECKED = {"StackDriftStatus": "NOT_CHECKED"}


@cadence.variant("kept", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def kept(place: Place) -> None:
    checked = place.ago(days=6)
    drift = {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": checked}
    answers = {CHECKED: Until("pass", checked + WEEK, "fail")}
    put_stack(place, "stock", answers, DriftInformation=drift)
    put_stack(
        place,
        "stock-network",
        {**NESTED, CHECKED: "not_applicable", DRIFT: "not_applicable"},
        DriftInformation=NOT_CHECKED,
        **nested_in(place, "stock"),
    )


@cadence.variant("given_up", characters={"ordinary": 1, "neglected": 2})
def given_up(place: Place) -> None:
    """A second too late."""
    checked = place.ago(days=7, seconds=1)
    drift = {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": checked}
    put_stack(place, "stock", {CHECKED: "fail"}, DriftInformation=drift)


@cadence.variant("never", characters={"neglected": 2, "new": 1})
def never(place: Place) -> None:
    answers = {CHECKED: "fail", DRIFT: "not_applicable"}
    put_stack(place, "stock", answers, DriftInformation=NOT_CHECKED)
    put_stack(place, "stock-reports", answers, DriftInformation=None)


@cadence.variant("by_rule", characters={"exemplary": 1, "ordinary": 1})
def by_rule(place: Place) -> None:
    """A rule that an AWS service made for the organization."""
    place.put(
        "config.rules",
        {
            "ConfigRuleName": "stack-drift",
            "ConfigRuleArn": place.arn("config", "config-rule/config-rule-stack-drift"),
            "ConfigRuleId": "config-rule-stack-drift",
            "Source": {"Owner": "AWS", "SourceIdentifier": DRIFT_RULE},
            "ConfigRuleState": "ACTIVE",
            "CreatedBy": "controltower.amazonaws.com",
            "_status": {
                "FirstActivatedTime": place.ago(days=150),
                "FirstEvaluationStarted": True,
                "LastSuccessfulInvocationTime": place.moving(hours=2),
                "LastSuccessfulEvaluationTime": place.moving(hours=2),
            },
        },
    )
    answers = {CHECKED: "pass", DRIFT: "not_applicable"}
    put_stack(place, "stock", answers, DriftInformation=NOT_CHECKED)


@cadence.variant("young", characters={"new": 2, "ordinary": 1})
def young(place: Place) -> None:
    created = place.ago(days=3)
    answers: Answers = {
        CHECKED: Until("not_applicable", created + WEEK, "fail"),
        DRIFT: "not_applicable",
    }
    put_stack(
        place,
        "stock",
        answers,
        CreationTime=created,
        LastUpdatedTime=None,
        DriftInformation=NOT_CHECKED,
    )


@sets.variant("cleared")
def cleared(organization: OrganizationPlace) -> None:
    _put(organization, "alarms", organization.ago(days=13), answer="pass")
    _put_others(organization)


@sets.variant("found")
def found(organization: OrganizationPlace) -> None:
    checked = organization.ago(days=13)
    _put(organization, "alarms", checked, answer="fail", DriftedStackInstancesCount=1)
    _put_others(organization)


def _put_others(organization: OrganizationPlace) -> None:
    late = organization.ago(days=14, seconds=1)
    _put(organization, "alarms-edge", late, answer="fail")
    fresh = organization.ago(days=1)
    _put(organization, "alarms-old", fresh, answer="fail", FailedStackInstancesCount=2)
    _put(organization, "alarms-new", None, answer="fail")
    _put(organization, "alarms-none", None, answer="not_applicable")


def _put(
    organization: OrganizationPlace,
    name: str,
    checked: datetime | None,
    answer: str,
    **counts: int,
) -> None:
    """A stack set of two regions; one that the check does not apply to has none."""
    organization.expect(AUTOMATIC, "not_applicable", resource=name)
    is_empty = answer == "not_applicable"
    until = checked + FORTNIGHT + MOMENT if checked and answer == "pass" else None
    then = "fail" if until else None
    organization.expect(SETS, answer, resource=name, until=until, then=then)
    details: Record = {
        "DriftStatus": "IN_SYNC",
        "LastDriftCheckTimestamp": checked,
        "TotalStackInstancesCount": 12,
        "DriftedStackInstancesCount": 0,
        "FailedStackInstancesCount": 0,
        **counts,
    }
    organization.put(
        "cloudformation.stack_sets",
        {
            "StackSetName": name,
            "StackSetId": f"{name}:{organization.uuid(name)}",
            "Status": "ACTIVE",
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": ON,
            "Tags": [],
            "Regions": [] if is_empty else list(organization.world.regions[:2]),
            "StackSetDriftDetectionDetails": details if checked else {"DriftStatus": "NOT_CHECKED"},
        },
    )


@default_answers("cloudformation.stack_sets")
def usual(organization: OrganizationPlace, stack_set: Record) -> None:
    """Those that other facets put are checked all the time, or never; some tell no regions."""
    if stack_set["Status"] != "ACTIVE":
        return
    is_checked = "LastDriftCheckTimestamp" in stack_set.get("StackSetDriftDetectionDetails", {})
    status = "pass" if is_checked else "fail"
    if "Regions" not in stack_set:
        status = "unknown"
    organization.expect(SETS, status, resource=stack_set["StackSetName"])
