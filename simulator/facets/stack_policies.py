"""Stack policies of stacks that hold data, in production."""

import json
from collections.abc import Iterator

from simulator.facets.base import Facet, default_answers
from simulator.facets.production import in_production, is_production
from simulator.facets.stack_records import ALLOW, DENY, GUARDED, NESTED, nested_in, put_stack
from simulator.places import Place, Record

policies = Facet("cloudformation.stacks.policies")

GUARDS = "cloudformation_stack_policy_set"
BOTH = ["Update:Replace", "Update:Delete"]
STATEFUL = (
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::EFS::FileSystem",
    "AWS::KMS::Key",
    "AWS::OpenSearchService::Domain",
    "AWS::ElastiCache::ReplicationGroup",
)


@default_answers("cloudformation.stacks")
def usual(place: Place, stack: Record) -> None:
    """Of stacks whose policies, where they have one, guard everything."""
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    name, status = stack["StackName"], "not_applicable"
    if "ParentId" not in stack and _is_in_production(place, stack):
        held = [found for found in _tree(place, stack) if _holds_data(found)]
        is_guarded = all(found.get("_policy") == GUARDED for found in held)
        status = ("pass" if is_guarded else "fail") if held else status
    place.expect(GUARDS, status, resource=name)


def _is_in_production(place: Place, stack: Record) -> bool:
    tags = {tag["Key"]: tag["Value"].lower() for tag in stack.get("Tags") or ()}
    return is_production(place.account) or tags.get("Environment") in ("prod", "production")


def _tree(place: Place, root: Record) -> Iterator[Record]:
    yield root
    for stack in place.all("cloudformation.stacks"):
        if stack.get("RootId") == root["StackId"]:
            yield stack


def _holds_data(stack: Record) -> bool:
    """A member of a database cluster holds none of its own."""
    text = stack.get("_template", "{}")
    if not text.startswith("{"):
        return any(type_ in text for type_ in STATEFUL)
    return any(
        declared["Type"] in STATEFUL and "DBClusterIdentifier" not in declared.get("Properties", {})
        for declared in json.loads(text).get("Resources", {}).values()
    )


def _policy(*actions: str, resource: str = "*", **members: object) -> str:
    deny = {**DENY, "Action": list(actions), "Resource": resource, **members}
    return json.dumps({"Statement": [ALLOW, deny]})


def _put(place: Place, name: str, status: str, policy: str | None) -> None:
    put_stack(place, name, {GUARDS: in_production(place, status)}, _policy=policy)


@policies.variant("guarded", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def guarded(place: Place) -> None:
    """By name, by type, and by not being allowed."""
    _put(place, "vault", "pass", _policy(*BOTH, resource="LogicalResourceId/Da*"))
    bucket = {"StringLike": {"ResourceType": ["AWS::S3::*"]}}
    _put(place, "vault-keys", "pass", _policy("Update:*", Condition=bucket))
    modify = {**ALLOW, "Action": "Update:Modify"}
    _put(place, "vault-logs", "pass", json.dumps({"Statement": modify}))


@policies.variant("open", characters={"ordinary": 2, "neglected": 3})
def open_(place: Place) -> None:
    """To one of the two, to another resource, without any policy, and below."""
    _put(place, "vault", "fail", _policy("Update:Delete"))
    _put(place, "vault-keys", "fail", _policy(*BOTH, resource="LogicalResourceId/Keys"))
    _put(place, "vault-logs", "fail", None)
    _put(place, "vault-index", "fail", GUARDED)
    put_stack(
        place,
        "vault-index-data",
        {**NESTED, GUARDS: "not_applicable"},
        _policy=None,
        **nested_in(place, "vault-index"),
    )


@policies.variant("not_understood", characters={"ordinary": 1, "new": 1})
def not_understood(place: Place) -> None:
    """A policy with a condition that AWS does not describe."""
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "data"}}
    _put(place, "vault", "unknown", _policy(*BOTH, Condition=condition))
