from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from accounts.access import Permission, require
from accounts.models import Team
from accounts.services.audit import audit_record


@transaction.atomic
def team_save(
    *, actor: User | None, team: Team, members: Iterable[User] | None = None, now: datetime
) -> Team:
    """Save a new team or one that carries new values, and its members if they are given."""
    stored = Team.objects.select_for_update().filter(pk=team.pk).first()
    require(actor, Permission.ADMINISTER, stored or team)
    if stored and stored.organization_id != team.organization_id:
        raise ValidationError({"organization": "A team stays in its organization."})
    before = _state(stored) if stored else None
    team.full_clean()
    team.save()
    if members is not None:
        team.members.set(members)
    after = _state(team)
    if before != after:
        action = "team.change" if stored else "team.create"
        audit_record(actor=actor, action=action, target=team, before=before, after=after, now=now)
    return team


@transaction.atomic
def team_delete(*, actor: User | None, team: Team, now: datetime) -> None:
    """Delete a team with its grants; refused while rules, accounts or statements name it."""
    require(actor, Permission.ADMINISTER, team)
    audit_record(
        actor=actor, action="team.delete", target=team, before=_state(team), after=None, now=now
    )
    try:
        team.delete()
    except ProtectedError as error:
        raise ValidationError(
            f"{team} is named by ownership rules, owns accounts, or answers for declared tools or"
            " attestations. Change those rules first."
        ) from error


def _state(team: Team) -> dict[str, object]:
    members = team.members.order_by("username").values_list("username", flat=True)
    return {"name": team.name, "members": list(members)}
