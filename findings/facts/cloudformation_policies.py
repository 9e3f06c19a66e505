"""Stack policies: which resources of a stack no update may change, replace or delete."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from findings.facts.base import Fact, Record


class PolicyStatement(Record):
    """A statement of a stack policy; its lists may hold wildcards.

    ``is_other_action`` and ``is_other_resource``: all but those listed are meant (NotAction,
    NotResource). ``resource_types`` is its condition, empty where it has none.
    """

    effect: str
    actions: tuple[str, ...]
    is_other_action: bool
    resources: tuple[str, ...]
    is_other_resource: bool
    resource_types: tuple[str, ...]

    def covers(self, action: str, logical_id: str, type_: str) -> bool:
        listed = _matches(action.lower(), (pattern.lower() for pattern in self.actions))
        named = _matches(f"LogicalResourceId/{logical_id}", self.resources)
        return (
            listed is not self.is_other_action
            and named is not self.is_other_resource
            and (not self.resource_types or _matches(type_, self.resource_types))
        )


def _matches(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


class StackPolicy(Fact, kind="cloudformation.stack_policy", identity=("stack",)):
    """The stack policy of a deployed stack, nested ones included; None where it has none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    """

    stack: str
    statements: tuple[PolicyStatement, ...] | None

    def refuses(self, action: str, logical_id: str, type_: str) -> bool:
        """Whether an update is kept from doing this (``Update:Delete``) to a resource.

        A policy refuses all that it does not allow; without any policy all is allowed.
        """
        if self.statements is None:
            return False
        effects = {s.effect for s in self.statements if s.covers(action, logical_id, type_)}
        return "Deny" in effects or "Allow" not in effects
