from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User

from accounts.models import Team
from accounts.services.teams import team_delete, team_save
from findings.configuration.differences import Change
from findings.configuration.fields import Reference, Text, Texts
from findings.configuration.shapes import Entry, Shape
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names


class Teams(Section):
    shape = Shape(
        name="teams",
        key=("name",),
        fields=(
            Text(name="name", required=True),
            Texts(name="members", is_set=True, refers=Reference.PERSON),
        ),
    )

    def read(self, names: Names, now: datetime) -> list[Entry]:
        teams = names.organization.teams.prefetch_related("members")
        found = [
            self.shape.of_row(
                {"name": team.name, "members": [p.username for p in team.members.all()]}, team
            )
            for team in teams
        ]
        return self.shape.ordered(found)

    def create(self, entry: Entry, at: Import) -> None:
        self._save(Team(organization=at.organization, name=entry.values["name"]), entry, at)

    def change(self, change: Change, at: Import) -> None:
        self._save(change.before.row, change.after, at)

    def remove(self, entry: Entry, at: Import) -> None:
        team_delete(actor=at.actor, team=entry.row, now=at.now)

    def _save(self, team: Team, entry: Entry, at: Import) -> None:
        members = User.objects.filter(username__in=entry.values["members"])
        team_save(actor=at.actor, team=team, members=members, now=at.now)
