"""Stacks of production and their twins in another account, where changes are rehearsed."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet, default_answers
from simulator.facets.production import is_production
from simulator.facets.stack_deployments import is_deployed
from simulator.facets.stack_operations import (
    CREATED,
    DELETED,
    ROLLED_BACK,
    UPDATED,
    Operation,
    operated,
)
from simulator.facets.stack_records import expect_turns, put_deleted, put_stack
from simulator.operations.cloudformation import STACKS
from simulator.places import OrganizationPlace, Place, Record

rehearsals = Facet("cloudformation.rehearsals", level=ORGANIZATION)

REHEARSED = "cloudformation_mock_deployment_before_production"
WINDOW, LEAD, SECOND = timedelta(days=30), timedelta(days=14), timedelta(seconds=1)


@default_answers(STACKS)
def alone(place: Place, stack: Record) -> None:
    """Where no variant says otherwise, no other stack has its name and an operation."""
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    if not is_deployed(place, stack):
        place.expect(REHEARSED, "not_applicable", resource=stack["StackName"])
        return
    changed = stack.get("LastUpdatedTime") or stack["CreationTime"]
    _expect_none(place, stack["StackName"], changed)


def _expect_none(place: Place, name: str, changed: datetime) -> None:
    """A failure as long as everything is known in which a rehearsal may have been."""
    turns = [("fail", changed - LEAD + WINDOW), ("unknown", changed + WINDOW)]
    expect_turns(place, REHEARSED, turns, "not_applicable", resource=name)


def _expect_rehearsed(place: Place, name: str, changed: datetime, rehearsed: datetime) -> None:
    """Until the rehearsal is forgotten."""
    turns = [("pass", rehearsed + WINDOW), ("unknown", changed + WINDOW)]
    expect_turns(place, REHEARSED, turns, "not_applicable", resource=name)


def _pair(organization: OrganizationPlace) -> list[tuple[Place, Place]]:
    """A production account and one that is none; nothing in worlds without both."""
    world = organization.world
    seen = [a for a in world.accounts if world.is_reachable(a) and not world.denied_operation(a)]
    owner = next((a for a in seen if is_production(a)), None)
    other = next((a for a in seen if a.unit == "Workloads/NonProd"), None)
    if owner is None or other is None:
        return []
    return [(organization.member(owner.id).home, organization.member(other.id).home)]


def _put(
    place: Place, name: str, changed: datetime, tags: dict[str, str] | None = None, **members: Any
) -> None:
    stack = put_stack(place, name, LastUpdatedTime=changed, **members)
    stack["Tags"] += [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def _put_twin(
    place: Place,
    name: str,
    *found: Operation,
    tags: dict[str, str] | None = None,
    **members: Any,
) -> None:
    changed = found[-1][0] - timedelta(minutes=4)
    _put(place, name, changed, tags, **operated(place, name, *found), **members)


def _put_invoices(owner: Place, other: Place, changed: datetime, *rehearsed: datetime) -> None:
    _put(owner, "invoices-prod", changed)
    _put_twin(other, "invoices-nonprod", *((at, UPDATED) for at in rehearsed))


@rehearsals.variant("rehearsed")
def rehearsed(organization: OrganizationPlace) -> None:
    """At the limit, and then once more; the rehearsal of vouchers failed."""
    for owner, other in _pair(organization):
        long_ago, changed = owner.ago(days=16), owner.ago(days=5)
        _put_invoices(owner, other, changed, long_ago)
        _expect_rehearsed(owner, "invoices-prod", changed, long_ago)
        at_the_limit = (changed - LEAD, CREATED)
        _put(owner, "RefundsProd", changed)
        _put_twin(other, "RefundsTest", at_the_limit, (other.ago(days=1), UPDATED))
        _expect_rehearsed(owner, "RefundsProd", changed, changed - LEAD)
        _put(owner, "vouchers-prod", changed)
        _put_twin(other, "vouchers-nonprod", (other.ago(days=6), ROLLED_BACK))
        _expect_none(owner, "vouchers-prod", changed)


@rehearsals.variant("in_a_hurry")
def in_a_hurry(organization: OrganizationPlace) -> None:
    """Production a second before its twin, and the twin of refunds a second too early."""
    for owner, other in _pair(organization):
        changed = owner.ago(hours=12)
        _put_invoices(owner, other, changed, owner.ago(days=16), changed + SECOND)
        _expect_none(owner, "invoices-prod", changed)
        _put(owner, "RefundsProd", changed)
        _put_twin(other, "RefundsTest", (changed - LEAD - SECOND, CREATED))
        _expect_none(owner, "RefundsProd", changed)


@rehearsals.variant("in_other_ways")
def in_other_ways(organization: OrganizationPlace) -> None:
    """By application and template, in a stack that is gone, in one of another application."""
    for owner, other in _pair(organization):
        changed, before = owner.ago(hours=2), owner.ago(hours=11)
        _put_invoices(owner, other, changed, before)
        _expect_rehearsed(owner, "invoices-prod", changed, before)
        loyalty: Record = {"tags": {"Application": "loyalty"}, "Description": "Points of customers"}
        _put(owner, "loyalty", changed, **loyalty)
        _put_twin(other, "points", (before, UPDATED), **loyalty)
        _expect_rehearsed(owner, "loyalty", changed, before)
        _put(owner, "coupons", changed, {"Application": "coupons"})
        _put_twin(other, "coupons", (before, UPDATED), tags={"Application": "loyalty"})
        _expect_none(owner, "coupons", changed)
        _put(owner, "stamps-prod", changed)
        gone = operated(other, "stamps-test", (before, CREATED), (changed, DELETED))
        times: Record = {"CreationTime": before, "LastUpdatedTime": None}
        put_deleted(other, "stamps-test", changed, **times, **gone)
        _expect_rehearsed(owner, "stamps-prod", changed, before)
        _put(owner, "gifts-prod", changed, {"no_rehearsal": "the partner has no test system"})
        owner.expect(REHEARSED, "not_applicable", resource="gifts-prod")
