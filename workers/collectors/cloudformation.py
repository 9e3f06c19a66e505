"""Collector of CloudFormation stacks, with the resources that drifted from their templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation import DriftedResource, Stack
from findings.facts.secrets import RULES_VERSION, SecretHit, secret_in
from workers.collectors.base import (
    Collector,
    Response,
    Session,
    is_without,
    pick,
    tags_of,
    told,
)
from workers.collectors.paging import Items, detail_items

BOOTSTRAP_OUTPUT = "BootstrapVersion"
DIFFERENT = ["MODIFIED", "DELETED"]

DELETED = "DELETE_COMPLETE"
STACK_LISTINGS = ("cloudformation:DescribeStacks", "cloudformation:ListStacks")
"""What is called for the stacks that stand; the second one for the history of stacks, too."""

NOT_TOLD = Gap(
    kind=Stack.kind, reason=GapReason.NOT_SUPPLIED, operation="cloudformation:DescribeStacks"
)
"""A field that AWS tells of every stack was missing."""


@Collector(
    fact=Stack,
    operations=(*STACK_LISTINGS, "cloudformation:DescribeStackResourceDrifts"),
)
def stacks(session: Session) -> Iterator[Stack]:
    for listed in standing_stacks(session):
        try:
            raw, missing = _described(session, listed)
            yield parse_stack(raw, _drifts(session, raw), missing)
        except ClientError as error:
            if not is_gone(error):
                raise


def standing_stacks(session: Session) -> Iterator[Response]:
    """All stacks but deleted ones, in full."""
    if is_without(session, standing_summaries):
        return iter(())
    return session.items("cloudformation", "describe_stacks", "Stacks")


def stack_summaries(session: Session) -> Iterator[Response]:
    """All stacks in short, also those that were deleted in the last 90 days."""
    return session.items("cloudformation", "list_stacks", "StackSummaries")


def standing_summaries(session: Session) -> Iterator[Response]:
    """All stacks but deleted ones, in short."""
    return (raw for raw in stack_summaries(session) if raw.get("StackStatus") != DELETED)


def handle_of(stack: Response) -> str:
    """By what a stack is asked for: its id, which no later stack of the same name shares."""
    handle: str = stack.get("StackId") or stack["StackName"]
    return handle


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that the stack was deleted after it was listed."""
    return is_invalid(error) and "does not exist" in error.response["Error"].get("Message", "")


def is_invalid(error: ClientError) -> bool:
    """Whether it is the one code that CloudFormation has for most of what it does not do."""
    return error.response["Error"].get("Code") == "ValidationError"


def _described(session: Session, listed: Response) -> tuple[Response, Gap | None]:
    """The stack in full. Listings of all stacks have been seen abridged: without termination
    protection and what lies above a nested stack, which only a look-up by name then tells.
    """
    if "EnableTerminationProtection" in listed:
        return listed, None
    client = session.client("cloudformation")
    found = session.detail(client.describe_stacks, StackName=handle_of(listed))
    return (listed, found) if isinstance(found, Gap) else (found["Stacks"][0], None)


def _drifts(session: Session, raw: Response) -> Items | Gap | None:
    if pick(raw, "DriftInformation", "StackDriftStatus") != "DRIFTED":
        return None
    return detail_items(
        session,
        session.client("cloudformation").describe_stack_resource_drifts,
        "StackResourceDrifts",
        StackName=handle_of(raw),
        StackResourceDriftStatusFilters=DIFFERENT,
    )


def parse_stack(raw: Response, drifts: Items | Gap | None, missing: Gap | None = None) -> Stack:
    """``missing`` stands for what an abridged listing leaves out and AWS would not tell."""
    outputs = [output for output in raw.get("Outputs") or () if output.get("OutputKey")]
    triggers = pick(raw, "RollbackConfiguration", "RollbackTriggers", default=())
    return Stack(
        name=raw["StackName"],
        id=told(raw, "StackId", Stack, "cloudformation:DescribeStacks"),
        status=raw["StackStatus"],
        status_reason=raw.get("StackStatusReason"),
        description=raw.get("Description"),
        created_at=raw["CreationTime"],
        updated_at=raw.get("LastUpdatedTime"),
        deletion_started_at=raw.get("DeletionTime"),
        parent_id=raw.get("ParentId", missing),
        root_id=raw.get("RootId", missing),
        tags=tags_of(raw.get("Tags") or ()),
        role_arn=raw.get("RoleARN"),
        notification_arns=tuple(sorted(raw.get("NotificationARNs") or ())),
        capabilities=tuple(sorted(raw.get("Capabilities") or ())),
        is_termination_protected=raw.get("EnableTerminationProtection", missing or NOT_TOLD),
        is_rollback_disabled=_is_rollback_disabled(raw),
        rollback_triggers=tuple(sorted(trigger["Arn"] for trigger in triggers)),
        rollback_monitoring_minutes=pick(raw, "RollbackConfiguration", "MonitoringTimeInMinutes"),
        change_set_id=raw.get("ChangeSetId"),
        last_operations=tuple(
            operation.get("OperationType", "") for operation in raw.get("LastOperations") or ()
        ),
        outputs=tuple(sorted(output["OutputKey"] for output in outputs)),
        secret_rules=RULES_VERSION,
        output_secrets=tuple(_output_secrets(outputs)),
        bootstrap_version=_bootstrap_version(outputs),
        drift_status=pick(raw, "DriftInformation", "StackDriftStatus", default=missing),
        drift_checked_at=pick(raw, "DriftInformation", "LastCheckTimestamp"),
        drifted_resources=drifts if drifts is None else _each(drifts, parse_drifted_resource),
    )


def _each(items: Items | Gap, parse: Callable[[Response], Any]) -> Any:
    return items if isinstance(items, Gap) else tuple(parse(item) for item in items)


def _is_rollback_disabled(raw: Response) -> bool | None:
    """None where AWS says nothing of it; each of the two places may switch it off."""
    told = [raw.get("DisableRollback"), pick(raw, "DeploymentConfig", "DisableRollback")]
    known = [value for value in told if value is not None]
    return any(known) if known else None


def _output_secrets(outputs: Iterable[Response]) -> Iterator[SecretHit]:
    for output in sorted(outputs, key=lambda output: str(output["OutputKey"])):
        pattern = secret_in(output["OutputKey"], output.get("OutputValue", ""))
        if pattern:
            yield SecretHit(location=f"output {output['OutputKey']}", pattern=pattern)


def _bootstrap_version(outputs: Iterable[Response]) -> int | None:
    for output in outputs:
        if output["OutputKey"] == BOOTSTRAP_OUTPUT and output.get("OutputValue", "").isdecimal():
            return int(output["OutputValue"])
    return None


def parse_drifted_resource(raw: Response) -> DriftedResource:
    differences = (
        f"{difference['PropertyPath']} {difference['DifferenceType']}"
        for difference in raw.get("PropertyDifferences") or ()
    )
    return DriftedResource(
        logical_id=raw["LogicalResourceId"],
        type=raw["ResourceType"],
        status=raw["StackResourceDriftStatus"],
        differences=tuple(sorted(differences)),
    )
