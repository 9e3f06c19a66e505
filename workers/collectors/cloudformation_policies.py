"""Collector of stack policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation_policies import PolicyStatement, StackPolicy
from workers.collectors.base import Collector, Response, Session, pick, unread
from workers.collectors.cloudformation import (
    STACK_LISTINGS,
    handle_of,
    is_gone,
    standing_stacks,
)
from workers.collectors.cloudformation_templates import WITHOUT_TEMPLATE

CONDITIONS = ("StringEquals", "StringLike")
UNREADABLE = Gap(
    kind=StackPolicy.kind,
    reason=GapReason.NOT_IN_SCHEMA,
    operation="cloudformation:GetStackPolicy",
    code="UnreadablePolicy",
)


@Collector(
    fact=StackPolicy,
    operations=(*STACK_LISTINGS, "cloudformation:GetStackPolicy"),
)
def stack_policies(session: Session) -> Iterator[StackPolicy]:
    client = session.client("cloudformation")
    for stack in standing_stacks(session):
        if stack["StackStatus"] in WITHOUT_TEMPLATE:
            continue
        try:
            response = session.detail(client.get_stack_policy, StackName=handle_of(stack))
        except ClientError as error:
            if is_gone(error):
                continue
            raise
        yield parse_stack_policy(stack["StackName"], response)


def parse_stack_policy(stack: str, response: Response | Gap) -> StackPolicy:
    """What is no policy as AWS describes it is not known, rather than left out."""
    body = pick(response, "StackPolicyBody")
    if isinstance(body, Gap):
        return unread(StackPolicy, body, stack=stack)
    try:
        statements = tuple(map(_statement, _statements(body))) if body else None
    except (KeyError, TypeError, ValueError):
        return unread(StackPolicy, UNREADABLE, stack=stack)
    return StackPolicy(stack=stack, statements=statements)


def _statements(body: str) -> list[Any]:
    found = json.loads(body)["Statement"]
    return found if isinstance(found, list) else [found]


def _statement(raw: Mapping[str, Any]) -> PolicyStatement:
    actions, is_other_action = _either(raw, "Action")
    resources, is_other_resource = _either(raw, "Resource")
    if raw["Effect"] not in ("Allow", "Deny"):
        raise ValueError(raw["Effect"])
    return PolicyStatement(
        effect=raw["Effect"],
        actions=actions,
        is_other_action=is_other_action,
        resources=resources,
        is_other_resource=is_other_resource,
        resource_types=_types(raw.get("Condition") or {}),
    )


def _either(raw: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], bool]:
    """An element, or its negation; a statement has one of the two."""
    is_other = name not in raw
    return _texts(raw[f"Not{name}" if is_other else name]), is_other


def _types(condition: Mapping[str, Any]) -> tuple[str, ...]:
    """The only condition that stack policies know is the type of the resource."""
    if not condition:
        return ()
    ((operator, test),) = condition.items()
    ((key, types),) = test.items()
    if operator not in CONDITIONS or key != "ResourceType":
        raise ValueError(f"{operator} {key}")
    return _texts(types)


def _texts(value: Any) -> tuple[str, ...]:
    texts = tuple(value) if isinstance(value, list) else (value,)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise TypeError(value)
    return texts
