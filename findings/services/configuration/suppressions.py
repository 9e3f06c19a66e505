from __future__ import annotations

from datetime import datetime

from django.conf import settings

from findings.catalogue.pillar import Severity
from findings.configuration.differences import Change
from findings.configuration.fields import Group, Number
from findings.configuration.shapes import Entry, Shape
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names

DAYS = tuple(Number(name=severity.value, required=True) for severity in Severity)


class SuppressionPolicy(Section):
    """How long suppressions may last: of the whole installation, so it is compared, not set."""

    shape = Shape(
        name="suppression_policy",
        is_single=True,
        fields=(Group(name="longest_days", required=True, fields=DAYS),),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        return [self.shape.of_row({"longest_days": settings.SUPPRESSION_DAYS})]

    def change(self, change: Change, at: Import) -> None:
        wanted = change.after.values["longest_days"]
        pairs = ",".join(f"{severity}={days}" for severity, days in wanted.items())
        raise change.after.mistake(
            "this is a setting of the installation, for every organization. Set"
            f" CAIRN_SUPPRESSION_DAYS={pairs} in its environment, or take the section out."
        )
