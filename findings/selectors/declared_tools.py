"""Declared tools as pages and the API tell of them: how they stand, and for which checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.catalogue.tools import Tool
from findings.checks.base import Registry
from findings.models import DeclaredTool
from findings.selectors.scopes import covers

SHOWN_OVER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLine:
    """One declaration: its state, the checks it stands in for, and whether the person may end it.

    ``checks`` holds ids.
    """

    tool: DeclaredTool
    state: DeclaredTool.State
    checks: tuple[str, ...]
    may_end: bool

    @property
    def is_over(self) -> bool:
        return self.state in (DeclaredTool.State.ENDED, DeclaredTool.State.LAPSED)


def tools_seen(user: User | AnonymousUser) -> QuerySet[DeclaredTool]:
    related = ("organization", "ou", "account", "owner_team", "owner")
    return DeclaredTool.objects.visible_to(user).select_related(*related)


def tool_lines(user: User, registry: Registry, now: datetime) -> list[ToolLine]:
    """What stands in or will, the earliest end first; then what was over last."""
    seen = tools_seen(user)
    standing = list(seen.not_over(now).order_by("ends_on", "id"))  # type: ignore[attr-defined]
    over = seen.exclude(pk__in=[tool.pk for tool in standing]).order_by("-ends_on", "-id")
    reach, checks = reach_of(user, Permission.ADMINISTER), checks_by_tool(registry)
    lines = [
        ToolLine(
            tool=tool,
            state=tool.state(now),
            checks=checks[Tool(tool.kind)],
            may_end=covers(reach, tool.target) and tool.ended_at is None and now < tool.ends_at,
        )
        for tool in [*standing, *over[:SHOWN_OVER]]
    ]
    return sorted(lines, key=lambda line: line.is_over)


def checks_by_tool(registry: Registry) -> dict[Tool, tuple[str, ...]]:
    """Kind of tool -> ids of the checks that it may stand in for."""
    return {
        kind: tuple(id_ for id_, found in registry.items() if kind in found.check.alternatives)
        for kind in Tool
    }
