from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import OwnershipRule
from accounts.services.ownership import ownership_rules_set
from findings.configuration.differences import Difference
from findings.configuration.fields import Reference, Text
from findings.configuration.shapes import Entry, Shape
from findings.services.configuration.base import Import, Section, told_at
from findings.services.configuration.names import Names

CONDITIONS = (
    Text(name="ou", refers=Reference.OU),
    Text(name="account", refers=Reference.ACCOUNT),
    Text(name="tag_key"),
    Text(name="tag_value"),
    Text(name="service"),
    Text(name="check", refers=Reference.CHECK),
    Text(name="region"),
)


class OwnershipRules(Section):
    """Their order says something, and all are set at once: so owners are derived once."""

    shape = Shape(
        name="ownership_rules",
        key=tuple(field.name for field in CONDITIONS),
        is_ordered=True,
        may_repeat=True,
        fields=(Text(name="team", required=True, refers=Reference.TEAM), *CONDITIONS),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rules = names.organization.ownership_rules.select_related("team", "ou", "account")
        return [self.shape.of_row(self._values(rule, names), rule) for rule in rules]

    def write(self, difference: Difference, at: Import) -> None:
        if not difference:
            return
        held = self.shape.keyed(self.read(at.names, at.now))
        wanted = self.shape.keyed(difference.wanted)
        rules = []
        for key, entry in wanted.items():
            rule = held[key].row if key in held else self._new(entry, at)
            rule.team = at.names.team(entry.values["team"])
            with told_at(entry):
                rule.full_clean()
            rules.append(rule)
        ownership_rules_set(actor=at.actor, organization=at.organization, rules=rules, now=at.now)

    def _new(self, entry: Entry, at: Import) -> OwnershipRule:
        given = entry.values
        return OwnershipRule(
            organization=at.organization,
            position=1,
            ou=at.names.ou(given["ou"]),
            account=at.names.account(given["account"]),
            tag_key=given["tag_key"],
            tag_value=given["tag_value"],
            service=given["service"],
            check_id=given["check"],
            region=given["region"],
        )

    def clear(self, difference: Difference, at: Import) -> None:
        """All of it is done already."""

    def _values(self, rule: OwnershipRule, names: Names) -> dict[str, Any]:
        return {
            "team": rule.team.name,
            "ou": names.ou_called(rule.ou),
            "account": rule.account.account_id if rule.account else "",
            "tag_key": rule.tag_key,
            "tag_value": rule.tag_value,
            "service": rule.service,
            "check": rule.check_id,
            "region": rule.region,
        }
