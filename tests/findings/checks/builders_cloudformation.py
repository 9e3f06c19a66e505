"""Stacks, templates, change sets and stack sets for the tables of the checks."""

from findings.facts.cloudformation import (
    ChangeSet,
    ChangeSets,
    ChangeSetSize,
    DriftedResource,
    PendingChange,
    Stack,
    StackHistory,
    StackOperation,
    StackSet,
    Template,
    TemplateParameter,
    TemplateResource,
)
from findings.facts.cloudformation_policies import PolicyStatement, StackPolicy
from findings.facts.cloudformation_stack_sets import (
    StackInstance,
    StackInstances,
    StackSetOperation,
    StackSetRun,
)
from tests.findings.checks.cases import ACCOUNT, REGION, ago

YESTERDAY = ago(days=1)


def stack_id(name):
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1"


def stack(name="shop", **fields):
    given = {
        "id": stack_id(name),
        "status": "UPDATE_COMPLETE",
        "status_reason": None,
        "description": None,
        "created_at": ago(days=200),
        "updated_at": ago(days=20),
        "deletion_started_at": None,
        "parent_id": None,
        "root_id": None,
        "tags": {},
        "role_arn": None,
        "notification_arns": (),
        "capabilities": (),
        "is_termination_protected": False,
        "is_rollback_disabled": False,
        "rollback_triggers": (),
        "rollback_monitoring_minutes": None,
        "change_set_id": None,
        "last_operations": (),
        "outputs": (),
        "secret_rules": 1,
        "output_secrets": (),
        "bootstrap_version": None,
        "drift_status": "NOT_CHECKED",
        "drift_checked_at": None,
        "drifted_resources": None,
    }
    return Stack(name=name, **(given | fields))


def nested(name="shop-network", **fields):
    return stack(name, **({"parent_id": stack_id("shop"), "root_id": stack_id("shop")} | fields))


def drifted(type_="AWS::SNS::Topic", logical_id="Topic", status="MODIFIED"):
    return DriftedResource(logical_id=logical_id, type=type_, status=status, differences=())


def resource(type_="AWS::S3::Bucket", logical_id="Data", **fields):
    given = {
        "deletion_policy": "Retain",
        "update_replace_policy": "Retain",
        "is_cluster_member": False,
        "runtime": None,
    }
    return TemplateResource(type=type_, logical_id=logical_id, **(given | fields))


def parameter(name="DatabasePassword", **fields):
    given = {"type": "String", "is_hidden": True, "default": "none"}
    return TemplateParameter(name=name, **(given | fields))


def function(runtime="python3.13", logical_id="Function", **fields):
    return resource("AWS::Lambda::Function", logical_id, runtime=runtime, **fields)


def template(*resources, name="shop", **fields):
    given = {"size": 1000, "metadata": {}, "parameters": (), "unresolved_runtimes": ()}
    return Template(stack=name, resources=resources, **(given | fields))


def statement(effect="Deny", actions=("Update:Replace", "Update:Delete"), **fields):
    given = {
        "is_other_action": False,
        "resources": ("*",),
        "is_other_resource": False,
        "resource_types": (),
    }
    return PolicyStatement(effect=effect, actions=tuple(actions), **(given | fields))


def stack_policy(*statements, name="shop"):
    return StackPolicy(stack=name, statements=statements or None)


def change_set(name="release", created_at=YESTERDAY, execution_status="AVAILABLE"):
    return ChangeSet(
        name=name,
        status="CREATE_COMPLETE",
        execution_status=execution_status,
        created_at=created_at,
    )


def change(action="Modify", replacement=None, type_="AWS::S3::Bucket", logical_id="Data"):
    return PendingChange(
        change_set="release",
        logical_id=logical_id,
        type=type_,
        action=action,
        replacement=replacement,
        policy_action=None,
    )


def change_set_size(changes=3, created_at=YESTERDAY, name="release"):
    return ChangeSetSize(change_set=name, created_at=created_at, changes=changes)


def change_sets(*found, changes=(), sizes=(), name="shop"):
    return ChangeSets(stack=name, change_sets=found, pending_changes=changes, sizes=sizes)


def operation(status="UPDATE_COMPLETE", ended_at=None, name="shop"):
    return StackOperation(
        stack=name,
        started_at=None,
        ended_at=ended_at or ago(days=3),
        status=status,
        first_failure=None,
    )


def stack_history(*operations, region=REGION, **fields):
    given = {"known_from": ago(days=30), "known_until": ago(), "operations": operations}
    return StackHistory(region=region, **(given | fields))


def stack_set(name="baseline-audit", **fields):
    given = {
        "id": f"{name}:1",
        "permission_model": "SERVICE_MANAGED",
        "deploys_automatically": True,
        "tags": {},
        "drift_status": "NOT_CHECKED",
        "drift_checked_at": None,
        "drifted_instances": None,
        "failed_instances": None,
        "instances": None,
        "regions": ("eu-west-1",),
    }
    return StackSet(name=name, **(given | fields))


def stack_instance(status="OUTDATED", detailed_status="FAILED", account=ACCOUNT, region=REGION):
    return StackInstance(
        account=account, region=region, status=status, detailed_status=detailed_status
    )


def stack_instances(*others, total=10, accounts=10, name="baseline-audit"):
    return StackInstances(stack_set=name, total=total, accounts=accounts, others=others)


def stack_set_run(name="baseline-audit", **fields):
    given = {
        "action": "UPDATE",
        "status": "SUCCEEDED",
        "started_at": YESTERDAY,
        "failed_instances": 0,
        "tolerated_count": None,
        "tolerated_percent": None,
        "concurrent_count": None,
        "concurrent_percent": None,
    }
    return StackSetRun(stack_set=name, latest=StackSetOperation(**(given | fields)))
