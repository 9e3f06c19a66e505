"""Stacks judged at their root, together with the stacks nested below it."""

from __future__ import annotations

from collections.abc import Callable

from findings.checks.outcomes import Outcome, all_of, part
from findings.facts.base import Facts
from findings.facts.cloudformation import Stack

OF_STACK_SET = "StackSet-"
"""With what CloudFormation begins the names of the stacks that a stack set makes."""


def of_tree(root: Stack, facts: Facts, judge: Callable[[Stack], Outcome]) -> Outcome:
    """What is said of a root stack and of each one below it; what does not apply does not count.

    The names of nested stacks end in letters by chance, so they are no subjects of their own.
    """

    def below() -> Outcome:
        nested = [stack for stack in facts.of(Stack) if stack.root_id == root.id]
        return all_of(*(part(stack.name, lambda each=stack: judge(each)) for stack in nested))  # type: ignore[misc]

    return all_of(part("stack", lambda: judge(root)), part("nested stacks", below))
