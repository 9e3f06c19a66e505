"""Facts of stack sets: their instances, and the last operation on them."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record, Scope

SKIPPED = "SKIPPED_SUSPENDED_ACCOUNT"


class StackInstance(Record):
    """A stack of a stack set in one account and region.

    ``status`` is CURRENT, OUTDATED or INOPERABLE; ``detailed_status`` is how the last operation on
    it went, None where AWS says nothing of it.
    """

    account: str
    region: str
    status: str | None
    detailed_status: str | None

    @property
    def is_current(self) -> bool:
        failed = self.detailed_status in ("FAILED", "FAILED_IMPORT", "INOPERABLE")
        return self.status == "CURRENT" and not failed


class StackInstances(
    Fact,
    kind="cloudformation.stack_instances",
    scope=Scope.ORGANIZATION,
    identity=("stack_set",),
):
    """The instances of an active stack set; those of accounts that were suspended do not count.

    ``total`` counts instances and ``accounts`` the accounts they are in; ``others`` are those that
    are not current.
    """

    stack_set: str
    total: int
    accounts: int
    others: tuple[StackInstance, ...]


class StackSetOperation(Record):
    """An operation that ended; its status is SUCCEEDED, FAILED or STOPPED.

    Of tolerance and concurrency a count of accounts is told, or a percentage, or neither: then AWS
    tolerates no failure and works on one account after another.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
    """

    action: str | None
    status: str | None
    started_at: datetime
    failed_instances: int | None
    tolerated_count: int | None
    tolerated_percent: int | None
    concurrent_count: int | None
    concurrent_percent: int | None


class StackSetRun(
    Fact,
    kind="cloudformation.stack_set_run",
    scope=Scope.ORGANIZATION,
    identity=("stack_set",),
):
    """The newest operation that changed an active stack set and has ended; None without any."""

    stack_set: str
    latest: StackSetOperation | None
