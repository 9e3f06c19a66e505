"""Facts of CloudTrail's event history: who changed stacks, and by which call."""

from __future__ import annotations

from datetime import datetime, timedelta

from findings.facts.base import Fact, Record
from findings.facts.cloudformation import Stack

CREATE, UPDATE, EXECUTE = "CreateStack", "UpdateStack", "ExecuteChangeSet"
TOLERANCE = timedelta(minutes=1)
"""An event is dated in whole seconds, and before what it brought about."""


class StackChange(Record):
    """A call that created or updated a stack.

    ``stack`` is its name or id, ``change_set`` the name or id of the executed change set. Of who
    called, the kind of identity is kept, and the name of the role if it is one; ``service`` is the
    service of AWS that made the call for somebody, or for itself.
    """

    event: str
    at: datetime
    stack: str | None
    change_set: str | None
    identity: str
    role: str | None
    service: str | None

    def is_of(self, stack: Stack) -> bool:
        """Whether it changed this stack, and not one of the same name before it."""
        if self.at < stack.created_at - TOLERANCE:
            return False
        if self.stack is not None:
            return self.stack in (stack.id, stack.name)
        return self.change_set is not None and self.change_set == stack.change_set_id


class StackChanges(
    Fact,
    kind="cloudtrail.stack_changes",
    identity=("region",),
    volatile=("known_from", "known_until", "changes"),
):
    """The changes of a region's stacks in the time given, oldest first.

    There is none of a region whose stacks all stayed as they are for as long as CloudTrail tells.
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """

    region: str
    known_from: datetime
    known_until: datetime
    changes: tuple[StackChange, ...]

    @property
    def known_for(self) -> timedelta:
        return self.known_until - self.known_from
