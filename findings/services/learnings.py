"""What incidents taught, and whether it is guarded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.catalogue.best_practices import best_practices
from findings.models import ActionItem, IncidentEvent, Learning, LearningLabel
from findings.one_line import one_line
from findings.services.incident_access import incident_event_append, require_on_incident
from findings.services.incidents import names_checked, refuse_unknown_checks

Labels = Mapping[LearningLabel.Kind, Iterable[str]]


@transaction.atomic
def learning_add(
    *, actor: User | None, learning: Learning, labels: Labels, now: datetime
) -> Learning:
    """Save a new statement with its labels. Raises ValidationError by field."""
    require_on_incident(actor, Permission.CONTRIBUTE, learning.incident)
    learning.organization = learning.incident.organization
    learning.author, learning.learnt_at, learning.state_since = actor, now, now
    learning.state = Learning.State.OPEN
    for name in ("when", "then", "guard"):
        setattr(learning, name, one_line(getattr(learning, name)))
    learning.full_clean(exclude=["author"])
    learning.save(force_insert=True)
    LearningLabel.objects.bulk_create(
        LearningLabel(learning=learning, kind=kind, name=name)
        for kind, names in labels.items()
        for name in _checked(kind, names)
    )
    audit_record(
        actor=actor,
        action="learning.add",
        target=learning,
        before=None,
        after={"when": learning.when, "then": learning.then, "guard": learning.guard},
        now=now,
    )
    incident_event_append(
        incident=learning.incident,
        kind=IncidentEvent.Kind.LEARNED,
        actor=actor,
        now=now,
        subject=learning,
    )
    return learning


def _checked(kind: LearningLabel.Kind, names: Iterable[str]) -> list[str]:
    field = {LearningLabel.Kind.PRACTICE: "practices"}.get(kind, f"{kind.value}s")
    found = names_checked(field, list(names), longest=128)
    if kind is LearningLabel.Kind.CHECK:
        refuse_unknown_checks(field, found)
    if kind is LearningLabel.Kind.PRACTICE:
        unknown = [name for name in found if name not in best_practices()]
        if unknown:
            raise ValidationError({field: f"The pillar has no best practice {unknown[0]}."})
    return found


def learning_settle(*, learning: Learning, has_regressed: bool = False, now: datetime) -> None:
    """Follow the action items: guarded when all are verified, regressed once a guard fails again.

    Inside the transaction that changed one of them.
    """
    items = ActionItem.objects.filter(learning=learning)
    unverified = items.exclude(state=ActionItem.State.VERIFIED).exists()
    state = Learning.State(learning.state)
    if has_regressed:
        state = Learning.State.REGRESSED
    elif not unverified and items.exists():
        state = Learning.State.GUARDED
    elif state is Learning.State.GUARDED:
        state = Learning.State.OPEN
    if state == learning.state:
        return
    before, learning.state, learning.state_since = learning.state, state, now
    learning.save(update_fields=["state", "state_since"])
    regressed = state is Learning.State.REGRESSED
    incident_event_append(
        incident=learning.incident,
        kind=IncidentEvent.Kind.REGRESSED if regressed else IncidentEvent.Kind.LEARNED,
        actor=None,
        now=now,
        subject=learning,
        before={"state": before},
        after={"state": state.value},
    )
