from __future__ import annotations

from datetime import datetime

from accounts.services.organizations import organization_save
from findings.configuration.differences import Change
from findings.configuration.fields import Groups, Text, Texts
from findings.configuration.shapes import Entry, Shape
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names

ENVIRONMENT_RULE = (
    Text(name="tag"),
    Texts(name="values"),
    Text(name="ou"),
    Text(name="environment"),
)


class OrganizationSettings(Section):
    """What is scanned, and what counts as which environment; not how accounts are entered."""

    shape = Shape(
        name="organization",
        is_single=True,
        fields=(
            Text(name="time_zone", required=True),
            Text(name="home_region", required=True),
            Texts(name="regions", required=True),
            Groups(name="environment_rules", required=True, fields=ENVIRONMENT_RULE),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        values = {
            field.name: getattr(names.organization, field.name) for field in self.shape.fields
        }
        return [self.shape.of_row(values)]

    def change(self, change: Change, at: Import) -> None:
        for name, value in change.after.values.items():
            setattr(at.organization, name, value)
        organization_save(actor=at.actor, organization=at.organization, now=at.now)
