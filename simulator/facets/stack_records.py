"""How a stack is put, and what the checks that look at every stack say of an ordinary one."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from simulator.facets.production import in_production, is_production
from simulator.organization import Character
from simulator.places import Place, Record, Spot

HEALTHY = "cloudformation_stack_status_healthy"
PROTECTED = "cloudformation_stack_termination_protected"
POLICY = "cloudformation_stateful_resource_deletion_policy"
DRIFT = "cloudformation_stack_drift_in_sync"
PENDING = "cloudformation_changeset_no_stale_pending"
REVIEWED = "cloudformation_changeset_replacement_reviewed"
TRACED = "cloudformation_template_version_traceable"
NOTIFIED = "cloudformation_stack_change_notified"

WELL_KEPT = (Character.EXEMPLARY, Character.LOCKED_DOWN)
"""Characters of accounts whose stacks act through a role, guard data and tell whose they are."""

MOMENT = timedelta(microseconds=1)
STACK = "AWS::CloudFormation::Stack"
NOT_YET_DEPLOYED = {PROTECTED: "not_applicable", DRIFT: "not_applicable", TRACED: "not_applicable"}
NESTED = {
    PROTECTED: "not_applicable",
    TRACED: "not_applicable",
    PENDING: "not_applicable",
    REVIEWED: "not_applicable",
    NOTIFIED: "not_applicable",
}


class Until(NamedTuple):
    """An answer that another takes the place of after `last`, by time alone."""

    status: str
    last: datetime
    then: str


Answers = Mapping[str, str | Until | None]


def template(**resources: Record) -> str:
    """A template of resources by logical id."""
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


def resource(type_: str, *policies: str, **properties: Any) -> Record:
    """A declared resource; `policies` are its DeletionPolicy and UpdateReplacePolicy."""
    names = ("DeletionPolicy", "UpdateReplacePolicy")
    given = dict(zip(names, policies, strict=False))
    return {"Type": type_, "Properties": properties, **given}


RETAINED = template(Data=resource("AWS::S3::Bucket", "Retain", "Retain"))


ALLOW = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"]}
GUARDED = json.dumps({"Statement": [ALLOW, DENY]})
"""A stack policy that refuses to replace or delete anything."""


def leave_unused(place: Place) -> None:
    """From now on `put_stack` puts nothing here."""
    place.put("cloudformation.unused", {})


def is_unused(place: Place) -> bool:
    return bool(place.all("cloudformation.unused"))


def stack_id(place: Place, name: str) -> str:
    return place.arn("cloudformation", f"stack/{name}/{place.uuid(f'stack {name}')}")


def put_stack(place: Place, name: str, answers: Answers | None = None, **changed: Any) -> Record:
    """An ordinary stack with what differs, and its answers with those that differ.

    An answer of None says that the check has no subject here.
    """
    stack = _ordinary(place, name) | changed
    if is_unused(place):
        return stack
    for check, answer in {**_ordinary_answers(place), **(answers or {})}.items():
        if isinstance(answer, Until):
            after = answer.last + MOMENT
            place.expect(check, answer.status, resource=name, until=after, then=answer.then)
        elif answer is not None:
            place.expect(check, answer, resource=name)
    return place.put("cloudformation.stacks", stack)


def expect_turns(
    spot: Spot, check: str, turns: Iterable[tuple[str, datetime]], final: str, resource: str = ""
) -> None:
    """Each status up to its last instant, in their order, and at the end the final one."""
    ahead = [(status, last) for status, last in turns if last >= spot.ago()]
    statuses = [*(status for status, _ in ahead), final]
    instants = [last + MOMENT for _, last in ahead]
    if not ahead:
        spot.expect(check, final, resource=resource)
        return
    later = tuple(zip(instants[1:], statuses[2:], strict=True))
    spot.expect(check, statuses[0], resource, until=instants[0], then=statuses[1], later=later)


def _ordinary(place: Place, name: str) -> Record:
    is_well_kept = place.account.character in WELL_KEPT
    role = f"arn:aws:iam::{place.account.id}:role/deployment"
    return {
        "StackId": stack_id(place, name),
        "StackName": name,
        "Description": f"The {name} of {place.account.name}",
        "CreationTime": place.ago(days=200),
        "LastUpdatedTime": place.ago(days=40),
        "RollbackConfiguration": {},
        "StackStatus": "UPDATE_COMPLETE",
        "DisableRollback": False,
        "NotificationARNs": [place.arn("sns", "stack-events")],
        "Capabilities": ["CAPABILITY_IAM"],
        "Tags": [{"Key": key, "Value": value} for key, value in _tags(place, name).items()],
        "RoleARN": role if is_well_kept else None,
        "EnableTerminationProtection": True,
        "DriftInformation": {
            "StackDriftStatus": "IN_SYNC",
            "LastCheckTimestamp": place.moving(hours=2),
        },
        "_template": RETAINED,
        "_policy": GUARDED if is_well_kept else None,
    }


def _tags(place: Place, name: str) -> dict[str, str]:
    tags = {"GitCommit": place.hexadecimal(f"commit {name}", 40)}
    if place.account.character in WELL_KEPT:
        environment = "production" if is_production(place.account) else "test"
        tags |= {"Owner": place.account.name, "Environment": environment}
    return tags


def _ordinary_answers(place: Place) -> Answers:
    return {
        HEALTHY: "pass",
        PROTECTED: in_production(place, "pass"),
        POLICY: "pass",
        DRIFT: "pass",
        PENDING: "not_applicable",
        REVIEWED: "not_applicable",
        TRACED: "pass",
        NOTIFIED: "pass",
    }


def nested_in(place: Place, root: str) -> Record:
    """What makes a stack nested directly in its root."""
    return {"ParentId": stack_id(place, root), "RootId": stack_id(place, root)}


def put_deleted(place: Place, name: str, deleted: datetime, **changed: Any) -> Record:
    """A stack of which ListStacks still tells, and no check says anything."""
    answers: Answers = dict.fromkeys(_ordinary_answers(place))
    gone: Record = {"StackStatus": "DELETE_COMPLETE", "DeletionTime": deleted, **changed}
    return put_stack(place, name, answers, **gone)


def put_review(
    place: Place, name: str, created: datetime, answers: Answers, **changed: Any
) -> Record:
    """A stack that a change set made and that was never deployed."""
    stack = put_stack(
        place,
        name,
        {**NOT_YET_DEPLOYED, POLICY: None, **answers},
        StackStatus="REVIEW_IN_PROGRESS",
        CreationTime=created,
        LastUpdatedTime=None,
        DriftInformation={"StackDriftStatus": "NOT_CHECKED"},
        **changed,
    )
    del stack["_template"]
    return stack
