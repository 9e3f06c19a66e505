from __future__ import annotations

from datetime import datetime

from findings.configuration.differences import Change
from findings.configuration.fields import Flag, Group, Number, Reference, Text, Texts
from findings.configuration.shapes import Entry, Shape
from findings.models import Schedule
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.schedules import FIELDS, schedule_delete, schedule_save

SELECTION = (
    Texts(name="ous", refers=Reference.OU),
    Texts(name="accounts", refers=Reference.ACCOUNT),
    Texts(name="regions"),
    Texts(name="rows"),
)


class Schedules(Section):
    shape = Shape(
        name="schedules",
        key=("name",),
        fields=(
            Text(name="name", required=True),
            Text(name="cron", required=True),
            Text(name="time_zone", otherwise="UTC"),
            Number(name="jitter_minutes", otherwise=0),
            Flag(name="catches_up", otherwise=True),
            Group(name="selection", fields=SELECTION),
            Flag(name="is_active", otherwise=True),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        rows = Schedule.objects.filter(organization=names.organization)
        found = [
            self.shape.of_row({name: getattr(row, name) for name in FIELDS}, row) for row in rows
        ]
        return self.shape.ordered(found)

    def create(self, entry: Entry, at: Import) -> None:
        self._save(Schedule(organization=at.organization), entry, at)

    def change(self, change: Change, at: Import) -> None:
        self._save(change.before.row, change.after, at)

    def remove(self, entry: Entry, at: Import) -> None:
        schedule_delete(actor=at.actor, schedule=entry.row, now=at.now)

    def _save(self, schedule: Schedule, entry: Entry, at: Import) -> None:
        for name in FIELDS:
            setattr(schedule, name, entry.values[name])
        schedule_save(actor=at.actor, schedule=schedule, now=at.now)
