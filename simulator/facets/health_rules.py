"""Who hears of AWS Health events: each account by a rule, or the organization by its administrator.

The administrator of Health is the security account; what stands there decides for all accounts.
"""

from collections.abc import Callable
from typing import Any

from simulator.facets.base import ACCOUNT, ORGANIZATION, Facet
from simulator.facets.event_rules import RULES, put_rule, target
from simulator.facets.topics import put_topic
from simulator.places import AccountPlace, OrganizationPlace, Place

view = Facet("events.health_view", level=ORGANIZATION)
health = Facet("events.health", level=ACCOUNT)

CHECK = "eventbridge_health_events_routed"
HEALTH = {"source": ["aws.health"]}
NAME = "on-health"


def _rule(place: Place, *targets: dict[str, Any], **changed: Any) -> None:
    """A rule that starts a function, and by that responds, unless other targets are given."""
    responds = not targets and changed.get("State") != "DISABLED"
    given = targets or (target(place, "function"),)
    put_rule(place, NAME, HEALTH, *given, _responds=responds, **changed)


@view.variant("absent")
def absent(organization: OrganizationPlace) -> None:
    """The administrator has a rule, but it is disabled."""
    _put_view(organization, State="DISABLED")


@view.variant("present")
def present(organization: OrganizationPlace) -> None:
    _put_view(organization)


def _put_view(organization: OrganizationPlace, **changed: Any) -> None:
    administrator = organization.world.organization.delegated_administrator
    if administrator is not None:
        _rule(organization.member(administrator).home, **changed)


def _is_viewed(account: AccountPlace) -> bool:
    administrator = account.world.organization.delegated_administrator
    if administrator is None:
        return False
    rules = account.world.organization_place.member(administrator).home.all(RULES)
    return any(rule["Name"] == NAME and rule["State"] == "ENABLED" for rule in rules)


def _stands(account: AccountPlace, put: Callable[[Place], None], *, is_routed: bool) -> None:
    """What stands in the administrator's own account is the organization's facet alone."""
    if account.account.id == account.world.organization.delegated_administrator:
        is_routed = False
    else:
        put(account.home)
    account.expect(CHECK, "pass" if is_routed or _is_viewed(account) else "fail")


@health.variant("routed", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def routed(account: AccountPlace) -> None:
    _stands(account, _rule, is_routed=True)


@health.variant("unrouted", characters={"neglected": 3, "ordinary": 1, "new": 2})
def unrouted(account: AccountPlace) -> None:
    _stands(account, lambda home: None, is_routed=False)


@health.variant("to_a_topic", characters={"ordinary": 1, "exemplary": 1})
def to_a_topic(account: AccountPlace) -> None:
    _stands(account, lambda home: _rule(home, target(home, "topic")), is_routed=True)


@health.variant("unheard", characters={"neglected": 1, "new": 1})
def unheard(account: AccountPlace) -> None:
    """Nobody has confirmed a subscription to the topic."""

    def put(home: Place) -> None:
        _rule(home, {"Arn": put_topic(home, "nobody", confirmed=0, pending=2)})

    _stands(account, put, is_routed=False)


@health.variant("by_user_notifications", characters={"ordinary": 1})
def by_user_notifications(account: AccountPlace) -> None:
    manager = "notifications.amazonaws.com"
    _stands(account, lambda home: _rule(home, ManagedBy=manager), is_routed=True)


@health.variant("in_another_region", characters={"ordinary": 1})
def in_another_region(account: AccountPlace) -> None:
    """Global events are told in the home region, where there is no rule."""
    regions = account.regions()
    if (
        len(regions) > 1
        and account.account.id != account.world.organization.delegated_administrator
    ):
        _rule(regions[1])
    _stands(account, lambda home: None, is_routed=False)


@health.variant("of_another_service", characters={"neglected": 1})
def of_another_service(account: AccountPlace) -> None:
    def put(home: Place) -> None:
        pattern = {"source": ["aws.healthlake"]}
        put_rule(home, NAME, pattern, target(home, "function"), _responds=True)

    _stands(account, put, is_routed=False)
