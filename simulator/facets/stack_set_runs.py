"""Whether stack sets reach all their instances, and how gradually."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet, default_answers
from simulator.facets.stack_records import MOMENT
from simulator.facets.stack_sets import in_sync
from simulator.operations.cloudformation_stack_sets import STACK_SETS
from simulator.places import OrganizationPlace, Record

runs = Facet("cloudformation.stack_sets.runs", level=ORGANIZATION)

AUTOMATIC = "cloudformation_stackset_auto_deployment_enabled"
CURRENT = "cloudformation_stackset_instances_current"
SUCCEED = "cloudformation_stackset_operations_succeed"
WINDOW = timedelta(days=90)
ACCOUNTS = tuple(f"20000000000{number}" for number in range(4))
DONE = ("CURRENT", "SUCCEEDED")


def _put(
    organization: OrganizationPlace,
    name: str,
    current: str,
    instances: Sequence[tuple[str, str | None]],
    operations: Sequence[Record] = (),
) -> None:
    """A stack set that is no baseline, with an instance in an account each."""
    organization.expect(AUTOMATIC, "not_applicable", resource=name)
    organization.expect(CURRENT, current, resource=name)
    organization.put(
        STACK_SETS,
        {
            "StackSetName": name,
            "StackSetId": f"{name}:{organization.uuid(name)}",
            "Status": "ACTIVE",
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": {"Enabled": False},
            "Tags": [],
            "Regions": list(organization.world.regions[:1]),
            "StackSetDriftDetectionDetails": in_sync(organization, len(instances)),
            "_instances": [
                _instance(organization, name, account, *statuses)
                for account, statuses in zip(ACCOUNTS, instances, strict=False)
            ],
            "_operations": list(operations),
        },
    )


def _instance(
    organization: OrganizationPlace, name: str, account: str, status: str, detailed: str | None
) -> Record:
    return {
        "StackSetId": f"{name}:{organization.uuid(name)}",
        "Account": account,
        "Region": organization.world.regions[0],
        "Status": status,
        "StackInstanceStatus": {"DetailedStatus": detailed} if detailed else None,
    }


def _operation(
    organization: OrganizationPlace, begun: datetime, status: str = "SUCCEEDED", **changed: Any
) -> Record:
    return {
        "OperationId": organization.uuid(f"operation {begun} {status} {sorted(changed)}"),
        "Action": "UPDATE",
        "Status": status,
        "CreationTimestamp": begun,
        "EndTimestamp": begun + timedelta(minutes=20),
        "StatusDetails": {"FailedStackInstancesCount": 0},
        "OperationPreferences": {"FailureTolerancePercentage": 20, "MaxConcurrentPercentage": 50},
        **changed,
    }


def _expect_run(
    organization: OrganizationPlace, name: str, status: str, begun: datetime
) -> datetime:
    """The answer as long as the operation is within the window."""
    last = begun + WINDOW + MOMENT
    organization.expect(SUCCEED, status, resource=name, until=last, then="not_applicable")
    return begun


@runs.variant("steady")
def steady(organization: OrganizationPlace) -> None:
    begun = _expect_run(organization, "guardrails", "pass", organization.ago(days=80))
    later = organization.ago(days=3)
    operations = [
        _operation(organization, later, "RUNNING", StatusDetails=None),
        _operation(organization, later, "FAILED", Action="DETECT_DRIFT"),
        _operation(organization, begun),
        _operation(organization, organization.ago(days=88), "FAILED"),
    ]
    skipped = ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT")
    _put(organization, "guardrails", "pass", [DONE, ("CURRENT", None), skipped], operations)
    _put_others(organization)


@runs.variant("stumbling")
def stumbling(organization: OrganizationPlace) -> None:
    begun = _expect_run(organization, "guardrails", "fail", organization.ago(days=2))
    failed: Record = {"StatusDetails": {"FailedStackInstancesCount": 2}}
    operations = [
        _operation(organization, organization.ago(days=60)),
        _operation(organization, begun, "FAILED", **failed),
    ]
    behind = [DONE, ("OUTDATED", "FAILED"), ("OUTDATED", "CANCELLED"), ("CURRENT", "FAILED")]
    _put(organization, "guardrails", "fail", behind, operations)
    _put_others(organization)


def _put_others(organization: OrganizationPlace) -> None:
    """One that is stale, that hurries, that counts accounts, and that AWS tells little of."""
    stale = organization.ago(days=90, seconds=1)
    organization.expect(SUCCEED, "not_applicable", resource="agents")
    stuck = [("INOPERABLE", "INOPERABLE"), DONE]
    _put(organization, "agents", "fail", stuck, [_operation(organization, stale, "FAILED")])
    hurried: Record = {"OperationPreferences": {"MaxConcurrentPercentage": 51}}
    begun = _expect_run(organization, "dashboards", "fail", organization.ago(days=10))
    suspended = [("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT")]
    hurry = [_operation(organization, begun, **hurried)]
    _put(organization, "dashboards", "not_applicable", suspended, hurry)
    counted: Record = {
        "OperationPreferences": {"FailureToleranceCount": 0, "MaxConcurrentCount": 2}
    }
    begun = _expect_run(organization, "roles", "pass", organization.ago(days=11))
    _put(organization, "roles", "pass", [DONE] * 4, [_operation(organization, begun, **counted)])
    begun = _expect_run(organization, "tags", "unknown", organization.ago(days=12))
    silent: Record = {"StatusDetails": None, "OperationPreferences": None}
    _put(organization, "tags", "pass", [DONE], [_operation(organization, begun, **silent)])


@default_answers(STACK_SETS)
def answers(organization: OrganizationPlace, stack_set: Record) -> None:
    """Other stack sets have neither instances nor operations to tell of."""
    if stack_set["Status"] == "ACTIVE" and "_instances" not in stack_set:
        for check in (CURRENT, SUCCEED):
            organization.expect(check, "not_applicable", resource=stack_set["StackSetName"])
