"""What is to be done when what we want, what they have and how both stood last differ (pure).

Nothing is done where nothing differs, so no exchange causes another. Ours is put where it belongs;
theirs becomes news, which never closes a finding. Times are compared with their own times only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from findings.ticketing.base import Base, Value, desired_values, remote_values
from findings.ticketing.state import (
    DesiredTicket,
    Field,
    OurComment,
    RemoteComment,
    RemoteIssue,
    Resolution,
    StatusCategory,
    StatusDemand,
)

CONTESTED_AFTER = 25
"""So often a field is put back; then somebody means it, and it is shown as drift instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Which fields are ours to write: those of the portal that the tracker holds."""

    fields: frozenset[Field] = frozenset(Field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that was written there, for the log."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMoved:
    """They moved it. *Done* is a claim that a scan verifies, *won't do* a request to suppress."""

    category: StatusCategory
    resolution: Resolution
    name: str
    at: datetime

    @property
    def is_claim(self) -> bool:
        return self.category is StatusCategory.DONE and self.resolution is not Resolution.WONT_DO

    @property
    def is_refusal(self) -> bool:
        return self.category is StatusCategory.DONE and self.resolution is Resolution.WONT_DO


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeChanged:
    before: str
    assignee: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAdded:
    comment: RemoteComment


News = StatusMoved | AssigneeChanged | CommentAdded


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write to them, what to take from them, and the base once that is taken."""

    base: Base
    writes: Mapping[Field, Value] = field(default_factory=dict)
    move: StatusDemand | None = None
    comments: tuple[OurComment, ...] = ()
    news: tuple[News, ...] = ()
    drift: Mapping[Field, Value] = field(default_factory=dict)
    """Fields that are contested, with their value; they are left until a person decides."""
    is_stale: bool = False
    """What was told is older than what was known: nothing can be said, it is to be asked again."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written to them."""
        return not (self.writes or self.move or self.comments)


def three_way(
    base: Base | None, desired: DesiredTicket, remote: RemoteIssue, authority: Authority
) -> Plan:
    """Compare; ``base`` is None before the first comparison."""
    if base is not None and remote.updated_at < base.updated_at:
        return Plan(base=base, is_stale=True)
    ours, theirs = _comments(desired, remote)
    base = base or _first(remote)
    base = replace(base, our_comments=base.our_comments | ours)
    added = [CommentAdded(comment=c) for c in theirs if c.id not in base.their_comments]
    wanted, there = desired_values(desired), remote_values(remote, desired.marker)
    writes, drift = {}, {}
    for name in sorted(authority.fields):
        if _is_left_to_them(name, base, wanted):
            continue
        if _is_level(name, base, wanted, there):
            base = _agreed(base, name, wanted[name], there[name])
        elif _is_contested(name, base, wanted):
            drift[name] = there[name]
        else:
            writes[name] = wanted[name]
    base, move, moved = _status(base, desired.status, remote)
    base, reassigned = _assignee(base, remote)
    return Plan(
        base=replace(
            base,
            version=remote.version,
            updated_at=remote.updated_at,
            their_comments=base.their_comments | {news.comment.id for news in added},
        ),
        writes=writes,
        move=move,
        comments=tuple(c for c in desired.comments if c.id not in base.our_comments),
        news=(*moved, *reassigned, *added),
        drift=drift,
    )


def written(
    base: Base, desired: DesiredTicket, remote: RemoteIssue, fields: Mapping[Field, Value]
) -> Base:
    """The base after these fields were written and they told how the issue stands now.

    Only the fields move: what else they tell is news for the next comparison.
    """
    there = remote_values(remote, desired.marker)
    for name, value in fields.items():
        is_again = name in base.sent and base.sent[name] == value
        put_back = {**base.put_back, name: base.put_back.get(name, 0) + 1 if is_again else 0}
        is_their_way = is_again and name in base.tried and base.tried[name] == there[name]
        if there[name] == value or name is Field.LABELS or is_their_way:
            base = _agreed(base, name, value, there[name])
        else:
            told = {key: known for key, known in base.told.items() if key is not name}
            tried = {**base.tried, name: there[name]}
            base = replace(base, sent={**base.sent, name: value}, told=told, tried=tried)
        base = replace(base, put_back=put_back)
    return replace(base, version=remote.version)


def moved(base: Base, demand: StatusDemand, remote: RemoteIssue) -> Base:
    """The base after a demand for a status was carried out.

    Where they moved it on at once, that is news for the next comparison.
    """
    standing = _standing(base, remote) if _answers(demand, remote.status_category) else base
    return replace(standing, version=remote.version, demand=demand.id)


def labels_changed(
    base: Base, desired: DesiredTicket, remote: RemoteIssue
) -> tuple[frozenset[str], frozenset[str]]:
    """Labels to add and labels of ours to take away; those of others are left."""
    wanted, there = _folded(desired.labels), _folded(remote.labels)
    dropped = _folded(base.sent.get(Field.LABELS)) - wanted
    return (
        frozenset(label for label in desired.labels if label.casefold() not in there),
        frozenset(label for label in remote.labels if label.casefold() in dropped),
    )


def _first(remote: RemoteIssue) -> Base:
    """As if they had just been told that it is to be done, and nothing else."""
    return Base(
        sent={},
        told={},
        version="",
        updated_at=remote.updated_at,
        status_id="",
        status_category=StatusCategory.TODO,
        status_at=remote.status_at,
        assignee_at=remote.assignee_at,
    )


def _comments(
    desired: DesiredTicket, remote: RemoteIssue
) -> tuple[frozenset[str], list[RemoteComment]]:
    """Ids of ours that are there, and theirs.

    The first with a mark of this ticket is ours. A later one with other words quotes it, as a
    reply by mail does.
    """
    known = {comment.id for comment in desired.comments}
    ours: dict[str, str] = {}
    theirs = []
    for comment in remote.comments:
        is_ours = comment.our_id in known
        if not is_ours or comment.body != ours.setdefault(comment.our_id, comment.body):
            theirs.append(comment)
    return frozenset(ours), theirs


def _is_left_to_them(name: Field, base: Base, wanted: Mapping[Field, Value]) -> bool:
    """Where we have no priority or date to give, theirs stands; a date of ours is taken back."""
    if name is Field.PRIORITY:
        return wanted[name] == ""
    return name is Field.DUE_DATE and wanted[name] is None and base.sent.get(name) is None


def _is_level(
    name: Field, base: Base, wanted: Mapping[Field, Value], there: Mapping[Field, Value]
) -> bool:
    ours, theirs = wanted[name], there[name]
    if name is Field.LABELS:
        return _has_labels(base, ours, theirs)
    is_as_told = name in base.told and theirs == base.told[name] and ours == base.sent.get(name)
    return theirs == ours or is_as_told


def _has_labels(base: Base, ours: Value, theirs: Value) -> bool:
    wanted, there, former = map(_folded, (ours, theirs, base.sent.get(Field.LABELS)))
    return wanted <= there and not (former - wanted) & there


def _folded(labels: Value) -> frozenset[str]:
    """Without regard to upper and lower case: to GitHub, a label in another case is the same."""
    given = labels if isinstance(labels, frozenset) else frozenset()
    return frozenset(label.casefold() for label in given)


def _is_contested(name: Field, base: Base, wanted: Mapping[Field, Value]) -> bool:
    is_put_back = name in base.sent and wanted[name] == base.sent[name]
    return is_put_back and base.put_back.get(name, 0) >= CONTESTED_AFTER


def _agreed(base: Base, name: Field, ours: Value, theirs: Value) -> Base:
    if base.sent.get(name) == ours and name in base.told and base.told[name] == theirs:
        return base
    is_new = name in base.sent and base.sent[name] != ours
    return replace(
        base,
        sent={**base.sent, name: ours},
        told={**base.told, name: theirs},
        put_back={**base.put_back, name: 0} if is_new else base.put_back,
    )


def _status(
    base: Base, demand: StatusDemand | None, remote: RemoteIssue
) -> tuple[Base, StatusDemand | None, list[News]]:
    """The move to make, and theirs. What they did later than what a demand answers goes first."""
    if remote.status_at < base.status_at:
        return base, None, []
    now = _standing(base, remote)
    news: list[News] = [_move_of(remote)] if _has_moved(base, remote) else []
    if demand is None or demand.id == base.demand:
        return now, None, news
    if _answers(demand, remote.status_category):  # ours, of which a dead worker knew nothing more
        is_done = remote.status_category is StatusCategory.DONE
        return replace(now, demand=demand.id), None, [] if is_done else news
    if demand.category is not StatusCategory.DONE and _is_later(remote, demand):
        return now, None, news
    return now, demand, news


def _has_moved(base: Base, remote: RemoteIssue) -> bool:
    if not base.status_id:
        return remote.status_category is not StatusCategory.TODO
    is_elsewhere = (remote.status_id, remote.resolution) != (base.status_id, base.resolution)
    changed_at = remote.status_changed_at
    return is_elsewhere or (changed_at is not None and changed_at > base.status_at)


def _answers(demand: StatusDemand, category: StatusCategory) -> bool:
    return (demand.category is StatusCategory.DONE) == (category is StatusCategory.DONE)


def _is_later(remote: RemoteIssue, demand: StatusDemand) -> bool:
    """Whether they moved it after what the demand answers: then they claim anew."""
    return demand.basis is not None and remote.status_at > demand.basis


def _move_of(remote: RemoteIssue) -> StatusMoved:
    return StatusMoved(
        category=remote.status_category,
        resolution=remote.resolution,
        name=remote.status_name,
        at=remote.status_at,
    )


def _standing(base: Base, remote: RemoteIssue) -> Base:
    return replace(
        base,
        status_id=remote.status_id,
        status_category=remote.status_category,
        status_name=remote.status_name,
        resolution=remote.resolution,
        status_at=max(remote.status_at, base.status_at),
    )


def _assignee(base: Base, remote: RemoteIssue) -> tuple[Base, list[News]]:
    if remote.assignee_at < base.assignee_at:
        return base, []
    now = replace(
        base,
        assignee=remote.assignee,
        assignee_name=remote.assignee_name,
        assignee_at=remote.assignee_at,
    )
    changed = AssigneeChanged(
        before=base.assignee, assignee=remote.assignee, name=remote.assignee_name
    )
    return now, [changed] if remote.assignee != base.assignee else []
