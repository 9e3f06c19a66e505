"""By when findings are to be remedied, by the organization's rules and the clocks of episodes."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import require
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import Episode, SlaRule
from findings.services.nudges import nudge_on_commit
from findings.ticketing.sla import Rules, days_of, due_date

STATE = ("severity", "environment", "days")
REFRESH = "workers.tasks.tickets.refresh"


@transaction.atomic
def sla_rule_save(*, actor: User | None, rule: SlaRule, now: datetime) -> SlaRule:
    """Save a new or changed rule. Raises ValidationError.

    Live tickets take it over soon afterwards.
    """
    require(actor, Permission.ADMINISTER, on=rule.organization)
    stored = SlaRule.objects.filter(pk=rule.pk).first()
    rule.full_clean()
    rule.save()
    audit_record(
        actor=actor,
        action="sla_rule.change" if stored else "sla_rule.add",
        target=rule,
        before=fields_of(stored, STATE) if stored else None,
        after=fields_of(rule, STATE),
        now=now,
    )
    nudge_on_commit(REFRESH, rule.organization_id)
    return rule


@transaction.atomic
def sla_rule_delete(*, actor: User | None, rule: SlaRule, now: datetime) -> None:
    require(actor, Permission.ADMINISTER, on=rule.organization)
    audit_record(
        actor=actor,
        action="sla_rule.delete",
        target=rule,
        before=fields_of(rule, STATE),
        after=None,
        now=now,
    )
    rule.delete()
    nudge_on_commit(REFRESH, rule.organization_id)


def rules_of(organization: Organization) -> Rules:
    rows = SlaRule.objects.filter(organization=organization)
    return {
        (severity, environment): days
        for severity, environment, days in rows.values_list("severity", "environment", "days")
    }


def episode_due(episode: Episode, organization: Organization, rules: Rules) -> date | None:
    """The last day on which its remedy is in time; None where it is never due."""
    finding = episode.finding
    days = days_of(rules, finding.severity, finding.account.environment)
    return due_date(episode.clock_starts_at, days, organization.time_zone)
