"""Instances of stack sets and operations on them: `_instances` and `_operations` of a stack set."""

from typing import Any

from simulator.operations.base import Call, operation
from simulator.operations.cloudformation_stack_sets import stack_set

_TOKENS: dict[str, Any] = {"bad_token": "ValidationError"}


@operation("cloudformation", "ListStackInstances")
def list_stack_instances(call: Call) -> dict[str, Any]:
    found = stack_set(call).get("_instances", [])
    return call.page(found, "Summaries", size=3, **_TOKENS)


@operation("cloudformation", "ListStackSetOperations")
def list_stack_set_operations(call: Call) -> dict[str, Any]:
    found = stack_set(call).get("_operations", [])
    return call.page(found, "Summaries", size=2, **_TOKENS)
