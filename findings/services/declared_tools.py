"""Tools outside AWS that stand in for checks: declared with an owner and an end, judged at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import can, require
from accounts.models import Account, Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.catalogue.tools import Tool
from findings.facts.declared import Declared
from findings.models import DeclaredTool
from findings.models.places import reaches
from findings.services.nudges import nudge_on_commit
from findings.services.overrides import REASSESS

FIELDS = (
    "organization",
    "ou",
    "account",
    "kind",
    "name",
    "owner_team",
    "owner",
    "reason",
    "starts_on",
    "ends_on",
)


class ToolIsOver(ValueError):
    """It has ended already; the message says when."""


@transaction.atomic
def tool_declare(*, actor: User | None, tool: DeclaredTool, now: datetime) -> DeclaredTool:
    """Save a new declaration and have the evidence judged by it. Raises ValidationError by field.

    The target is an account, an OU with all below it, or the whole organization; without a first
    day it is today.
    """
    require(actor, Permission.ADMINISTER, on=tool.target)
    tool.name, tool.reason = tool.name.strip(), tool.reason.strip()
    tool.starts_on = tool.starts_on or now.astimezone(tool.time_zone).date()
    tool.declared_by, tool.declared_at = actor, now
    tool.full_clean(exclude=["declared_by"])
    if tool.ends_at <= now:
        raise ValidationError({"ends_on": "This day is over."})
    if tool.owner and not can(tool.owner, Permission.VIEW, on=tool.organization):
        raise ValidationError({"owner": f"{tool.owner} may see nothing of {tool.organization}."})
    tool.save(force_insert=True)
    after = fields_of(tool, FIELDS)
    audit_record(actor=actor, action="tool.declare", target=tool, before=None, after=after, now=now)
    nudge_on_commit(REASSESS, tool.organization_id)
    return tool


@transaction.atomic
def tool_end(*, actor: User | None, tool: DeclaredTool, now: datetime) -> DeclaredTool:
    """End it before its last day: its checks apply again. Raises ToolIsOver."""
    require(actor, Permission.ADMINISTER, on=tool.target)
    held = DeclaredTool.objects.select_for_update(of=("self",)).get(pk=tool.pk)
    if held.state(now) in (DeclaredTool.State.ENDED, DeclaredTool.State.LAPSED):
        over = held.ended_at or held.ends_at
        raise ToolIsOver(f"{held.name} has ended already, {over:%Y-%m-%d %H:%M}.")
    tool.ended_at = now
    tool.save(update_fields=["ended_at"])
    audit_record(
        actor=actor,
        action="tool.end",
        target=tool,
        before={"ends_on": tool.ends_on},
        after={"ended_at": now},
        now=now,
    )
    nudge_on_commit(REASSESS, tool.organization_id)
    return tool


def tools_of(
    organization: Organization, accounts: Iterable[Account], now: datetime
) -> Mapping[str, tuple[Declared, ...]]:
    """Account id -> tools that stand in there now, or will."""
    rows = DeclaredTool.objects.filter(organization=organization).not_over(now)
    known = [(row, _declared(row)) for row in rows.select_related("organization", "ou")]
    return {
        account.account_id: tuple(told for row, told in known if reaches(row, account))
        for account in accounts
    }


def _declared(row: DeclaredTool) -> Declared:
    return Declared(
        kind=Tool(row.kind),
        name=row.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        last_day=row.ends_on,
        is_organization_wide=row.ou_id is None and row.account_id is None,
    )
