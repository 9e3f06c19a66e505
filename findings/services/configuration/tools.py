from __future__ import annotations

from datetime import datetime
from typing import Any

from findings.catalogue.tools import Tool
from findings.configuration.differences import Change
from findings.configuration.fields import Day, Reference, Text
from findings.configuration.shapes import Entry, Shape
from findings.models import DeclaredTool
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.configuration.parameters import EITHER, PLACE
from findings.services.declared_tools import tool_declare, tool_end

STANDING = (DeclaredTool.State.PLANNED, DeclaredTool.State.ACTIVE)
PLAIN = ("kind", "name", "reason", "starts_on", "ends_on")


class DeclaredTools(Section):
    """What stands in now or will. A declaration never changes: it ends, and another begins."""

    shape = Shape(
        name="declared_tools",
        key=("name", "kind", *EITHER),
        may_repeat=True,
        either=EITHER,
        fields=(
            Text(name="name", required=True),
            Text(name="kind", required=True, choices=tuple(tool.value for tool in Tool)),
            *PLACE,
            Text(name="owner_team", refers=Reference.TEAM),
            Text(name="owner", refers=Reference.PERSON),
            Text(name="reason", required=True),
            Day(name="starts_on", required=True),
            Day(name="ends_on", required=True),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rows = DeclaredTool.objects.filter(organization=names.organization).not_over(now)
        related = ("organization", "ou", "account", "owner_team", "owner")
        return self.shape.ordered(
            self.shape.of_row(self._values(row, names), row)
            for row in rows.select_related(*related)
            if row.state(now) in STANDING
        )

    def is_over(self, entry: Entry, at: Import) -> bool:
        return self._tool(entry, at).ends_at <= at.now

    def create(self, entry: Entry, at: Import) -> None:
        tool, given = self._tool(entry, at), entry.values
        tool.ou, tool.account = at.names.ou(given["ou"]), at.names.account(given["account"])
        tool.owner_team = at.names.team(given["owner_team"])
        tool.owner = at.names.person(given["owner"])
        tool_declare(actor=at.actor, tool=tool, now=at.now)

    def change(self, change: Change, at: Import) -> None:
        self.remove(change.before, at)
        self.create(change.after, at)

    def remove(self, entry: Entry, at: Import) -> None:
        tool_end(actor=at.actor, tool=entry.row, now=at.now)

    def _tool(self, entry: Entry, at: Import) -> DeclaredTool:
        given = {name: entry.values[name] for name in PLAIN}
        return DeclaredTool(organization=at.organization, **given)

    def _values(self, row: DeclaredTool, names: Names) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in PLAIN},
            "ou": names.ou_called(row.ou),
            "account": row.account.account_id if row.account else "",
            "owner_team": row.owner_team.name if row.owner_team else "",
            "owner": row.owner.username if row.owner else "",
        }
