"""What the checks of alarms say of each alarm, whichever variant put it.

It follows from the alarm's own record; variants declare what depends on more than that.
"""

import re
from datetime import datetime, timedelta

from simulator.facets.base import default_answers
from simulator.facets.topics import listeners
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.places import Place, Record

CONFIGURED = "cloudwatch_alarm_actions_configured"
ENABLED = "cloudwatch_alarm_actions_enabled"
REACHABLE = "cloudwatch_alarm_target_reachable"
DATA = "cloudwatch_alarm_insufficient_data_bounded"
FLAPPING = "cloudwatch_alarm_flapping_bounded"
REVIEWED = "cloudwatch_alarm_reviewed"
STUCK = "cloudwatch_alarm_not_stuck"
RUNBOOK = "cloudwatch_alarm_links_runbook"

MOMENT = timedelta(microseconds=1)
THREE_DAYS = timedelta(days=3)
WEEK, FORTNIGHT, YEAR = timedelta(days=7), timedelta(days=14), timedelta(days=365)
MOST_IN_A_FORTNIGHT = 4 * 14


@default_answers(ALARMS)
def answers(place: Place, alarm: Record) -> None:
    name = alarm["AlarmName"]
    is_scaling = bool(alarm["AlarmActions"]) and all(
        action.split(":")[2] == "autoscaling" for action in alarm["AlarmActions"]
    )
    if is_scaling:
        for check in (CONFIGURED, FLAPPING, REVIEWED, STUCK, RUNBOOK):
            place.expect(check, "not_applicable", resource=name)
    else:
        place.expect(CONFIGURED, _configured(place, alarm), resource=name)
        _expect_flapping(place, alarm)
        configured = alarm["AlarmConfigurationUpdatedTimestamp"]
        _expect_until(place, REVIEWED, name, "pass", configured + YEAR, "fail")
        _expect_stuck(place, alarm)
        place.expect(RUNBOOK, _runbook(place, alarm), resource=name)
    place.expect(ENABLED, "pass" if alarm["ActionsEnabled"] else "fail", resource=name)
    place.expect(REACHABLE, _reachable(place, alarm), resource=name)
    _expect_data(place, alarm)


def _expect_until(
    place: Place, check: str, name: str, status: str, last: datetime, then: str
) -> None:
    """`status` up to and including the instant `last`, `then` after it."""
    if place.ago() > last:
        place.expect(check, then, resource=name)
    else:
        place.expect(check, status, resource=name, until=last + MOMENT, then=then)


def _configured(place: Place, alarm: Record) -> str:
    """A silent alarm may have others that act for it, or stop deployments.

    Of the groups of CodeDeploy those count that can be read.
    """
    if alarm["AlarmActions"]:
        return "pass"
    if any(parent["AlarmActions"] for parent in _above(place, alarm)):
        return "not_applicable"
    groups = place.all("codedeploy.groups")
    for group in groups:
        used = group.get("alarmConfiguration") or {}
        if used.get("enabled") and {"name": alarm["AlarmName"]} in used.get("alarms", ()):
            return "not_applicable"
    return "unknown" if any("_error" in group for group in groups) else "fail"


def _expect_stuck(place: Place, alarm: Record) -> None:
    name = alarm["AlarmName"]
    if alarm["StateValue"] == "ALARM":
        since = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
        _expect_until(place, STUCK, name, "pass", since + THREE_DAYS, "fail")
    else:
        place.expect(STUCK, "pass", resource=name)


def _parents(place: Place, alarm: Record) -> list[Record]:
    """The composite alarms whose rules name it."""
    named = re.compile(rf"(?<![\w-]){re.escape(alarm['AlarmName'])}(?![\w-])")
    others = (other for other in place.all(ALARMS) if other is not alarm)
    return [other for other in others if named.search(other.get("AlarmRule") or "")]


def _above(place: Place, alarm: Record) -> list[Record]:
    """Its parents and theirs; no alarm of this world is above itself."""
    parents = _parents(place, alarm)
    return parents + [above for parent in parents for above in _above(place, parent)]


def _runbook(place: Place, alarm: Record) -> str:
    """The runbooks of this world are web pages, documents and entries of the portal."""
    if _parents(place, alarm):
        return "not_applicable"
    description = alarm.get("AlarmDescription") or ""
    linked = any(mark in description for mark in ("https://", ":ssm:", "runbook:"))
    return "pass" if linked else "fail"


def _reachable(place: Place, alarm: Record) -> str:
    topics = [action for action in alarm["AlarmActions"] if ":sns:" in action]
    heard = [listeners(place, topic) for topic in topics]
    if not topics:
        return "not_applicable"
    if any(count is not None and count < 1 for count in heard):
        return "fail"
    return "unknown" if None in heard else "pass"


def _expect_data(place: Place, alarm: Record) -> None:
    name, configured = alarm["AlarmName"], alarm["AlarmConfigurationUpdatedTimestamp"]
    has_data = alarm["StateValue"] in ("OK", "ALARM")
    if configured + WEEK >= place.ago():
        then = "pass" if has_data else "fail"
        _expect_until(place, DATA, name, "not_applicable", configured + WEEK, then)
    elif has_data:
        place.expect(DATA, "pass", resource=name)
    else:
        since = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
        _expect_until(place, DATA, name, "pass", since + WEEK, "fail")


def _expect_flapping(place: Place, alarm: Record) -> None:
    """Too often, until so many leave the window that the rest is allowed."""
    alarmed = sorted(alarm.get("_alarmed_at", ()), reverse=True)
    if len(alarmed) <= MOST_IN_A_FORTNIGHT:
        place.expect(FLAPPING, "pass", resource=alarm["AlarmName"])
    else:
        last = alarmed[MOST_IN_A_FORTNIGHT] + FORTNIGHT
        _expect_until(place, FLAPPING, alarm["AlarmName"], "fail", last, "pass")
