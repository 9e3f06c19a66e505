"""Values of parameters: what counts as production, and what holds for single checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from findings.checks.parameters import PRODUCTION
from findings.configuration.differences import Change
from findings.configuration.fields import Field, Json, Reference, Text, Texts
from findings.configuration.shapes import Entry, Shape
from findings.models import ParameterOverride
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.overrides import override_remove, override_set

PLACE: tuple[Field, ...] = (
    Text(name="ou", refers=Reference.OU),
    Text(name="account", refers=Reference.ACCOUNT),
)
EITHER = ("ou", "account")
SELECTOR: tuple[Field, ...] = (
    Text(name="tag"),
    Texts(name="tag_values"),
    Texts(name="environments"),
    Texts(name="ou_paths"),
)
OF_PRODUCTION = Q(check_id="", parameter=PRODUCTION.name)


class _Values(Section):
    """Overrides of some kind: an entry and what it says of check, parameter and value."""

    rows: Q

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rows = ParameterOverride.objects.filter(self.rows, organization=names.organization)
        return self.shape.ordered(
            self.shape.of_row(
                {
                    "ou": names.ou_called(row.ou),
                    "account": row.account.account_id if row.account else "",
                    "reason": row.reason,
                    **self.told(row),
                },
                row,
            )
            for row in rows.select_related("ou", "account")
        )

    def create(self, entry: Entry, at: Import) -> None:
        given = entry.values
        check, parameter, value = self.meant(given)
        override_set(
            actor=at.actor,
            organization=at.organization,
            check=check,
            parameter=parameter,
            value=value,
            ou=at.names.ou(given["ou"]),
            account=at.names.account(given["account"]),
            reason=given["reason"],
            now=at.now,
            registry=at.names.registry,
        )

    def change(self, change: Change, at: Import) -> None:
        self.create(change.after, at)

    def remove(self, entry: Entry, at: Import) -> None:
        override_remove(actor=at.actor, override=entry.row, now=at.now)

    def told(self, row: ParameterOverride) -> dict[str, Any]:
        raise NotImplementedError

    def meant(self, given: Mapping[str, Any]) -> tuple[str, str, Any]:
        raise NotImplementedError


class ProductionSelectors(_Values):
    rows = OF_PRODUCTION
    shape = Shape(
        name="production_selectors",
        key=EITHER,
        either=EITHER,
        fields=(*PLACE, *SELECTOR, Text(name="reason")),
    )

    def told(self, row: ParameterOverride) -> dict[str, Any]:
        return {field.name: row.value.get(field.name, field.default) for field in SELECTOR}

    def meant(self, given: Mapping[str, Any]) -> tuple[str, str, Any]:
        return "", PRODUCTION.name, {field.name: given[field.name] for field in SELECTOR}


class Parameters(_Values):
    rows = ~OF_PRODUCTION
    shape = Shape(
        name="parameters",
        key=("check", "parameter", *EITHER),
        either=EITHER,
        fields=(
            Text(name="check", required=True, refers=Reference.CHECK),
            Text(name="parameter", required=True),
            Json(name="value", required=True),
            *PLACE,
            Text(name="reason"),
        ),
    )

    def told(self, row: ParameterOverride) -> dict[str, Any]:
        return {"check": row.check_id, "parameter": row.parameter, "value": row.value}

    def meant(self, given: Mapping[str, Any]) -> tuple[str, str, Any]:
        return given["check"], given["parameter"], given["value"]
