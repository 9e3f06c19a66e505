"""Facts of CloudFormation: stacks, their templates, change sets and history, and stack sets."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record


class SecretHit(Record):
    """Where something looks like a secret, and by which pattern; never the text itself."""

    location: str
    pattern: str


class DriftedResource(Record):
    """A resource that differs from its template; ``differences`` are paths of properties.

    The status is MODIFIED or DELETED. Values are not kept: they may be secrets.
    """

    logical_id: str
    type: str
    status: str
    differences: tuple[str, ...]


class Stack(
    Fact,
    kind="cloudformation.stack",
    identity=("name",),
    volatile=("drift_checked_at",),
):
    """A stack that is not deleted, nested ones included.

    ``status`` is the StackStatus as AWS writes it; ``parent_id`` and ``root_id`` are the stack ids
    above a nested stack. ``drift_status`` is None where CloudFormation says nothing of drift;
    ``drifted_resources`` is None unless the stack is DRIFTED. Of outputs only names, secret hits and
    the BootstrapVersion of the CDK are kept.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
    """

    name: str
    id: str
    status: str
    status_reason: str | None
    description: str | None
    created_at: datetime
    updated_at: datetime | None
    deletion_started_at: datetime | None
    parent_id: str | None
    root_id: str | None
    tags: dict[str, str]
    role_arn: str | None
    notification_arns: tuple[str, ...]
    capabilities: tuple[str, ...]
    is_termination_protected: bool | None
    is_rollback_disabled: bool | None
    rollback_triggers: tuple[str, ...]
    rollback_monitoring_minutes: int | None
    change_set_id: str | None
    last_operations: tuple[str, ...]
    outputs: tuple[str, ...]
    output_secrets: tuple[SecretHit, ...]
    bootstrap_version: str | None
    drift_status: str | None
    drift_checked_at: datetime | None
    drifted_resources: tuple[DriftedResource, ...] | None

    @property
    def is_nested(self) -> bool:
        return bool(self.parent_id)

    @property
    def changed_at(self) -> datetime:
        """When the last operation on the stack began, as far as the stack itself tells."""
        updated: datetime | None = self.updated_at
        return updated or self.created_at
