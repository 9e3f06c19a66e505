"""A tracker in memory, with people who work in it and faults that strike when told.

Its clock is its own. Versions grow with every change; searches lag; statuses have ids.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from findings.ticketing import block
from findings.ticketing.state import (
    Field,
    OurComment,
    RemoteComment,
    RemoteIssue,
    Resolution,
    StatusCategory,
)
from workers.trackers.base import (
    Capabilities,
    ChangedIssue,
    Changes,
    FieldChanges,
    Hint,
    IssueRef,
    NewIssue,
    ProbeStep,
    Target,
    TransitionOption,
)
from workers.trackers.errors import Blocked, BlockedReason, Gone, VersionChanged

BEGIN = dt.datetime(2020, 5, 1, tzinfo=dt.UTC)
"""Years behind ours: a time compared with one of ours would show."""
SECOND = dt.timedelta(seconds=1)
STATUSES = {
    "11": StatusCategory.TODO,
    "12": StatusCategory.IN_PROGRESS,
    "13": StatusCategory.DONE,
    "14": StatusCategory.DONE,
}
WONT_DO = "14"
WRITES = {"create", "update_fields", "transition", "comment"}


class Killed(BaseException):
    """The worker is no more."""


@dataclass
class FakeTracker:
    issues: dict[str, RemoteIssue] = field(default_factory=dict)
    created_at: dict[str, dt.datetime] = field(default_factory=dict)
    now: dt.datetime = BEGIN
    capable: Capabilities = field(
        default_factory=lambda: Capabilities(
            fields=frozenset(Field),
            categories=frozenset(StatusCategory),
            index_lag=30 * SECOND,
            tells_wont_do=True,
            title_limit=255,
            description_limit=30_000,
            has_webhooks=True,
        )
    )
    calls: list[str] = field(default_factory=list)
    faults: dict[tuple[str, str], list[BaseException]] = field(default_factory=dict)
    on_call: Callable[[int, str], None] = lambda number, operation: None
    removed_moves: frozenset[str] = frozenset()
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    search_lag: dt.timedelta = dt.timedelta(0)
    rewrites_title: Callable[[str], str] = lambda title: title

    # --- what people do ---
    def edit(self, external_id: str, **changes) -> RemoteIssue:
        self.now += SECOND
        issue = replace(self.issues[external_id], **changes, updated_at=self.now)
        issue = replace(issue, version=str(int(issue.version) + 1))
        self.issues[external_id] = issue
        return issue

    def set_status(self, external_id: str, status_id: str) -> RemoteIssue:
        category = STATUSES[status_id]
        done = Resolution.WONT_DO if status_id == WONT_DO else Resolution.DONE
        return self.edit(
            external_id,
            status_id=status_id,
            status_category=category,
            status_name=f"Status {status_id}",
            resolution=done if category is StatusCategory.DONE else Resolution.NONE,
            status_changed_at=self.now + SECOND,
        )

    def assign(self, external_id: str, person: str) -> RemoteIssue:
        return self.edit(external_id, assignee=person, assignee_changed_at=self.now + SECOND)

    def say(self, external_id: str, body: str) -> RemoteComment:
        words, our_id = block.comment_of(body)
        issue = self.issues[external_id]
        number = f"{external_id}-{len(issue.comments) + 1}"
        comment = RemoteComment(id=number, body=words, our_id=our_id, created_at=self.now)
        self.edit(external_id, comments=(*issue.comments, comment))
        return comment

    @property
    def writes(self) -> list[str]:
        return [operation for operation in self.calls if operation in WRITES]

    # --- the contract ---
    def capabilities(self) -> Capabilities:
        return self.capable

    def probe(self, target: Target) -> tuple[ProbeStep, ...]:
        return (ProbeStep(name="authenticate", is_ok=True, detail="in memory"),)

    def find_by_marker(
        self, target: Target, marker: str, *, since: dt.datetime
    ) -> tuple[IssueRef, ...]:
        with self._call("find_by_marker"):
            return tuple(
                ref_of(issue)
                for external_id, issue in self.issues.items()
                if self.created_at[external_id] + self.search_lag <= self.now
                and (marker in issue.labels or marker in issue.description)
            )

    def create(self, target: Target, issue: NewIssue) -> IssueRef:
        with self._call("create"):
            self.now += SECOND
            external_id = str(1000 + len(self.created_at))
            self.created_at[external_id] = self.now
            self.issues[external_id] = RemoteIssue(
                external_id=external_id,
                key=f"{target.project}-{external_id}",
                url=f"https://tracker.example.com/{external_id}",
                version="1",
                updated_at=self.now,
                status_changed_at=self.now,
                assignee_changed_at=self.now,
                title=self.rewrites_title(issue.title),
                description=issue.description,
                priority=issue.priority,
                due_date=issue.due_date,
                labels=issue.labels | {issue.marker},
                status_id="11",
                status_category=StatusCategory.TODO,
            )
            return ref_of(self.issues[external_id])

    def get(self, external_id: str) -> RemoteIssue:
        with self._call("get"):
            return self._found(external_id)

    def list_changed(self, target: Target, cursor: str) -> Changes:
        with self._call("list_changed"):
            since = dt.datetime.fromisoformat(cursor) if cursor else self.now
            changed = [issue for issue in self.issues.values() if issue.updated_at >= since]
            listed = changed if cursor else []
            return Changes(
                issues=tuple(
                    ChangedIssue(external_id=i.external_id, key=i.key, version=i.version)
                    for i in sorted(listed, key=lambda issue: issue.updated_at)
                ),
                cursor=(self.now - SECOND).isoformat(),
                is_last=True,
            )

    def update_fields(
        self, external_id: str, changes: FieldChanges, *, expected_version: str
    ) -> RemoteIssue:
        with self._call("update_fields"):
            issue = self._found(external_id)
            if issue.version != expected_version:
                raise VersionChanged(f"{issue.key} was changed by somebody else")
            written: dict[str, object] = {
                name: getattr(changes, name)
                for name in ("description", "priority", "due_date")
                if getattr(changes, name) is not None
            }
            if changes.title is not None:
                written["title"] = self.rewrites_title(changes.title)
            if changes.clears_due_date:
                written["due_date"] = None
            labels = issue.labels | changes.labels_added
            return self.edit(external_id, **written, labels=labels - changes.labels_removed)

    def transition_options(self, external_id: str) -> tuple[TransitionOption, ...]:
        with self._call("transition_options"):
            here = self._found(external_id).status_id
            return tuple(
                TransitionOption(
                    id=f"to-{status}",
                    name=f"to {status}",
                    status_id=status,
                    category=category,
                    is_wont_do=status == WONT_DO,
                    required_fields=self.required.get(status, ()),
                )
                for status, category in STATUSES.items()
                if status != here and status not in self.removed_moves
            )

    def transition(
        self, external_id: str, option: TransitionOption, *, fields: Mapping[str, object]
    ) -> RemoteIssue:
        with self._call("transition"):
            self._found(external_id)
            missing = tuple(n for n in self.required.get(option.status_id, ()) if n not in fields)
            if option.status_id in self.removed_moves or missing:
                reason = BlockedReason.REQUIRED_FIELD if missing else BlockedReason.NO_TRANSITION
                raise Blocked("refused", reason=reason, fields=missing)
            return self.set_status(external_id, option.status_id)

    def comment(self, external_id: str, comment: OurComment) -> RemoteComment:
        with self._call("comment"):
            self._found(external_id)
            return self.say(external_id, block.mark_comment(comment.body, comment.id))

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("x-signature") == "right"

    def parse_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        named = body.decode().split()
        return Hint(delivery_id=headers.get("x-delivery", ""), external_ids=tuple(named))

    def _found(self, external_id: str) -> RemoteIssue:
        if external_id not in self.issues:
            raise Gone(f"there is no {external_id}")
        return self.issues[external_id]

    def _call(self, operation: str) -> "_Call":
        return _Call(self, operation)


def ref_of(issue: RemoteIssue) -> IssueRef:
    return IssueRef(external_id=issue.external_id, key=issue.key, url=issue.url)


@dataclass
class _Call:
    """One call: a fault may strike before it does anything, or after it has done everything."""

    tracker: FakeTracker
    operation: str

    def __enter__(self) -> None:
        self.tracker.calls.append(self.operation)
        self._strike("before")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._strike("after")

    def _strike(self, moment: str) -> None:
        self.tracker.on_call(len(self.tracker.calls), f"{moment} {self.operation}")
        waiting = self.tracker.faults.get((moment, self.operation))
        if waiting:
            raise waiting.pop(0)
