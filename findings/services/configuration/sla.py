from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Severity
from findings.configuration.differences import Change
from findings.configuration.fields import Number, Text
from findings.configuration.shapes import Entry, Shape
from findings.models import SlaRule
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.due_dates import STATE, sla_rule_delete, sla_rule_save


class SlaRules(Section):
    """Within how many days; null is never."""

    shape = Shape(
        name="sla_rules",
        key=("severity", "environment"),
        fields=(
            Text(name="severity", required=True, choices=tuple(s.value for s in Severity)),
            Text(name="environment"),
            Number(name="days", required=True, nullable=True),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rows = SlaRule.objects.filter(organization=names.organization)
        return self.shape.ordered(
            self.shape.of_row({name: getattr(row, name) for name in STATE}, row) for row in rows
        )

    def create(self, entry: Entry, at: Import) -> None:
        rule = SlaRule(organization=at.organization, **entry.values)
        sla_rule_save(actor=at.actor, rule=rule, now=at.now)

    def change(self, change: Change, at: Import) -> None:
        rule: SlaRule = change.before.row
        rule.days = change.after.values["days"]
        sla_rule_save(actor=at.actor, rule=rule, now=at.now)

    def remove(self, entry: Entry, at: Import) -> None:
        sla_rule_delete(actor=at.actor, rule=entry.row, now=at.now)
