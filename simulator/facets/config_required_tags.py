"""Whether rules or tag policies ask resources for their owner.

This facet comes after that of the recorders by its name: rules count where something is recorded.
"""

import json
from typing import Any

from simulator.facets.base import ACCOUNT, Facet
from simulator.facets.config import has_recorder
from simulator.facets.config_rules import put_rule
from simulator.places import AccountPlace, Place

tags = Facet("config.required_tags", level=ACCOUNT)

OWNED = "config_ownership_tag_rule_deployed"


def _put_rule(place: Place, *keys: str, name: str = "required-tags", **changed: Any) -> None:
    given = {f"tag{number}Key": key for number, key in enumerate(keys, start=1)}
    source = {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"}
    put_rule(place, name, Source=source, InputParameters=json.dumps(given), **changed)


def _recording(account: AccountPlace) -> list[Place]:
    """The regions whose recorder can be seen."""
    collected = [p for p in account.regions() if account.world.is_collected(p.account, p.region)]
    return [place for place in collected if has_recorder(place)]


def _expect_of_rules(account: AccountPlace) -> None:
    """Without a recorder the rules evaluate nothing."""
    account.expect(OWNED, "pass" if _recording(account) else "fail")


def _put_policy(account: AccountPlace, **tag_policies: dict[str, Any]) -> None:
    account.put("organizations.tag_policies", {"tags": tag_policies})


@tags.variant("by_a_rule", characters={"exemplary": 3, "ordinary": 2})
def by_a_rule(account: AccountPlace) -> None:
    for place in account.regions():
        _put_rule(place, "Owner", "Environment", "Team")
    _expect_of_rules(account)


@tags.variant("by_two_rules", characters={"ordinary": 1, "locked_down": 1})
def by_two_rules(account: AccountPlace) -> None:
    for place in account.regions():
        _put_rule(place, "Owner")
        _put_rule(place, "Environment", name="environment", ConfigRuleState="EVALUATING")
    _expect_of_rules(account)


@tags.variant("at_home_only", characters={"neglected": 1, "ordinary": 1})
def at_home_only(account: AccountPlace) -> None:
    _put_rule(account.home, "Owner", "Environment")
    account.expect(OWNED, "pass" if _recording(account) == [account.home] else "fail")


@tags.variant("of_one_tag", characters={"neglected": 1, "ordinary": 1})
def of_one_tag(account: AccountPlace) -> None:
    """Neither the rules nor the policy speak of both, and a rule that goes asks for nothing."""
    for place in account.regions():
        _put_rule(place, "Owner")
    _put_rule(account.home, "Environment", name="environment", ConfigRuleState="DELETING")
    _put_policy(account, environment={"tag_key": "Environment"})
    account.expect(OWNED, "fail")


@tags.variant("by_a_policy", characters={"exemplary": 1, "new": 1, "locked_down": 1})
def by_a_policy(account: AccountPlace) -> None:
    _put_policy(account, owner={"tag_key": "Owner"}, Environment={"tag_value": ["production"]})
    account.expect(OWNED, "pass")


@tags.variant("of_other_tags", characters={"new": 1, "neglected": 1})
def of_other_tags(account: AccountPlace) -> None:
    """Keys differ by their spelling."""
    _put_policy(account, owner={"tag_key": "owner"}, costcenter={"tag_key": "CostCenter"})
    account.expect(OWNED, "fail")


@tags.variant("none", characters={"new": 2, "neglected": 2, "ordinary": 1})
def none(account: AccountPlace) -> None:
    account.expect(OWNED, "fail")
