"""What is watched for on the audit trail: metric filters with alarms, and event rules.

A filter's `_watches` are the kinds of events of which an alarm goes off by it: changes of "trails",
of "recorders", "baseline" (all kinds of the benchmark), or none that is asked for. A rule of events
`_hears` changes of the same kinds.
"""

from collections.abc import Sequence
from typing import Any

from simulator.facets.alarms import put_alarm
from simulator.facets.base import ACCOUNT, ORGANIZATION, RARELY, Facet, account_answers
from simulator.facets.event_rules import RULES, put_rule, target
from simulator.operations.cloudtrail import TRAILS
from simulator.operations.logs import FILTERS
from simulator.organization import MANAGEMENT_ID
from simulator.places import AccountPlace, OrganizationPlace, Place, Record

of_account = Facet("logs.trail_filters", level=ACCOUNT)
of_organization = Facet("logs.organization_filters", level=ORGANIZATION)

CHANGED = "cloudtrail_audit_change_alarmed"
BASELINE = "cloudtrail_baseline_metric_filters_alarmed"
GROUP = "/aws/cloudtrail/trail"
NAMESPACE = "CloudTrailMetrics"
OF_TRAILS = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")
OF_RECORDERS = ("StopConfigurationRecorder", "DeleteDeliveryChannel")


def any_call(*names: str) -> str:
    return "{" + " || ".join(f"($.eventName = {name})" for name in names) + "}"


def put_filter(
    place: Place,
    name: str,
    pattern: str,
    *,
    watches: frozenset[str] = frozenset(),
    alarm: Record | None = None,
    **changed: Any,
) -> None:
    """A filter on the trail's log group and, unless told otherwise, an alarm on its metric."""
    metric = {"metricName": name, "metricNamespace": NAMESPACE, "metricValue": "1"}
    place.put(
        FILTERS,
        {
            "filterName": name,
            "filterPattern": pattern,
            "metricTransformations": [metric],
            "creationTime": int(place.ago(days=90).timestamp() * 1000),
            "logGroupName": GROUP,
            "_watches": watches,
            **changed,
        },
    )
    members = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [], **(alarm or {})}
    put_alarm(place, f"audit-{name}", **members)


CHANGES = frozenset({"trails", "recorders"})
ALL = CHANGES | {"baseline"}


@account_answers
def expect(account: AccountPlace, places: Sequence[Place]) -> None:
    """An account without a trail of its own has none to be changed.

    A rule hears of its own region: of trails at home, of recorders everywhere.
    """
    watched = _watched(account)
    heard = {
        "trails": all(_hears(place, "trails") for place in places if place.all(TRAILS)),
        "recorders": all(_hears(place, "recorders") for place in places),
    }
    is_noticed = all(kind in watched or heard[kind] for kind in CHANGES)
    account.expect(CHANGED, "pass" if is_noticed else "fail")
    account.expect(BASELINE, "pass" if "baseline" in watched else "fail")


def _hears(place: Place, kind: str) -> bool:
    return any(kind in rule.get("_hears", ()) for rule in place.all(RULES))


def _watched(account: AccountPlace) -> set[str]:
    """By trails that log every region and stream; the organization's is another account's."""
    management = account.world.account_place(MANAGEMENT_ID).home
    watched: set[str] = set()
    for place in (account.home, management):
        for trail in place.all(TRAILS):
            is_seen = place is account.home or trail["IsOrganizationTrail"]
            if is_seen and _streams(trail):
                for found in place.all(FILTERS):
                    watched |= found["_watches"] if found["logGroupName"] == GROUP else set()
    return watched


def _streams(trail: Record) -> bool:
    is_whole = trail["_status"]["IsLogging"] and trail["IsMultiRegionTrail"]
    return bool(is_whole and trail.get("CloudWatchLogsLogGroupArn"))


@of_account.variant("none", characters={"neglected": 4, "new": 3, "ordinary": 3})
def none(account: AccountPlace) -> None:
    """Nobody watches the account's own trail."""


@of_account.variant("of_changes", characters={"exemplary": 3, "ordinary": 2, "locked_down": 3})
def of_changes(account: AccountPlace) -> None:
    """One filter for trails, one for recorders; a third one, of a shop, counts other things."""
    put_filter(account.home, "trails", any_call(*OF_TRAILS), watches=frozenset({"trails"}))
    pattern = '{ $.eventSource = "config*" && $.eventName != "Describe*" }'
    put_filter(account.home, "recorders", pattern, watches=frozenset({"recorders"}))
    put_filter(account.home, "errors", "ERROR", logGroupName="/app/orders")


@of_account.variant("of_everything", characters={"exemplary": 1, "locked_down": 1})
def of_everything(account: AccountPlace) -> None:
    put_filter(account.home, "everything", "", watches=ALL)


@of_account.variant("incomplete", characters={"ordinary": 1, "neglected": 1})
def incomplete(account: AccountPlace) -> None:
    """One of the calls on trails is left out."""
    pattern = any_call(*OF_TRAILS[1:], *OF_RECORDERS)
    put_filter(account.home, "changes", pattern, watches=frozenset({"recorders"}))


@of_account.variant("silent", characters={"neglected": 1, "ordinary": 1})
def silent(account: AccountPlace) -> None:
    """The alarm tells nobody."""
    put_filter(account.home, "everything", "", alarm={"actions": ()})


@of_account.variant("muted", characters=RARELY)
def muted(account: AccountPlace) -> None:
    put_filter(account.home, "everything", "", alarm={"ActionsEnabled": False})


@of_account.variant("by_rules", characters={"ordinary": 1, "exemplary": 1})
def by_rules(account: AccountPlace) -> None:
    """In each region, where the changes are made."""
    for place in account.regions():
        pattern = {
            "source": ["aws.cloudtrail", "aws.config"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": [*OF_TRAILS, *OF_RECORDERS]},
        }
        put_rule(place, "on-audit-change", pattern, target(place, "topic"), _hears=CHANGES)


@of_organization.variant("none")
def organization_none(organization: OrganizationPlace) -> None:
    """The organization's trail is watched by nobody."""


@of_organization.variant("of_everything")
def organization_everything(organization: OrganizationPlace) -> None:
    home = organization.member(MANAGEMENT_ID).home
    put_filter(home, "organization", "", watches=ALL)
