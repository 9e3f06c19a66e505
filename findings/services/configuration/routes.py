from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from findings.configuration.differences import Change
from findings.configuration.fields import Group, Json, Number, Reference, Text, TextMap, Texts
from findings.configuration.shapes import Entry, Shape
from findings.models import Route
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.routes import FIELDS, route_delete, route_save, routes_order

SELECTOR = (
    Texts(name="rows"),
    Texts(name="checks", refers=Reference.CHECK),
    Texts(name="severities"),
    Texts(name="ous", refers=Reference.OU_PATH),
    Texts(name="teams", refers=Reference.TEAM),
    Texts(name="environments"),
)


class Routes(Section):
    """The first that takes a finding has it. Credentials stay with the connection."""

    shape = Shape(
        name="routes",
        key=("name",),
        is_ordered=True,
        fields=(
            Text(name="name", required=True),
            Text(name="connection", required=True, refers=Reference.CONNECTION),
            Text(name="project"),
            Text(name="issue_type"),
            Text(name="mode", choices=tuple(Route.Mode.values), otherwise=Route.Mode.OFF.value),
            Group(name="selector", fields=SELECTOR),
            Text(
                name="grouping",
                choices=tuple(Route.Grouping.values),
                otherwise=Route.Grouping.CHECK_TEAM.value,
            ),
            Texts(name="labels"),
            TextMap(name="severity_map"),
            TextMap(name="status_map"),
            Json(name="field_map", otherwise={}),
            Text(
                name="reopen_policy",
                choices=tuple(Route.ReopenPolicy.values),
                otherwise=Route.ReopenPolicy.REOPEN.value,
            ),
            Number(name="max_new", otherwise=20),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rows = names.organization.routes.select_related("connection")
        return [self.shape.of_row(self._values(row), row) for row in rows]

    def create(self, entry: Entry, at: Import) -> None:
        self._save(Route(organization=at.organization), entry, at)

    def change(self, change: Change, at: Import) -> None:
        self._save(change.before.row, change.after, at)

    def remove(self, entry: Entry, at: Import) -> None:
        route_delete(actor=at.actor, route=entry.row, now=at.now)

    def arrange(self, wanted: Sequence[Entry], at: Import) -> None:
        rows = {route.name: route for route in at.organization.routes.all()}
        ordered = [rows[entry.values["name"]] for entry in wanted]
        routes_order(actor=at.actor, organization=at.organization, routes=ordered, now=at.now)

    def _save(self, route: Route, entry: Entry, at: Import) -> None:
        given = dict(entry.values)
        given["connection"] = at.names.connection(given["connection"])
        for name in FIELDS:
            setattr(route, name, given[name])
        route_save(actor=at.actor, route=route, now=at.now)

    def _values(self, route: Route) -> dict[str, Any]:
        return {name: getattr(route, name) for name in FIELDS} | {
            "connection": route.connection.name
        }
