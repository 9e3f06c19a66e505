"""Facts of CloudFormation: stacks, their templates, change sets and history, and stack sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from findings.facts.base import Fact, Record, Scope
from findings.facts.secrets import SecretHit

SNAPSHOT_BY_DEFAULT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
FINISHED_WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")


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
    ``drifted_resources`` is None unless the stack is DRIFTED. Of outputs only names, secret hits
    and the BootstrapVersion of the CDK are kept.
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
    is_termination_protected: bool
    is_rollback_disabled: bool | None
    rollback_triggers: tuple[str, ...]
    rollback_monitoring_minutes: int | None
    change_set_id: str | None
    last_operations: tuple[str, ...]
    outputs: tuple[str, ...]
    secret_rules: int
    output_secrets: tuple[SecretHit, ...]
    bootstrap_version: int | None
    drift_status: str | None
    drift_checked_at: datetime | None
    drifted_resources: tuple[DriftedResource, ...] | None

    @property
    def is_nested(self) -> bool:
        return bool(self.parent_id)

    @property
    def is_under_review(self) -> bool:
        """Whether it was made by a change set that was never executed: nothing is deployed."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def changed_at(self) -> datetime:
        """When the last operation on the stack began, as far as the stack itself tells."""
        updated: datetime | None = self.updated_at
        return updated or self.created_at


class TemplateResource(Record):
    """A resource as the processed template declares it; None where an attribute is absent.

    ``is_cluster_member`` is true of a DB instance whose data its cluster holds.
    """

    logical_id: str
    type: str
    deletion_policy: str | None
    update_replace_policy: str | None
    is_cluster_member: bool
    runtime: str | None

    @property
    def on_deletion(self) -> str:
        """What becomes of it when its stack is deleted; databases get a snapshot by default.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        """
        default = "Snapshot" if self.type in SNAPSHOT_BY_DEFAULT else "Delete"
        return self.deletion_policy or default

    @property
    def on_replacement(self) -> str:
        """What becomes of the old one when an update replaces it."""
        return self.update_replace_policy or "Delete"


class TemplateParameter(Record):
    """A parameter that a template asks for; its value and default are not kept.

    ``is_hidden`` is its NoEcho. ``default`` is none (or empty), text, dynamic_reference (to where
    the value is kept), or parameter_name (of a parameter of Systems Manager).
    """

    name: str
    type: str
    is_hidden: bool
    default: str


class Template(
    Fact,
    kind="cloudformation.template",
    identity=("stack",),
    version=2,
    since={"parameters": 2, "unresolved_runtimes": 2},
):
    """The deployed template of a stack, after its transforms; its body is not kept.

    ``metadata`` holds the short texts of its Metadata whose key names a version or commit.
    ``size`` is in bytes; of JSON, without the blanks between its parts. ``unresolved_runtimes`` are
    the logical ids of functions that have a runtime of which the template does not tell the value.
    """

    stack: str
    size: int
    metadata: dict[str, str]
    parameters: tuple[TemplateParameter, ...]
    resources: tuple[TemplateResource, ...]
    unresolved_runtimes: tuple[str, ...]


class ChangeSet(Record):
    """A change set of a root stack; it is available when it can be executed."""

    name: str
    status: str | None
    execution_status: str | None
    created_at: datetime | None

    @property
    def is_available(self) -> bool:
        return self.execution_status == "AVAILABLE"


class PendingChange(Record):
    """A change that an AVAILABLE change set would make to the stack or to one nested in it."""

    change_set: str
    logical_id: str
    type: str
    action: str | None
    replacement: str | None
    policy_action: str | None


class ChangeSetSize(Record):
    """How many changes a change set makes, or made, with those in nested stacks."""

    change_set: str
    created_at: datetime | None
    changes: int


class ChangeSets(
    Fact,
    kind="cloudformation.change_sets",
    identity=("stack",),
    version=2,
    since={"sizes": 2},
):
    """The change sets of one root stack; a stack without any has an empty list.

    ``sizes`` are of those that can be executed, or were and are at most 90 days old.
    """

    stack: str
    change_sets: tuple[ChangeSet, ...]
    pending_changes: tuple[PendingChange, ...]
    sizes: tuple[ChangeSetSize, ...]


class StackOperation(Record):
    """A finished operation on a root stack: ``status`` is what the stack came to."""

    stack: str
    started_at: datetime | None
    ended_at: datetime
    status: str
    first_failure: str | None

    @property
    def succeeded(self) -> bool:
        return self.status in FINISHED_WELL


class StackHistory(
    Fact,
    kind="cloudformation.stack_history",
    identity=("region",),
    volatile=("known_from", "known_until", "operations"),
):
    """The operations on a region's root stacks that ended in the time given, oldest first."""

    region: str
    known_from: datetime
    known_until: datetime
    operations: tuple[StackOperation, ...]

    @property
    def known_for(self) -> timedelta:
        return self.known_until - self.known_from


class StackSet(
    Fact,
    kind="cloudformation.stack_set",
    scope=Scope.ORGANIZATION,
    identity=("name",),
    volatile=("drift_checked_at",),
    version=2,
    since={"regions": 2},
):
    """An active stack set of the administrator account; the counts are of its last drift check.

    ``regions`` are those that it has instances in.
    """

    name: str
    id: str
    permission_model: str | None
    deploys_automatically: bool
    tags: dict[str, str]
    drift_status: str | None
    drift_checked_at: datetime | None
    drifted_instances: int | None
    failed_instances: int | None
    instances: int | None
    regions: tuple[str, ...]
