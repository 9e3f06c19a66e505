"""Carry out a plan on a tracker, step by step; each step is kept before the next begins.

Without rows: what is kept is the caller's business. A step that is repeated, because its worker
died before it was kept, finds itself done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from findings.ticketing import block
from findings.ticketing.base import Base, remote_values
from findings.ticketing.merge import Change, Plan, labels_changed, moved, written
from findings.ticketing.state import (
    DesiredTicket,
    Field,
    RemoteIssue,
    StatusCategory,
    StatusDemand,
)
from workers.trackers.base import (
    Capabilities,
    FieldChanges,
    Json,
    NewIssue,
    Tracker,
    TransitionOption,
)
from workers.trackers.errors import Blocked, BlockedReason

Keep = Callable[[Base, str, Sequence[Change]], None]
"""Keeps a base after a step: its operation, and what it changed there."""


def new_issue(desired: DesiredTicket, capabilities: Capabilities) -> NewIssue:
    """What an issue is made of; only what the tracker holds."""
    held = capabilities.fields
    return NewIssue(
        marker=desired.marker,
        title=desired.title,
        description=block.put("", desired.marker, desired.block),
        priority=desired.priority if Field.PRIORITY in held else "",
        due_date=desired.due_date if Field.DUE_DATE in held else None,
        labels=desired.labels if Field.LABELS in held else frozenset(),
    )


def carry_out(
    *,
    tracker: Tracker,
    desired: DesiredTicket,
    remote: RemoteIssue,
    plan: Plan,
    preferred: Mapping[StatusCategory, str],
    fields: Mapping[str, Json],
    keep: Keep,
) -> Base:
    """Write what the plan says: fields, then comments, then the move.

    ``preferred`` maps categories to ids of statuses to choose where several would do; ``fields``
    gives values for what a move requires. A blocked step does not keep the next ones from their
    turn; its error is raised at the end.
    """
    base, blocked = plan.base, None
    if plan.writes:
        changes = _changes(base, desired, remote, plan)
        try:
            told = tracker.update_fields(
                remote.external_id, changes, expected_version=remote.version
            )
            base = written(base, desired, told, plan.writes)
            keep(base, "update_fields", _field_changes(desired, remote, told, plan))
        except Blocked as error:
            blocked = error
    try:
        for comment in plan.comments:
            tracker.comment(remote.external_id, comment)
            base = replace(base, our_comments=base.our_comments | {comment.id})
            keep(base, "comment", [Change(field="comment", old="", new=comment.body)])
    except Blocked as error:
        blocked = blocked or error
    if plan.move:
        base = _move(tracker, remote, base, plan.move, preferred, fields, keep)
    if blocked:
        raise blocked
    return base


def _changes(base: Base, desired: DesiredTicket, remote: RemoteIssue, plan: Plan) -> FieldChanges:
    writes = plan.writes
    due_date = writes.get(Field.DUE_DATE)
    added, removed = labels_changed(base, desired, remote)
    described = None
    if Field.BLOCK in writes:
        before = base.sent.get(Field.BLOCK)
        described = block.put(
            remote.description,
            desired.marker,
            desired.block,
            before=before if isinstance(before, str) else "",
        )
    return FieldChanges(
        title=desired.title if Field.TITLE in writes else None,
        description=described,
        priority=desired.priority if Field.PRIORITY in writes else None,
        due_date=due_date if isinstance(due_date, date) else None,
        clears_due_date=Field.DUE_DATE in writes and due_date is None,
        labels_added=added if Field.LABELS in writes else frozenset(),
        labels_removed=removed if Field.LABELS in writes else frozenset(),
    )


def _move(
    tracker: Tracker,
    remote: RemoteIssue,
    base: Base,
    demand: StatusDemand,
    preferred: Mapping[StatusCategory, str],
    fields: Mapping[str, Json],
    keep: Keep,
) -> Base:
    options = tracker.transition_options(remote.external_id)
    option = chosen(options, demand.category, preferred)
    missing = tuple(name for name in option.required_fields if name not in fields)
    if missing:
        raise Blocked(
            f"the move {option.name!r} requires {', '.join(missing)}; give a value in the route",
            reason=BlockedReason.REQUIRED_FIELD,
            fields=missing,
        )
    given = {name: fields[name] for name in option.required_fields}
    told = tracker.transition(remote.external_id, option, fields=given)
    base = moved(base, demand, told)
    old = remote.status_name or remote.status_category.value
    keep(base, "transition", [Change(field="status", old=old, new=option.name)])
    return base


def _field_changes(
    desired: DesiredTicket, remote: RemoteIssue, told: RemoteIssue, plan: Plan
) -> list[Change]:
    """What was written, but for what they left as it was: they have no place for it."""
    before, after = remote_values(remote, desired.marker), remote_values(told, desired.marker)
    return [
        Change(field=name.value, old=before[name], new=value)
        for name, value in plan.writes.items()
        if before[name] != after[name]
    ]


def chosen(
    options: tuple[TransitionOption, ...],
    category: StatusCategory,
    preferred: Mapping[StatusCategory, str],
) -> TransitionOption:
    """The move into a category: to its preferred status, else the one that requires least.

    Where one that is not done is wanted, either of the two will do. Raises :class:`Blocked`.
    """
    is_done = category is StatusCategory.DONE
    able = [
        option
        for option in options
        if (option.category is StatusCategory.DONE) == is_done and not option.is_wont_do
    ]
    if not able:
        raise Blocked(
            f"no move from here leads to a status that is {category.value.replace('_', ' ')}",
            reason=BlockedReason.NO_TRANSITION,
        )
    return min(
        able,
        key=lambda option: (
            option.status_id != preferred.get(category, ""),
            option.category is not category,
            len(option.required_fields),
            option.id,
        ),
    )
