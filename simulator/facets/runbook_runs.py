"""How runs of runbooks end, which of them wait, and where recovery is rehearsed."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, ORGANIZATION, RARELY, Facet, account_answers
from simulator.facets.production import is_production
from simulator.facets.runbook_versions import RETIRED
from simulator.facets.runbooks import put_document, put_execution
from simulator.places import AccountPlace, OrganizationPlace, Place, Record

runs = Facet("ssm.automation_runs", level=ACCOUNT)
waiting = Facet("ssm.waiting_runs")  # by its name after the runs of "ssm.runbooks"
recovery = Facet("ssm.recovery", level=ACCOUNT)
elsewhere = Facet("ssm.recovery_rehearsals", level=ORGANIZATION)

SUCCESS_RATE, NOT_STALLED = "ssm_automation_success_rate", "ssm_automation_not_stalled"
RECOVERY = "ssm_recovery_runbook_rehearsed"
WINDOW, LONGEST_WAIT, REHEARSALS = timedelta(days=30), timedelta(hours=24), timedelta(days=180)
MOMENT = timedelta(microseconds=1)
LEAST, LEAST_PERCENT = 5, 90
UNENDED = (
    "InProgress",
    "Pending",
    "PendingApproval",
    "PendingChangeCalendarOverride",
    "RunbookInProgress",
    "Waiting",
)


# how runs end
def _run(place: Place, *statuses: str, days: int = 6, **members: Any) -> None:
    for number, status in enumerate(statuses):
        started = place.ago(days=days, minutes=number)
        put_execution(place, "patch-hosts", status, started, **members)


@runs.variant("steady", characters={"exemplary": 3, "locked_down": 2, "ordinary": 1})
def steady(account: AccountPlace) -> None:
    """Nine of ten; what was cancelled does not count."""
    _run(account.home, *9 * ["Success"], days=4)
    _run(account.home, "Failed", "Cancelled", days=8)


@runs.variant("none", characters={"exemplary": 1, "ordinary": 2, "new": 3, "neglected": 2})
def no_runs(account: AccountPlace) -> None:
    """What stands in the regions decides."""


@runs.variant("flaky", characters={"neglected": 2, "ordinary": 1})
def flaky(account: AccountPlace) -> None:
    _run(account.home, *4 * ["Success"])
    _run(account.home, "Failed", "TimedOut", days=3)


@runs.variant("with_children", characters={"ordinary": 1, "locked_down": 1})
def with_children(account: AccountPlace) -> None:
    """A run over many targets is one run, however its children end."""
    parent = account.uuid("parent")
    _run(account.home, *5 * ["Success"])
    _run(account.home, *4 * ["Failed"], days=5, ParentAutomationExecutionId=parent)


@account_answers
def expect_success_rate(account: AccountPlace, places: list[Place]) -> None:
    found = [run for place in places for run in place.all("ssm.executions") if _counts(run)]
    ends = sorted({run["ExecutionStartTime"] + WINDOW + MOMENT for run in found})
    turns: list[tuple[datetime, str]] = []
    status = first = _success_rate(found)
    for end in ends:
        then = _success_rate([r for r in found if r["ExecutionStartTime"] + WINDOW >= end])
        if then != status:
            turns.append((end, then))
            status = then
    until, turned = turns[0] if turns else (None, None)
    account.expect(SUCCESS_RATE, first, until=until, then=turned, later=tuple(turns[1:]))


def _counts(run: Record) -> bool:
    is_over = run["AutomationExecutionStatus"] in ("Success", "Failed", "TimedOut")
    return is_over and "ParentAutomationExecutionId" not in run


def _success_rate(found: list[Record]) -> str:
    if len(found) < LEAST:
        return "not_applicable"
    groups = [found]
    for name in {run["DocumentName"] for run in found}:
        group = [run for run in found if run["DocumentName"] == name]
        groups += [group] if len(group) >= LEAST else []
    return "pass" if all(_is_good(group) for group in groups) else "fail"


def _is_good(group: list[Record]) -> bool:
    succeeded = [run for run in group if run["AutomationExecutionStatus"] == "Success"]
    return 100 * len(succeeded) >= LEAST_PERCENT * len(group)


# what waits
def _expect_waiting(place: Place) -> None:
    found = place.all("ssm.executions")
    open_ = [r["ExecutionStartTime"] for r in found if r["AutomationExecutionStatus"] in UNENDED]
    if not found:
        place.expect(NOT_STALLED, "not_applicable")
    elif not open_:
        place.expect(NOT_STALLED, "pass")
    elif (end := min(open_) + LONGEST_WAIT + MOMENT) <= place.ago():
        place.expect(NOT_STALLED, "fail")
    else:
        place.expect(NOT_STALLED, "pass", until=end, then="fail")


def _put_waiting(place: Place, status: str, started: datetime) -> None:
    put_execution(place, "approve-release", status, started, ExecutionEndTime=None)


@waiting.variant("none", characters={"exemplary": 3, "ordinary": 2, "new": 3, "locked_down": 3})
def nothing_waits(place: Place) -> None:
    _expect_waiting(place)


@waiting.variant("at_the_limit", characters={"ordinary": 1, "exemplary": 1})
def at_the_limit(place: Place) -> None:
    _put_waiting(place, "PendingApproval", place.ago(hours=24))
    _expect_waiting(place)


@waiting.variant("for_days", characters={"neglected": 2, "ordinary": 1})
def for_days(place: Place) -> None:
    _put_waiting(place, "Waiting", place.ago(days=5))
    _expect_waiting(place)


@waiting.variant("ended", characters={"neglected": 1, "new": 1})
def ended(place: Place) -> None:
    put_execution(place, "approve-release", "Rejected", place.ago(days=5))
    _expect_waiting(place)


@waiting.variant("a_second_too_long", characters=RARELY)
def a_second_too_long(place: Place) -> None:
    _put_waiting(place, "PendingChangeCalendarOverride", place.ago(hours=24, seconds=1))
    _expect_waiting(place)


# recovery
@elsewhere.variant("rehearsed")
def rehearsed(organization: OrganizationPlace) -> None:
    """One production account's runbook runs in another account, by its ARN."""
    for owner, rehearsal in _pair(organization):
        owner.put("ssm.recoveries", {"until": _put_rehearsal(owner, rehearsal)})


@elsewhere.variant("two_of_them")
def two_of_them(organization: OrganizationPlace) -> None:
    """The second one nobody runs: AWS may have forgotten."""
    for owner, rehearsal in _pair(organization):
        _put_rehearsal(owner, rehearsal)
        _put_recovery(owner, "roll-back")
        owner.put("ssm.recoveries", {"until": None})


def _pair(organization: OrganizationPlace) -> list[tuple[Place, Place]]:
    """A production account and one that is none; nothing in worlds without both."""
    world = organization.world
    seen = [a for a in world.accounts if world.is_reachable(a) and not world.denied_operation(a)]
    owner = next((a for a in seen if is_production(a)), None)
    other = next((a for a in seen if a.unit == "Workloads/NonProd"), None)
    if owner is None or other is None:
        return []
    return [(organization.member(owner.id).home, organization.member(other.id).home)]


def _put_recovery(place: Place, name: str) -> None:
    tags = [{"Key": "Purpose", "Value": "Recovery"}, RETIRED]
    put_document(place, name, "not_applicable", Tags=tags)


def _put_rehearsal(owner: Place, rehearsal: Place) -> datetime:
    """Until when it counts."""
    started = rehearsal.ago(days=9)
    _put_recovery(owner, "fail-over")
    put_execution(rehearsal, owner.arn("ssm", "document/fail-over"), "Success", started)
    return started + REHEARSALS + MOMENT


@recovery.variant("as_the_organization_has_it")
def as_the_organization_has_it(account: AccountPlace) -> None:
    if not is_production(account.account):
        account.expect(RECOVERY, "not_applicable")
        return
    found = account.home.all("ssm.recoveries")
    if not found:
        account.expect(RECOVERY, "fail")
    elif found[0]["until"] is None:
        account.expect(RECOVERY, "unknown")
    else:
        account.expect(RECOVERY, "pass", until=found[0]["until"], then="unknown")
